"""The estimator's error on points that it was not fitted to: one source left out at a time.

    python benchmarks/estimator/errors.py [POINTS] [--fitted] [--write]

POINTS as for fit.py. Prints Markdown; with --write the tables replace those of docs/estimate.md. With --fitted the
committed model estimates POINTS, without a fit: for points of sources that it has not seen.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.estimator.fit import POINTS
from benchmarks.estimator.fitting import blocks_of, fit
from benchmarks.estimator.published import Point, load
from hwgen.estimate.figures import NAMES
from hwgen.estimate.model import REGIMES, Model, fitted, regime
from hwgen.estimate.network import Estimate, estimate_design
from hwgen.files import write_atomic

PAGE = Path(__file__).resolve().parents[2] / "docs" / "estimate.md"
BEGIN, END = "<!-- errors.py: begin -->", "<!-- errors.py: end -->"
WIDE = 8
"""Bits of weights from which on a product surely takes a DSP."""


@dataclass(frozen=True)
class Assessed:
    """A point and its estimate by a model that has not seen its source."""

    point: Point
    estimate: Estimate

    @property
    def network(self) -> bool:
        """Whether it is composed of several layers with weights."""
        return sum(layer.products is not None for layer in self.point.design.layers) > 1

    @property
    def wide(self) -> bool:
        """Whether all its weights have at least `WIDE` bits."""
        return all(
            layer.weight_bits >= WIDE for layer in self.point.design.layers if layer.products is not None
        )

    def has(self, name: str) -> bool:
        """Whether a figure is published; DSPs that were forbidden by hand are none."""
        return name in self.point.truth and not (name == "dsp" and self.point.design.fabric)

    def error(self, name: str) -> float:
        """Relative error; of small figures the absolute one."""
        truth = self.point.truth[name]
        return abs(self.estimate.figures[name].value - truth) / max(truth, 1)

    def held(self, name: str) -> bool:
        """Whether the interval holds the published figure."""
        figure = self.estimate.figures[name]
        return figure.low <= self.point.truth[name] <= figure.high

    def exact(self, name: str) -> bool:
        """Whether the interval is a single number, as for what follows from the configuration."""
        figure = self.estimate.figures[name]
        return figure.low == figure.high


@dataclass(frozen=True)
class Aim:
    """One line of the table.

    Args:
        group: points it is about, in words.
        words: what is measured.
        chosen: which points.
        name: of the figure.
        within: share of errors up to this; None: the median error.
        bound: at least (a share), or at most (a median).
    """

    group: str
    words: str
    chosen: Callable[[Assessed], bool]
    name: str
    within: float | None
    bound: float

    def measure(self, assessed: Sequence[Assessed]) -> tuple[float, int] | None:
        """(the measured value, number of points); None without points."""
        errors = [row.error(self.name) for row in assessed if self.chosen(row) and row.has(self.name)]
        if not errors:
            return None
        if self.within is None:
            return median(errors), len(errors)
        return sum(error <= self.within for error in errors) / len(errors), len(errors)

    def reached(self, value: float) -> bool:
        """Whether a measured value is as good as the bound."""
        return value <= self.bound if self.within is None else value >= self.bound


def _resource(row: Assessed) -> bool:
    return row.point.strategy == "Resource"


def _latency(row: Assessed) -> bool:
    return row.point.strategy == "Latency"


def _stream(row: Assessed) -> bool:
    return row.point.design.io == "stream"


AIMS = (
    Aim("Resource", "interval exact", _resource, "interval", 0, 0.95),
    Aim("Resource", "latency within 1 %", _resource, "latency", 0.01, 0.95),
    Aim(
        "Resource",
        "DSP exact, weights of 8 bits and more",
        lambda row: _resource(row) and row.wide,
        "dsp",
        0,
        0.95,
    ),
    Aim("Latency", "interval within 10 %", _latency, "interval", 0.1, 0.8),
    Aim("Latency", "DSP, median error", _latency, "dsp", None, 0.03),
    Aim("Latency", "LUT, median error", _latency, "lut", None, 0.2),
    Aim("Latency", "FF, median error", _latency, "ff", None, 0.35),
    Aim("Latency", "latency, median error", _latency, "latency", None, 0.15),
    Aim("io_stream", "interval within 5 %", _stream, "interval", 0.05, 0.8),
)


def assess(points: Sequence[Point], without: Mapping[str, Model]) -> list[Assessed]:
    """Estimates of whole designs, each by the model that was fitted without its source."""
    return [
        Assessed(point, estimate_design(point.design, without[block]))
        for point, block in zip(points, blocks_of(points), strict=True)
        if not point.design.alone
    ]


def _cell(aim: Aim, rows: Sequence[Assessed]) -> str:
    found = aim.measure(rows)
    if found is None:
        return "—"
    value, number = found
    mark = "" if aim.reached(value) else " **missed**"
    return f"{value:.1%} of {number}{mark}" if aim.within is not None else f"{value:.1%} ({number}){mark}"


def _aim_lines(rows: Sequence[Assessed]) -> Iterator[str]:
    yield "| strategy | measured | aim | all designs | networks of several layers | single layers |"
    yield "|---|---|---|---|---|---|"
    networks = [row for row in rows if row.network]
    single = [row for row in rows if not row.network]
    for aim in AIMS:
        sign = "at most" if aim.within is None else "at least"
        cells = " | ".join(_cell(aim, part) for part in (rows, networks, single))
        yield f"| {aim.group} | {aim.words} | {sign} {aim.bound:.0%} | {cells} |"


def _coverage_lines(rows: Sequence[Assessed]) -> Iterator[str]:
    yield "| designs | number | " + " | ".join(NAMES) + " |"
    yield "|---|---|" + "---|" * len(NAMES)
    groups = {name: [row for row in rows if regime(row.point.design) == name] for name in REGIMES}
    groups["networks of several layers, and all streams"] = [
        row for row in rows if row.network or _stream(row)
    ]
    groups["all"] = list(rows)
    for name, chosen in groups.items():
        cells = " | ".join(_held([row for row in chosen if row.has(figure)], figure) for figure in NAMES)
        yield f"| {name} | {len(chosen)} | {cells} |"


def _held(rows: Sequence[Assessed], name: str) -> str:
    if not rows:
        return "—"
    text = f"{sum(row.held(name) for row in rows) / len(rows):.0%}"
    return f"{text}, exact" if all(row.exact(name) for row in rows) else text


def _source_lines(rows: Sequence[Assessed]) -> Iterator[str]:
    yield "| source left out | strategy | designs | " + " | ".join(NAMES) + " |"
    yield "|---|---|---|" + "---|" * len(NAMES)
    keys = sorted({(row.point.source, row.point.strategy) for row in rows})
    for source, strategy in keys:
        own = [row for row in rows if (row.point.source, row.point.strategy) == (source, strategy)]
        cells = []
        for name in NAMES:
            errors = [row.error(name) for row in own if row.has(name)]
            cells.append(f"{median(errors):.0%}" if errors else "—")
        yield f"| {source} | {strategy} | {len(own)} | " + " | ".join(cells) + " |"


def tables(rows: Sequence[Assessed]) -> str:
    """The error tables as Markdown."""
    parts = [
        _aim_lines(rows),
        iter(['80 % intervals that hold the published value; "exact" where all are single numbers:']),
        _coverage_lines(rows),
        iter(["Median relative errors by source:"]),
        _source_lines(rows),
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def measure(path: Path, *, committed: bool = False) -> list[Assessed]:
    """Estimates the points of a file or folder.

    Args:
        path: of the points.
        committed: by the committed model instead of models that are fitted without a source.
    """
    points, left = load(path)
    for key, reason in left.items():
        print(f"{key}: left out: {reason}", file=sys.stderr)
    if not committed and len({point.source for point in points}) < 2:
        sys.exit("one source is left out at a time: give points of two or more, or take --fitted")
    if committed:
        return assess(points, dict.fromkeys(blocks_of(points), fitted()))
    return assess(points, fit(points)[1])


def page_with(text: str, page: str) -> str:
    """A page with its tables replaced."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{text}\n{END}{rest.split(END)[1]}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("points", nargs="?", type=Path, default=POINTS)
    parser.add_argument("--fitted", action="store_true", help="the committed model, no fit")
    parser.add_argument("--write", action="store_true", help="into docs/estimate.md")
    arguments = parser.parse_args()
    text = tables(measure(arguments.points, committed=arguments.fitted))
    if arguments.write:
        write_atomic(PAGE, page_with(text, PAGE.read_text()))
    print(text)


if __name__ == "__main__":
    main()
