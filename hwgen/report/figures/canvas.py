"""Matplotlib figures as SVG fit for a page: theme colours, text as text, the same bytes every time."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

TOKENS = {
    "ink": "#0a0b01",
    "muted": "#0a0b02",
    "grid": "#0a0b03",
    "paper": "#0a0b04",
    "accent": "#0a0b05",
    "right": "#0a0b06",
    "wrong": "#0a0b07",
    **{f"exit{number}": f"#0a0c0{number}" for number in range(1, 9)},
}
"""Colours that stand for a style-sheet variable of that name; the page decides how they look."""

_RC: dict[str, Any] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": TOKENS["ink"],
    "axes.edgecolor": TOKENS["muted"],
    "axes.labelcolor": TOKENS["ink"],
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "figure.facecolor": "none",
    "grid.color": TOKENS["grid"],
    "grid.linewidth": 0.8,
    "xtick.color": TOKENS["muted"],
    "ytick.color": TOKENS["muted"],
    "xtick.labelcolor": TOKENS["ink"],
    "ytick.labelcolor": TOKENS["ink"],
    "legend.frameon": False,
    "legend.fontsize": 9,
    "path.simplify": False,
}


@dataclass(frozen=True)
class Picture:
    """One finished picture.

    Args:
        key: identifies it within the page.
        svg: an <svg> element without any reference to the outside.
        alt: what it shows, for people who do not see it.
        caption: how to read it.
        wide: whether it needs the full width of the page.
    """

    key: str
    svg: str
    alt: str
    caption: str
    wide: bool = False


def exit_colour(index: int) -> str:
    """Colour of an exit, 0 for the first; they repeat after eight."""
    return TOKENS[f"exit{index % 8 + 1}"]


@contextmanager
def drawing(width: float, height: float, key: str) -> Iterator[Figure]:
    """A figure of `width` x `height` inches inside the page's style."""
    with mpl.rc_context({**_RC, "svg.hashsalt": key}):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(figure)
        yield figure


def finish(figure: Figure, key: str, alt: str, caption: str, wide: bool = False) -> Picture:
    """Turns a figure into a picture; call it inside `drawing`."""
    buffer = io.StringIO()
    nothing: dict[str, None] = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(buffer, format="svg", metadata=nothing)
    return Picture(key, _for_page(buffer.getvalue(), key), alt, caption, wide)


def _for_page(svg: str, key: str) -> str:
    """Keeps the <svg> element only, with names of its own and colours of the page."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", svg)
    svg = svg.replace("xlink:href=", "href=")
    # Pages hold several pictures: ids must not meet.
    svg = re.sub(r'(\sid=")', rf"\g<1>{key}-", svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\g<1>{key}-", svg)
    width = re.search(r'viewBox="0 0 ([\d.]+) ', svg)
    size = f"max-width:{float(width.group(1)) * 1.45:.0f}px" if width else ""
    svg = re.sub(
        r'<svg[^>]*?(viewBox="[^"]*")[^>]*>', rf'<svg \1 style="{size}" aria-hidden="true">', svg, count=1
    )
    # The page's own font: Matplotlib writes it apart or, in older versions, together with the size.
    svg = re.sub(r"font-family: [^;\"]*; ?", "", svg)
    svg = re.sub(r"font: ((?:[a-z0-9]+ )*[\d.]+px) [^;\"]*", r"font: \1 var(--font)", svg)
    for name, colour in TOKENS.items():
        svg = svg.replace(colour, f"var(--{name})")
    return re.sub(r"[ \t]+\n", "\n", svg).strip()


def standalone(picture: Picture) -> str:
    """A picture as a file of its own, in the colours of the report's style sheet."""
    sheet = files("hwgen.report").joinpath("templates/report.css").read_text()
    colours = "".join(
        re.findall(r"^(?::root|@media[^{]*\{\s*:root[^{]*)\s*\{.*?^\}", sheet, re.DOTALL | re.MULTILINE)
    )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" role="img"><title>{escape(picture.alt)}</title>'
    style = f"<style>{colours} svg {{ background: var(--paper) }}</style>"
    return f"{head}{style}{picture.svg}</svg>\n"
