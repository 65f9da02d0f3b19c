"""Reads the reports of Vivado HLS, Vitis HLS and Vivado: text in, dictionaries out.

Every parser is a pure function of the text. A figure that the tool did not know (`undef`, `NA`, `-`, a missing
field) is None; a report that is cut short, of another kind, or inconsistent is a `ReportError`, never a guess.
"""

from hwgen.vendor.reports.kinds import PARSERS, kind_of, parse_report

__all__ = ["PARSERS", "kind_of", "parse_report"]
