"""One run on one recipe: what the steps share."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwgen.data import DataSet, load_data
from hwgen.files import hash_arrays, hash_file, sha256_of
from hwgen.recipe import LoadedRecipe
from hwgen.steps.folder import OutFolder

if TYPE_CHECKING:
    from hwgen.calibration import Calibration
    from hwgen.reference.network import IntegerNetwork


def _silent(*_: object) -> None:
    pass


@dataclass(frozen=True)
class Listener:
    """Who is told what happens.

    Args:
        info: one line about what a step does.
        warn: one line the user should act on.
        progress: what, how many done, how many in all.
    """

    info: Callable[[str], None] = _silent
    warn: Callable[[str], None] = _silent
    progress: Callable[[str, int, int], None] = _silent


@dataclass(frozen=True)
class StepResult:
    """What a step says of itself.

    Args:
        step: its verb.
        done: False if everything was there already.
        passed: False if it found a mismatch or a failed check (exit code 1).
        details: numbers for `--json`.
        problem: why it did not pass, one line.
    """

    step: str
    done: bool
    passed: bool = True
    details: dict[str, Any] = field(default_factory=dict)
    problem: str = ""


@dataclass
class Job:
    """A recipe, its output folder, and what has been read for it so far.

    Args:
        loaded: the recipe.
        stem: name of the recipe file without its ending.
        out: where results go.
        listener: who is told.
        force: verbs that do their work again whatever is there.
    """

    loaded: LoadedRecipe
    stem: str
    out: OutFolder
    listener: Listener = field(default_factory=Listener)
    force: frozenset[str] = frozenset()

    @cached_property
    def data(self) -> DataSet:
        """The data set; its warnings are passed on when it is first read."""
        data = load_data(self.loaded)
        for line in data.warnings:
            self.listener.warn(line)
        return data

    @cached_property
    def network(self) -> IntegerNetwork:
        """The trained network in integers; the train step must have run."""
        from hwgen.reference.storage import load_network

        return load_network(self.out.model)

    @cached_property
    def network_sha256(self) -> str:
        """Hash of the two files that hold the network."""
        from hwgen.reference.storage import JSON_NAME, NPZ_NAME

        return sha256_of(*(hash_file(self.out.model / name) for name in (JSON_NAME, NPZ_NAME)))

    @cached_property
    def trained_gates(self) -> dict[str, Any] | None:
        """The gates that training left beside the network, or None."""
        path = self.out.model / "gates.json"
        return json.loads(path.read_text()) if path.is_file() else None

    @cached_property
    def calibration(self) -> Calibration:
        """The fitted thresholds; the calibrate step must have run."""
        from hwgen.calibration import Calibration

        return Calibration.from_dict(json.loads(self.out.calibration.read_text()))

    @cached_property
    def test_sha256(self) -> str:
        """Hash of the test split."""
        return hash_arrays({"raw": self.data.test.raw, "labels": self.data.test.labels})

    def forget(self, *names: str) -> None:
        """Drops cached properties whose files have been written anew."""
        for name in names:
            self.__dict__.pop(name, None)


def stored_key(path: Path) -> str | None:
    """`inputs_sha256` of a JSON file, or None if there is no such file or entry."""
    try:
        entry = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return entry.get("inputs_sha256") if isinstance(entry, dict) else None
