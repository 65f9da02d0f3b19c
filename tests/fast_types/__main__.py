"""Compares the operators on types that seeds draw, for as long as wanted: `python -m tests.fast_types --minutes 60 --seed 1`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from hwgen.simulation.types import TYPES
from tests.fast_types.compare import compare
from tests.fast_types.programs import random_program

RANDOMS = 300


def one_seed(seed: int, calls: int) -> bool:
    """Compares one program; says what differs and how to see it again."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            outcome = compare(random_program(seed, calls), Path(folder), seed, RANDOMS, TYPES["fast"].flags)
        except AssertionError as error:
            text = str(error)
        else:
            if not outcome.differences:
                print(f"seed {seed}: {outcome.compared} results equal", flush=True)
                return True
            text = str(outcome)
    print(f"seed {seed}: {text}")
    print(f"again with: python -m tests.fast_types --seed {seed} --calls {calls}", flush=True)
    return False


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fast_types", description=__doc__)
    parser.add_argument(
        "--minutes", type=float, default=0, help="go on with the next seeds; without: this seed alone"
    )
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--calls", type=int, default=60, help="operators and types drawn by each seed")
    options = parser.parse_args()
    end = time.monotonic() + 60 * options.minutes
    seed, failed = options.seed, 0
    while True:
        failed += not one_seed(seed, options.calls)
        seed += 1
        if time.monotonic() >= end:
            break
    print(f"{seed - options.seed} seeds, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
