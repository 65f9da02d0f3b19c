"""Pictures of a comparison: what each criterion saves, and how far its confidence can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from hwgen.report.figures.canvas import TOKENS, Picture, drawing, exit_colour, finish

MARKERS = "osD^v<>Ph*X"


def _by_method(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for cell in document["cells"]:
        found.setdefault(cell["method"], []).append(cell)
    return found


def _styles(document: dict[str, Any]) -> dict[str, tuple[str, str, str]]:
    """(colour, marker, line) of each variant: one colour and marker per criterion, lines tell variants apart."""
    styles: dict[str, tuple[str, str, str]] = {}
    order: dict[str, list[str]] = {}
    for cell in document["cells"]:
        kinds = order.setdefault(cell["criterion"], [])
        if cell["variant"] not in kinds:
            kinds.append(cell["variant"])
    for number, kinds in enumerate(order.values()):
        for place, variant in enumerate(kinds):
            line = ("-", "--", ":", "-.")[place % 4]
            styles[variant] = (exit_colour(number), MARKERS[number % len(MARKERS)], line)
    return styles


def draw_savings(document: dict[str, Any]) -> list[Picture]:
    """MAC reduction against measured drop, one panel per training method."""
    methods, styles = _by_method(document), _styles(document)
    with drawing(10.2, 4.9, "savings") as figure:
        panels = figure.subplots(1, len(methods), sharey=True, squeeze=False)[0]
        for axes, (method, cells) in zip(panels, methods.items(), strict=True):
            for cell in cells:
                colour, marker, line = styles[cell["variant"]]
                axes.plot(
                    [policy["measured_drop_points"] for policy in cell["policies"]],
                    [policy["mac_reduction"] for policy in cell["policies"]],
                    line + marker,
                    color=colour,
                    linewidth=1.2,
                    markersize=4.5,
                    label=cell["variant"],
                )
            axes.axvline(0, color=TOKENS["muted"], linewidth=0.8)
            axes.set_title(f"trained by {method}")
            axes.set_xlabel("drop on test data, points")
        panels[0].set_ylabel("MACs saved")
        panels[0].yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower left", ncols=4)
        best = max(
            (policy["mac_reduction"], cell["variant"], cell["method"], policy["measured_drop_points"])
            for cell in document["cells"]
            for policy in cell["policies"]
        )
        return [
            finish(
                figure,
                "savings",
                f"MACs saved against the accuracy drop on test data. The most saved is {best[0]:.1%}, by "
                f"{best[1]} trained by {best[2]}, at a drop of {best[3]:.2f} points.",
                "One point per budget; budgets are kept on the calibration split, drops are those of the test "
                "split. Up and to the left is better.",
                wide=True,
            )
        ]


def _dots(
    document: dict[str, Any], key: str, title: str, axis: str, caption: str, pick: Callable[[Any], Any]
) -> list[Picture]:
    """One row per variant, one dot per exit, for the recipe's own training method."""
    cells: Sequence[dict[str, Any]] = next(iter(_by_method(document).values()))
    with drawing(5.0, 0.9 + 0.27 * len(cells), key) as figure:
        axes: Axes = figure.subplots()
        for row, cell in enumerate(cells):
            for index, entry in enumerate(cell["exits"]):
                value = pick(entry)
                if value is not None:
                    axes.plot(value, row, "o", color=exit_colour(index), markersize=6)
        for index, entry in enumerate(cells[0]["exits"]):
            axes.plot([], [], "o", color=exit_colour(index), label=entry["stage"])
        axes.set_yticks(range(len(cells)), [cell["variant"] for cell in cells])
        axes.invert_yaxis()
        axes.set_title(title)
        axes.set_xlabel(axis)
        figure.legend(loc="outside lower left", ncols=4)
        method = cells[0]["method"]
        return [
            finish(figure, key, f"{title}, per exit, of {len(cells)} ways to decide.", caption.format(method))
        ]


def draw_ranking(document: dict[str, Any]) -> list[Picture]:
    """AUROC of right against wrong."""
    return _dots(
        document,
        "ranking",
        "Telling right from wrong",
        "AUROC",
        "AUROC of right against wrong answers on the test split, trained by {}. Further right is better.",
        lambda entry: entry["auroc"],
    )


def draw_trust(document: dict[str, Any]) -> list[Picture]:
    """Calibration error."""
    return _dots(
        document,
        "trust",
        "Calibration error",
        "ECE",
        "Expected calibration error (10 bins) of what each exit claims on the test split, trained by {}. "
        "Further left is better.",
        lambda entry: entry["ece"],
    )
