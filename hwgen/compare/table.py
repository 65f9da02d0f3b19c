"""The comparison as rows: what pages and terminals show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hwgen.report.formats import count, percent, points, real

if TYPE_CHECKING:
    from rich.console import RenderableType

COLUMNS = (
    "method",
    "variant",
    "saved",
    "drop",
    "distance to ideal",
    "AUROC",
    "ECE",
    "OOD AUROC",
    "wrong among ignored",
    "gate MACs",
    "gate cycles",
    "float differs",
)
"""`saved`, `drop` and `distance to ideal` at the active budget; AUROC of the first, worst ECE of all exits."""

ON_TERMINAL = ("method", "variant", "saved", "drop", "AUROC", "ECE", "OOD AUROC", "gate MACs", "gate cycles")


def worst(values: list[float | None]) -> float | None:
    """The largest value there is."""
    known = [value for value in values if value is not None]
    return max(known) if known else None


def row(cell: dict[str, Any]) -> list[str]:
    """One line, in the order of `COLUMNS`."""
    policy, gates = cell["policies"][cell["active"]], cell["gates"]
    return [
        cell["method"],
        cell["variant"],
        percent(policy["mac_reduction"]),
        points(policy["measured_drop_points"]),
        points(100 * (cell["ideal_reduction"] - policy["mac_reduction"]), 1),
        real(cell["exits"][0]["auroc"], 4),
        real(worst([entry["ece"] for entry in cell["exits"]]), 3),
        real(cell["ood"]["overall"]["auroc"] if cell["ood"] else None, 4),
        percent(cell["ignored"]["wrong_among_ignored"]),
        count(sum(gate["macs"] for gate in gates)),
        count(worst([gate["cycles"] for gate in gates])),
        percent(policy["float_disagreement"], 2),
    ]


def rows(document: dict[str, Any]) -> list[list[str]]:
    """All lines."""
    return [row(cell) for cell in document["cells"]]


def terminal_table(document: dict[str, Any]) -> RenderableType:
    """For a terminal: the columns that fit a hundred characters."""
    from rich.table import Table

    active = document["budgets"]["active"]
    table = Table(title=f"budget {active:g} points, on test data", box=None, title_justify="left")
    for number, name in enumerate(COLUMNS):
        if name in ON_TERMINAL:
            table.add_column(name, justify="left" if number < 2 else "right", no_wrap=True)
    for line in rows(document):
        table.add_row(*(text for name, text in zip(COLUMNS, line, strict=True) if name in ON_TERMINAL))
    return table
