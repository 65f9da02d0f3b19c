"""How fast the firmware is simulated: against hls4ml's own simulation and against loops written by hand.

    python benchmarks/csim_speed.py               everything, in one run
    python benchmarks/csim_speed.py --quick       io_stream only, fewer samples, hls4ml on the first stage only
    python benchmarks/csim_speed.py --only macs   one part, not kept unless --out is given
    python benchmarks/csim_speed.py --docs        measures nothing: writes the table of the last run to the page

Run it on an otherwise idle machine. See docs/simulation-speed.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from csim.case import IOS, fashion_mnist
from csim.scaling import measure_macs, measure_samples
from csim.stages import measure_stages
from csim.table import markdown, rows
from csim.timing import FULL, QUICK, Effort, machine
from csim.verification import measure_verification
from csim.whole import measure_whole
from readme_table import ROOT, read_results, with_table
from rich.console import Console
from rich.table import Table

from hwgen.files import write_atomic

RESULT = ROOT / "benchmarks" / "results" / "csim_speed.json"
PAGE = ROOT / "docs" / "simulation-speed.md"
PARTS = ("stages", "kernel", "samples", "macs", "verification")
QUICK_PARTS = PARTS[:-1]


def measure(folder: Path, effort: Effort, only: list[str], ios: list[str]) -> dict[str, Any]:
    """The parts that are asked for, one after the other: nothing else runs beside what is timed."""
    started = time.perf_counter()

    def tell(what: str) -> Callable[[str], None]:
        def say(line: str) -> None:
            print(f"{time.perf_counter() - started:6.0f} s  {what}: {line}", file=sys.stderr, flush=True)

        return say

    base = fashion_mnist()
    found: dict[str, Any] = {}
    for io in ios:
        case, place = base.with_io(io), folder / io
        if "stages" in only:
            found.setdefault("stages", {})[io] = measure_stages(case, place, effort, tell(f"io_{io}"))
        if "kernel" in only:
            found.setdefault("kernel", {})[io] = measure_whole(case, place, effort, tell(f"io_{io}"))
        if "verification" in only:
            again = measure_verification(io, place, effort, tell(f"io_{io}"))
            found.setdefault("verification", {})[io] = again
    if "samples" in only:
        found["samples"] = measure_samples(base, folder / "stream", tell("io_stream"))
    if "macs" in only:
        found["macs"] = measure_macs(base, folder / "macs", effort, tell("io_stream"))
    return found


def show(results: dict[str, Any]) -> None:
    table = Table("what", "measured", "goal", "met")
    for row in rows(results):
        table.add_row(*row, style="red" if row[3] == "no" else None)
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def write_page(check: bool) -> int:
    """Puts the table into the page, or only says whether it is the table of the results."""
    old = PAGE.read_text()
    new = with_table(old, markdown(read_results().get("csim_speed", {})), PAGE.name)
    if check:
        if new != old:
            print(f"{PAGE.name}: the table is not up to date: python benchmarks/csim_speed.py --docs")
        return int(new != old)
    write_atomic(PAGE, new)
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=PARTS, action="append")
    parser.add_argument("--io", choices=IOS, action="append", help="one io type instead of both")
    parser.add_argument("--out", type=Path, help=f"default: {RESULT.relative_to(ROOT)} after a full run")
    parser.add_argument("--work", type=Path, help="keep trees and programs in this folder")
    parser.add_argument("--docs", action="store_true")
    parser.add_argument(
        "--check", action="store_true", help="with --docs: exit code 1 if it is not up to date"
    )
    options = parser.parse_args()
    if options.docs:
        return write_page(options.check)
    started, about = time.perf_counter(), machine()
    effort = QUICK if options.quick else FULL
    with tempfile.TemporaryDirectory(prefix="hwgen-") as temporary:
        folder = (options.work or Path(temporary)).resolve()
        parts, ios = (QUICK_PARTS, IOS[:1]) if options.quick else (PARTS, IOS)
        found = measure(folder, effort, options.only or list(parts), options.io or list(ios))
    chosen = ["--quick"] if options.quick else []
    chosen += [f"--only {part}" for part in options.only or []] + [f"--io {io}" for io in options.io or []]
    results = {
        "command": " ".join(["python benchmarks/csim_speed.py", *chosen]),
        "machine": about,
        "seconds": round(time.perf_counter() - started),
        **found,
    }
    show(results)
    out = options.out or (None if chosen else RESULT)
    if out is not None:
        write_atomic(out, json.dumps(results, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
