"""Finds the material that is not Python: `models`, `firmware_templates`, `sim`.

In a checkout and an editable install it lies beside the package; a wheel carries it inside.
"""

from __future__ import annotations

from pathlib import Path

from hwgen.errors import HwgenError
from hwgen.files import file_hashes, sha256_of

KINDS = ("models", "firmware_templates", "sim")
_PACKAGE = Path(__file__).resolve().parent


def material(kind: str) -> Path:
    """Folder of one kind of material, wherever hwgen is installed.

    Args:
        kind: one of `KINDS`.
    """
    if kind not in KINDS:
        raise HwgenError("material", f"unknown kind {kind!r}", f"one of {', '.join(KINDS)}")
    packaged = _PACKAGE / "_material" / kind
    folder = packaged if packaged.is_dir() else _PACKAGE.parent / kind
    if not folder.is_dir():
        raise HwgenError("installation", f"the folder {kind} is missing", "install hwgen again")
    return folder


def code_sha256(*packages: str) -> str:
    """Hash of the sources and templates of some packages of hwgen: results of other code are not reused.

    Args:
        packages: folders inside the package, such as `simulation`.
    """
    return sha256_of({package: file_hashes(_PACKAGE / package, without=".pyc") for package in packages})
