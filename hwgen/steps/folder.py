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
_OUTPUTS = (
    "recipe.yaml",
    "model",
    "calibration.json",
    "firmware",
    "simulation",
    "synthesis",
    "estimate.json",
    "explore.json",
    "explore.svg",
    "report.json",
    "report.html",
    "junit.xml",
    ".report.json",
)
_REMAINS = re.compile(r"\.(?P<name>.+?)\.(old\.)?[a-z0-9_]{8}")
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

    @property
    def report_stamp(self) -> Path:
        """What the report was written from, and which checks failed."""
        return self.path / ".report.json"

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
        # Only what bears the name of an output: the folder may hold files of its owner. Not inside
        # firmware/ either, which is the designer's.
        for folder in (self.path, self.model, self.simulation):
            for entry in folder.iterdir() if folder.is_dir() else ():
                found = _REMAINS.fullmatch(entry.name)
                if found and (folder != self.path or found["name"] in _OUTPUTS):
                    remove(entry)


def remove(path: Path) -> None:
    """Removes a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
