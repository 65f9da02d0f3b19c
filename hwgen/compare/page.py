"""compare.html: one file without any reference to the outside."""

from __future__ import annotations

from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from hwgen.compare.pictures import draw_ranking, draw_savings, draw_trust
from hwgen.compare.table import COLUMNS, rows
from hwgen.report.formats import FILTERS
from hwgen.report.html import picture_markup


def render_page(document: dict[str, Any]) -> str:
    """The page of a comparison.

    Args:
        document: content of compare.json.
    """
    loaders = [PackageLoader(f"hwgen.{name}", "templates") for name in ("compare", "report")]
    environment = Environment(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(FILTERS)
    drawn = {
        "savings": draw_savings(document),
        "trust": [*draw_ranking(document), *draw_trust(document)],
    }
    return environment.get_template("compare.html.j2").render(
        d=document,
        columns=COLUMNS,
        lines=rows(document),
        pictures={name: [picture_markup(picture) for picture in found] for name, found in drawn.items()},
    )
