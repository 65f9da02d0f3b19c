"""Numbers as readers want them; report.json keeps them in full."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

MISSING = "–"


def percent(value: float | None, digits: int = 1) -> str:
    """0.9712 -> 97.1 %."""
    return MISSING if value is None else f"{points(100 * value, digits)} %"


def points(value: float | None, digits: int = 2) -> str:
    """Percentage points, with a minus sign that is one; never minus zero."""
    if value is None:
        return MISSING
    text = f"{value:.{digits}f}"
    return (text if float(text) else text.lstrip("-")).replace("-", "−")


def count(value: float | None) -> str:
    """1234567 -> 1 234 567, with thin spaces."""
    return MISSING if value is None else f"{value:,.0f}".replace(",", "\u202f").replace("-", "−")


def real(value: float | None, digits: int = 5) -> str:
    """A real number with few significant digits."""
    return MISSING if value is None else f"{value:.{digits}g}".replace("-", "−")


def interval(bounds: list[float] | None) -> str:
    """Two fractions as percent."""
    return MISSING if bounds is None else f"{100 * bounds[0]:.1f}–{100 * bounds[1]:.1f} %"


def shape(lengths: list[int]) -> str:
    """[8, 8, 1] -> 8 × 8 × 1."""
    return " × ".join(str(length) for length in lengths)


def fixed(entry: dict[str, Any]) -> str:
    """A format as C++ writes it."""
    return f"{'ap_fixed' if entry['signed'] else 'ap_ufixed'}<{entry['width']}, {entry['integer']}>"


FILTERS: dict[str, Callable[..., str]] = {
    "percent": percent,
    "points": points,
    "count": count,
    "real": real,
    "interval": interval,
    "shape": shape,
    "fixed": fixed,
}
