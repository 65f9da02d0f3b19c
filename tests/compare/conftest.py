"""The small job of the step tests: trained networks are stand-ins, calibration and measures are the real ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import hwgen.training
from tests.steps.conftest import Bench
from tests.steps.conftest import bench as small_job

__all__ = ["small_job"]


@pytest.fixture
def bench(small_job: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Training leaves what other methods can start from."""
    save = hwgen.training.train

    def train(loaded: Any, data: Any, folder: Path, progress: Any) -> None:
        save(loaded, data, folder, progress)
        (folder / "weights.npz").write_bytes(b"stand-in")

    monkeypatch.setattr(hwgen.training, "train", train)
    return small_job
