"""The output folder: where each step's files lie, its lock, and the remains of killed runs."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hwgen.errors import UsageError

LOCK_NAME = ".lock"
_REMAINS = re.compile(r"\.{1,2}[^.].*\.(old\.)?[a-z0-9_]{8}")
"""What `hwgen.files` calls its temporary files and folders."""


@dataclass(frozen=True)
class OutFolder:
    """`<out>/` and the names in it."""

    path: Path

    @property
    def recipe(self) -> Path:
        """The resolved recipe."""
        return self.path / "recipe.yaml"

    @property
    def model(self) -> Path:
        """The trained network."""
        return self.path / "model"

    @property
    def calibration(self) -> Path:
        """Thresholds of all policies."""
        return self.path / "calibration.json"

    @property
    def firmware(self) -> Path:
        """The generated tree."""
        return self.path / "firmware"

    @property
    def simulation(self) -> Path:
        """What the compiled firmware answered."""
        return self.path / "simulation"

    @property
    def report(self) -> Path:
        """The machine-readable report."""
        return self.path / "report.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Makes the folder this process's own until the block ends; removes what killed runs left.

        The operating system frees the lock when the process ends, however it ends.

        Raises:
            UsageError: the folder cannot be written, or another run uses it.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            stream = (self.path / LOCK_NAME).open("a+")
        except OSError as error:
            raise UsageError(
                str(self.path), f"cannot be written ({error.strerror})", "choose another --out"
            ) from error
        with stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                stream.seek(0)
                owner = stream.read().strip() or "unknown"
                raise UsageError(
                    str(self.path),
                    f"in use by another run (process {owner})",
                    "wait for it or choose another --out",
                ) from error
            stream.truncate(0)
            stream.write(f"{os.getpid()}\n")
            stream.flush()
            self._remove_remains()
            yield

    def _remove_remains(self) -> None:
        # Not inside firmware/: that tree belongs to the designer.
        for folder in (self.path, self.model, self.simulation):
            if folder.is_dir():
                for entry in folder.iterdir():
                    if _REMAINS.fullmatch(entry.name):
                        remove(entry)


def remove(path: Path) -> None:
    """Removes a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
