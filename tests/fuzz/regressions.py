"""Seeds that once failed: `seed generator comment`, one a line in regressions.txt."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tests.fuzz.draw import GENERATOR

FILE = Path(__file__).with_name("regressions.txt")


class Regression(NamedTuple):
    seed: int
    generator: int
    comment: str


def read(path: Path = FILE) -> list[Regression]:
    """All noted seeds."""
    rows = [
        line.split(maxsplit=2) for line in path.read_text().splitlines() if line.strip()[:1] not in ("", "#")
    ]
    return [Regression(int(seed), int(generator), comment) for seed, generator, comment in rows]


def note(seed: int, comment: str, path: Path = FILE) -> None:
    """Adds a seed, unless it is there."""
    if (seed, GENERATOR) not in [(row.seed, row.generator) for row in read(path)]:
        with path.open("a") as file:
            file.write(f"{seed} {GENERATOR} {comment.splitlines()[0][:150]}\n")
