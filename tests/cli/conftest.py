"""The command line in this process, on the small job of the step tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from hwgen.cli import main
from tests.steps.conftest import bench

__all__ = ["bench"]


@dataclass(frozen=True)
class Answer:
    """What a command did."""

    code: int
    out: str
    err: str


Hwgen = Callable[..., Answer]


@pytest.fixture
def hwgen(capsys: pytest.CaptureFixture[str]) -> Hwgen:
    def run(*arguments: object) -> Answer:
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert isinstance(caught.value.code, int)
        return Answer(caught.value.code, captured.out, captured.err)

    return run
