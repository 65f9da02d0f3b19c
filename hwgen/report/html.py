"""report.html: one file without any reference to the outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from hwgen.calibration import Curve
from hwgen.report.evaluate import Evaluation
from hwgen.report.figures.activity import draw_activity
from hwgen.report.figures.canvas import Picture
from hwgen.report.figures.comparison import draw_comparison
from hwgen.report.figures.confidence import draw_confidence
from hwgen.report.figures.confusion import draw_confusion
from hwgen.report.figures.cycles import draw_cycles
from hwgen.report.figures.latency import draw_latency
from hwgen.report.figures.leaving import draw_leaving
from hwgen.report.figures.outliers import draw_outliers
from hwgen.report.figures.reliability import draw_reliability, draw_risk
from hwgen.report.figures.robustness import draw_corruptions
from hwgen.report.figures.timeline import draw_timeline
from hwgen.report.figures.tradeoff import draw_tradeoff
from hwgen.report.formats import FILTERS
from hwgen.vendor.table import remarks

MOST_CONFUSED = 8
"""Rows of the table of confusions."""


def picture_markup(picture: Picture) -> Markup:
    """A picture with its caption, as it goes into a page."""
    drawing = Markup(picture.svg)  # noqa: S704 - drawn here; its texts are escaped by Matplotlib
    return Markup('<figure role="img" aria-label="{}"{}>{}<figcaption>{}</figcaption></figure>').format(
        picture.alt, Markup(' class="wide"') if picture.wide else "", drawing, picture.caption
    )


def _pipeline(report: dict[str, Any]) -> list[Picture]:
    return [*draw_timeline(report), *draw_cycles(report), *draw_activity(report)]


def pictures(
    report: dict[str, Any], evaluation: Evaluation, curves: Sequence[Curve]
) -> dict[str, list[Markup]]:
    """All pictures by section of the page."""
    drawn = {
        "tradeoff": draw_tradeoff(report, evaluation, curves),
        "leaving": draw_leaving(report, evaluation),
        "confidence": draw_confidence(report, evaluation),
        "confusion": draw_confusion(report),
        "latency": draw_latency(report),
        "comparison": [] if report["vendor"] is None else draw_comparison(report["vendor"]["comparison"]),
        "trust": [*draw_reliability(report), *draw_risk(report)],
        "outliers": draw_outliers(report, evaluation.test, evaluation.ood),
        "corruptions": draw_corruptions(report),
        "pipeline": [] if report["rtl"] is None else _pipeline(report),
    }
    return {section: [picture_markup(picture) for picture in found] for section, found in drawn.items()}


def most_confused(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Largest cells off the diagonal of the dynamic network: {"true", "given", "count", "static"}."""
    names = report["data"]["class_names"] or [str(number) for number in range(report["data"]["classes"])]
    dynamic, static = report["confusion"]["dynamic"], report["confusion"]["static"]
    cells = [
        {"true": names[row], "given": names[column], "count": count, "static": static[row][column]}
        for row, line in enumerate(dynamic)
        for column, count in enumerate(line)
        if row != column and count
    ]
    return sorted(cells, key=lambda cell: -cell["count"])[:MOST_CONFUSED]


def page_environment(*packages: str) -> Environment:
    """Jinja for pages: templates of these packages of hwgen, numbers as readers want them."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(f"hwgen.{name}", "templates") for name in packages]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(FILTERS)
    return environment


def render_html(report: dict[str, Any], evaluation: Evaluation, curves: Sequence[Curve]) -> str:
    """The page.

    Args:
        report: content of report.json.
        evaluation: the reference on the test split.
        curves: accuracy against MACs over all thresholds.
    """
    return (
        page_environment("report")
        .get_template("report.html.j2")
        .render(
            r=report,
            pictures=pictures(report, evaluation, curves),
            confused=most_confused(report),
            vendor_remarks=remarks,
        )
    )
