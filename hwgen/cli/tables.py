"""Results as tables on stdout."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType


def show_table(table: RenderableType, width: int = 180) -> None:
    """Prints a table as wide as the terminal.

    Args:
        table: what rich can draw.
        width: columns where stdout is no terminal.
    """
    from rich.console import Console

    shown = Console(highlight=False)
    if not shown.is_terminal:
        shown = Console(highlight=False, width=width)
    shown.print(table)
