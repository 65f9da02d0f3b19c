"""Command line: `python -m tests.fuzz [--seed N] [--count C] [--minutes M]`.

Seeds N, N + 1, ... are drawn, built and compared until C of them are done or M minutes are over. Every failing seed is
printed with what differs and the line that repeats it, and noted in regressions.txt, which the test suite runs.
"""

from __future__ import annotations

import argparse
import collections
import random
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.draw import draw
from tests.fuzz.regressions import note
from tests.fuzz.run import TYPES, Check, Outcome


def describe(outcome: Outcome) -> str:
    times = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in outcome.seconds.items())
    words = [outcome.verdict]
    if outcome.verdict != "refused":
        words += [] if outcome.qkeras else ["without QKeras"]
        words += ["without the reference types"] if outcome.asserted else []
    return f"{', '.join(words)} ({times})"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, help="first seed (default: any)")
    parser.add_argument("--count", type=int, help="how many seeds (default 1, or any number with --minutes)")
    parser.add_argument("--minutes", type=float, help="start no further seed after so long")
    parser.add_argument("--types", default=",".join(TYPES), help=f"default {','.join(TYPES)}")
    parser.add_argument("--keep", type=Path, help="folder for the trees; default: removed at once")
    parser.add_argument("--no-note", action="store_true", help="leave regressions.txt alone")
    options = parser.parse_args(arguments)
    start = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    count = options.count or (1 if options.minutes is None else sys.maxsize)
    end = time.monotonic() + 60 * (options.minutes or 1e6)
    tally: collections.Counter[str] = collections.Counter()
    refusals: collections.Counter[str] = collections.Counter()
    failed: list[int] = []
    for seed in range(start, start + count):
        if time.monotonic() > end:
            break
        folder = Path(tempfile.mkdtemp(prefix=f"fuzz-{seed}-", dir=options.keep))
        try:
            outcome = Check(draw(seed), folder, tuple(options.types.split(","))).run()
        except KeyboardInterrupt:  # the tally of what is done is worth more than the rest
            print(f"seed {seed}: interrupted")
            break
        finally:
            if options.keep is None:
                shutil.rmtree(folder)
        print(f"seed {seed}: {describe(outcome)}", flush=True)
        tally[outcome.verdict] += 1
        tally["compared with QKeras too"] += outcome.qkeras
        tally["beyond an assertion of the reference types"] += outcome.asserted
        if outcome.verdict == "refused":
            refusals[re.sub(r"(?<![a-z])\d+\b|(?<=[a-z])\d+\b", "N", outcome.lines[0])] += 1
        if outcome.verdict == "failed":
            failed.append(seed)
            print("\n".join(f"  {line}" for line in outcome.lines))
            print(f"  again: python -m tests.fuzz --seed {seed}", flush=True)
            if not options.no_note:
                note(seed, outcome.lines[0])
    print(f"\n{sum(tally[key] for key in ('agreed', 'refused', 'failed'))} networks:", end=" ")
    print(", ".join(f"{number} {name}" for name, number in tally.items() if number))
    for reason, number in refusals.most_common():
        print(f"  refused {number} times: {reason}")
    if failed:
        print(f"  failed: {' '.join(map(str, failed))}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
