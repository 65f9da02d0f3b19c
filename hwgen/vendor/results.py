"""What import-reports left in an output folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hwgen.vendor.imports import FILE, FOLDER


def read_vendor(out: Path) -> dict[str, Any] | None:
    """The content of synthesis/vendor.json, if it is of the firmware that lies there.

    Args:
        out: the output folder.
    """
    try:
        found: dict[str, Any] = json.loads((out / FOLDER / FILE).read_text())
        firmware = json.loads((out / "firmware" / "manifest.json").read_text())["inputs_sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if found.get("firmware_sha256") == firmware else None
