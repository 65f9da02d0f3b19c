"""The report: report.json for programs, report.html for people, junit.xml for CI."""

from hwgen.report.build import build_report
from hwgen.report.summary import summary
from hwgen.report.write import write_report

__all__ = ["build_report", "summary", "write_report"]
