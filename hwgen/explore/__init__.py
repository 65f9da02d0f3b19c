"""Reuse factors of the stages, sized to how often they are visited, against the static network in the same area."""

from hwgen.explore.budget import read_area
from hwgen.explore.document import FILE, PICTURE, Request, build_document
from hwgen.explore.figure import draw_explore

__all__ = ["FILE", "PICTURE", "Request", "build_document", "draw_explore", "read_area"]
