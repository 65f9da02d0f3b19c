"""The recipe's `checks`: limits that fail a run when exceeded.

A limit on a figure that no tool has delivered fails: a check that cannot be made is not passed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from hwgen.recipe.schema import Checks
from hwgen.report.vendor_section import design_total

Report = Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """How one key of `checks` is tested.

    Args:
        what: the figure in words.
        unit: written behind the numbers.
        value: the figure in a report, or None if there is none yet.
        at_most: True for a largest value, False for a smallest.
        remedy: what to do about a figure that is missing.
    """

    what: str
    unit: str
    value: Callable[[Report], float | None]
    at_most: bool = True
    remedy: str = ""


def _resource(column: str) -> Callable[[Report], float | None]:
    return lambda report: design_total(report["resources"] or [], column)


_SYNTHESIS = "no synthesis result of a whole design is there; remove the check until one is"

RULES: dict[str, Rule] = {
    "max_drop": Rule("measured drop", "points", lambda report: report["budget"]["measured_drop_points"]),
    "min_mac_reduction": Rule("MAC reduction", "", lambda report: report["macs"]["reduction"], at_most=False),
    "min_accuracy": Rule("dynamic accuracy", "", lambda report: report["accuracy"]["dynamic"], at_most=False),
    "max_latency_cycles": Rule("worst latency", "cycles", lambda report: report["latency"]["worst"]),
    "max_lut": Rule("LUT", "", _resource("lut"), remedy=_SYNTHESIS),
    "max_ff": Rule("FF", "", _resource("ff"), remedy=_SYNTHESIS),
    "max_dsp": Rule("DSP", "", _resource("dsp"), remedy=_SYNTHESIS),
    "max_bram_18k": Rule("BRAM (18 kbit)", "", _resource("bram_18k"), remedy=_SYNTHESIS),
}
"""One row per key of the recipe's `checks`."""


@dataclass(frozen=True)
class CheckResult:
    """One limit and what became of it.

    Args:
        name: key in the recipe's `checks`.
        limit: as in the recipe.
        value: the figure; None if there is none.
        passed: whether the limit holds.
        message: one line.
    """

    name: str
    limit: float
    value: float | None
    passed: bool
    message: str


def _check(name: str, limit: float, report: Report) -> CheckResult:
    rule = RULES[name]
    value = rule.value(report)
    bound = "at most" if rule.at_most else "at least"
    unit = f" {rule.unit}" if rule.unit else ""
    if value is None:
        message = (
            f"checks.{name}: {bound} {limit:g}{unit} asked for, but {rule.what} is unknown; {rule.remedy}"
        )
        return CheckResult(name, limit, None, False, message)
    passed = value <= limit if rule.at_most else value >= limit
    verb = "holds" if passed else "exceeded" if rule.at_most else "not reached"
    source = f" ({report['latency']['source']})" if name == "max_latency_cycles" else ""
    message = f"checks.{name}: {rule.what} {value:.6g}{unit}{source}, {bound} {limit:g} asked for: {verb}"
    return CheckResult(name, limit, float(value), bool(passed), message)


def run_checks(checks: Checks, report: Report) -> list[dict[str, Any]]:
    """Every limit that the recipe sets, in the order of the schema.

    Args:
        checks: the recipe's section.
        report: at least `budget`, `macs`, `accuracy`, `latency` and `resources`.
    Returns:
        CheckResult as dicts.
    """
    limits = checks.model_dump(exclude_none=True)
    return [asdict(_check(name, limit, report)) for name, limit in limits.items()]
