"""compare.html: one file without any reference to the outside."""

from __future__ import annotations

from typing import Any

from hwgen.compare.pictures import draw_ranking, draw_savings, draw_trust
from hwgen.compare.table import COLUMNS, rows
from hwgen.report.html import page_environment, picture_markup


def render_page(document: dict[str, Any]) -> str:
    """The page of a comparison.

    Args:
        document: content of compare.json.
    """
    drawn = {
        "savings": draw_savings(document),
        "trust": [*draw_ranking(document), *draw_trust(document)],
    }
    return (
        page_environment("compare", "report")
        .get_template("compare.html.j2")
        .render(
            d=document,
            columns=COLUMNS,
            lines=rows(document),
            pictures={name: [picture_markup(picture) for picture in found] for name, found in drawn.items()},
        )
    )
