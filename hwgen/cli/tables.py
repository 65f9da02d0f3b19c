"""Results as tables on stdout."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType


LEAST = 120
"""Columns where stdout is no terminal and the table needs fewer."""


def show_table(table: RenderableType, lines: Iterable[str] = ()) -> None:
    """Prints a table as wide as the terminal, or as it needs where there is none.

    Args:
        table: what rich can draw.
        lines: printed below it as they are.
    """
    from rich.console import Console

    shown = Console(highlight=False)
    if not shown.is_terminal:
        widest = Console(width=10_000).measure(table).maximum
        shown = Console(highlight=False, width=max(LEAST, widest))
    shown.print(table)
    for line in lines:
        shown.print(line, markup=False, soft_wrap=True)
