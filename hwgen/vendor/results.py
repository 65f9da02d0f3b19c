"""What import-reports left in an output folder, and whether it still is of the tree that lies there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hwgen.errors import UsageError
from hwgen.files import MANIFEST, hash_file, sha256_of
from hwgen.vendor.imports import FILE, FOLDER
from hwgen.vendor.rows import SECTIONS

_AGAIN = "run hwgen synth or hwgen import-reports again"


def tree_sha256(firmware: Path) -> str:
    """Hash of the generated files of a tree as they lie; what tools left beside them does not count.

    Args:
        firmware: the tree, with its manifest.
    """
    names = sorted(json.loads((firmware / MANIFEST).read_text())["files"])
    return sha256_of({name: hash_file(firmware / name) for name in names if (firmware / name).is_file()})


def read_vendor(out: Path) -> dict[str, Any] | None:
    """The content of synthesis/vendor.json; None if there is none.

    Args:
        out: the output folder.
    Raises:
        UsageError: it is damaged, of other firmware, or of files that were edited since.
    """
    path = out / FOLDER / FILE
    try:
        found: dict[str, Any] = json.loads(path.read_text())
        told, tree = found["firmware_sha256"], found["tree_sha256"]
        if not all(section in found for section in ("runs", *SECTIONS)):
            raise UsageError(str(path), "is damaged", _AGAIN)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(str(path), "is damaged", _AGAIN) from error
    try:
        firmware = json.loads((out / "firmware" / MANIFEST).read_text())["inputs_sha256"]
        now = tree_sha256(out / "firmware")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(str(path), "belongs to firmware that is not there", _AGAIN) from error
    if told != firmware:
        problem = f"belongs to firmware {str(told)[:16]}, but firmware/ is of {firmware[:16]}"
        raise UsageError(str(path), problem, _AGAIN)
    if tree != now:
        raise UsageError(str(path), "was made before firmware/ was edited", _AGAIN)
    return found
