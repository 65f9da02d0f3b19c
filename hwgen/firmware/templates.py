"""Renders the generated sources: Jinja templates beside the fixed ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jinja2

import hwgen
from hwgen.material import material

COMMENT = dict.fromkeys((".c", ".cpp", ".h", ".sv"), "//") | dict.fromkeys(
    (".tcl", ".cfg", ".sh", ".py", "Makefile"), "#"
)


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(material("firmware_templates")),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - C++ and Tcl, not HTML
    )


def banner(path: str, recipe: str, inputs_sha256: str) -> str:
    """First line of a generated file: tool version, recipe name, input hash."""
    suffix = Path(path).suffix or Path(path).name
    return f"{COMMENT[suffix]} hwgen {hwgen.__version__}, recipe {recipe}, inputs {inputs_sha256[:16]}"


def render(template: str, **values: Any) -> bytes:
    """One template of `firmware_templates` filled in; every name it uses must be given."""
    return _environment().get_template(template).render(**values).encode()


def fixed(path: str) -> bytes:
    """A source of `firmware_templates` that is copied as it is."""
    return (material("firmware_templates") / path).read_bytes()
