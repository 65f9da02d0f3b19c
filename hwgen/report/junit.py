"""junit.xml: what was compared, block by block, and the recipe's checks, for a CI server to show."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

KEYS = ("features", "logits", "class", "exit", "abstain")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, escaped or not."""


@dataclass(frozen=True)
class Case:
    """One test case.

    Args:
        suite: suite it belongs to.
        name: what was tested.
        failure: why it failed; empty if it passed.
        skipped: why it was not run; empty if it was.
    """

    suite: str
    name: str
    failure: str = ""
    skipped: str = ""


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("?", text)


def cases(report: Mapping[str, Any]) -> list[Case]:
    """All test cases of a report."""
    found = []
    csim = report["verification"]["csim"]
    where = "see simulation/mismatches.json"
    for key in KEYS:
        count = csim["mismatches"][key]
        found.append(
            Case("verification", key, f"{count} values differ from the reference; {where}" if count else "")
        )
    for block in csim["by_block"]:
        wrong = ", ".join(f"{key} {count}" for key, count in block["mismatches"].items() if count)
        name = f"{block['block']} against {block['against']}"
        found.append(Case("blocks", name, f"values differ: {wrong}; {where}" if wrong else ""))
    qkeras = csim["qkeras"]
    if not (qkeras and qkeras["samples"]):
        reason = (qkeras or {}).get("reason") or "QKeras was not asked"
        found.append(Case("blocks", "qkeras against qkeras", skipped=reason))
    found += [
        Case("checks", check["name"], "" if check["passed"] else check["message"])
        for check in report["checks"]
    ]
    return found


def junit_xml(name: str, test_cases: Sequence[Case]) -> str:
    """A JUnit document; the same cases give the same bytes.

    Args:
        name: name of the whole.
        test_cases: cases; suites appear in the order of their first case.
    """
    totals = ElementTree.Element("testsuites", _counts(name, test_cases))
    for suite in dict.fromkeys(case.suite for case in test_cases):
        own = [case for case in test_cases if case.suite == suite]
        node = ElementTree.SubElement(totals, "testsuite", _counts(f"{name}.{suite}", own))
        for case in own:
            attributes = {"classname": _clean(f"{name}.{suite}"), "name": _clean(case.name)}
            entry = ElementTree.SubElement(node, "testcase", attributes)
            if case.failure:
                ElementTree.SubElement(entry, "failure", {"message": _clean(case.failure)})
            elif case.skipped:
                ElementTree.SubElement(entry, "skipped", {"message": _clean(case.skipped)})
    ElementTree.indent(totals)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(totals, encoding="unicode") + "\n"
    )


def _counts(name: str, test_cases: Sequence[Case]) -> dict[str, str]:
    return {
        "name": _clean(name),
        "tests": str(len(test_cases)),
        "failures": str(sum(bool(case.failure) for case in test_cases)),
        "errors": "0",
        "skipped": str(sum(bool(case.skipped) and not case.failure for case in test_cases)),
    }
