"""What a generated tree was, what it is now, and keeping a designer's edits."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from hwgen.files import MANIFEST, file_hashes, sha256_of


@dataclass(frozen=True)
class TreeState:
    """A tree against its manifest; all paths relative to it, sorted.

    Args:
        touched: generated files whose content is another one now, or that are gone.
        added: files that were not generated, for example what a vendor tool left.
    """

    touched: list[str]
    added: list[str]

    @property
    def as_generated(self) -> bool:
        """Whether nothing would be lost if the tree were written anew."""
        return not (self.touched or self.added)


def tree_sha256(folder: Path) -> str:
    """Hash of a tree as it lies: names and contents."""
    return sha256_of(file_hashes(folder))


def tree_state(folder: Path) -> TreeState:
    """Compares a tree with its manifest. Without a readable manifest all files count as added."""
    from hwgen.firmware import edited_files

    now = file_hashes(folder)
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        planned = set(manifest["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return TreeState([], sorted(now))
    now.pop(MANIFEST, None)
    edited = edited_files(now, manifest)
    return TreeState(
        [name for name in edited if name in planned], [name for name in edited if name not in planned]
    )


def set_aside(folder: Path) -> Path:
    """Renames a tree to the first free of firmware.edited, firmware.edited2, ...; returns the new path."""
    number = 1
    while True:
        target = folder.with_name(f"{folder.name}.edited{'' if number == 1 else number}")
        if not target.exists():
            return folder.rename(target)
        number += 1


def listed(names: list[str], most: int = 5) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
