"""Versions of what made the results."""

from __future__ import annotations

import platform
from importlib import metadata

from hwgen import __version__

PACKAGES = ("hls4ml", "matplotlib", "numpy", "qkeras", "scikit-learn", "tensorflow", "tf-keras")
"""What has a say in the numbers, by the name it is installed under."""


def versions() -> dict[str, str]:
    """Name -> version; packages that are not installed are left out."""
    found = {"hwgen": __version__, "python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
