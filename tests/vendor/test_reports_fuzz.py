"""Whatever is done to a report, it is read or refused; never another error.

What is cut short is read as the whole is. Without some of its lines a report says less, but nothing else. A changed digit
is another figure, which nobody can tell: then only the kind and the types of what is read are those they should be.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hwgen.errors import ReportError
from hwgen.vendor.reports import PARSERS, kind_of, parse_report
from tests.vendor import written
from tests.vendor.test_reports import EARLIER, FOLDER, INDEX, LATER, SUMMARY, real

TEXTS = {entry["file"]: real(entry["file"]) for entry in INDEX} | {
    "written csynth.xml": written.csynth(),
    "written csynth.rpt": EARLIER,
    "written summary": SUMMARY,
    "written later summary": LATER,
    "written cosim": written.cosim(),
    "written utilisation": written.utilisation(uram=1, dies=True),
    "written instances": written.hierarchy([("top", "(top)", 9, 8, 1, 0, 12, 2, 3, 7)]),
    "written timing": written.timing(),
    "written power": written.power(),
}
_CUTS = 150
_CHANGES = 150


def read_or_refused(text: str, name: str) -> dict[str, Any] | None:
    """What it says; None if the report was refused, which any other error would not be."""
    try:
        return parse_report(text, name)
    except ReportError:
        return None


@pytest.mark.parametrize("name", TEXTS)
def test_a_report_that_is_cut_short_is_refused_or_read_right(name: str) -> None:
    text = TEXTS[name]
    whole, refused = parse_report(text, name), 0
    end = len(text.rstrip())
    ends_of_lines = [found.end() for found in re.finditer("\n", text[:end])]
    lengths = sorted(
        {*range(0, end, max(1, end // _CUTS)), *ends_of_lines[:: max(1, len(ends_of_lines) // _CUTS)]}
    )
    for length in lengths:
        found = read_or_refused(text[:length], name)
        assert found in (None, whole), length
        refused += found is None
    # Figures stand in front: only what is listed behind them may be cut off unseen.
    assert refused > 0.5 * len(lengths)
    if "xml" in name or name.endswith(".app"):
        assert refused == len(lengths)


def says_less(found: object, whole: object) -> bool:
    """Whether all that was read stands in the whole too; rows and single values may be missing."""
    if found is None or found == "":
        return True
    if isinstance(found, dict) and isinstance(whole, dict):
        return all(key in whole and says_less(value, whole[key]) for key, value in found.items())
    if isinstance(found, list) and isinstance(whole, list):
        return all(any(says_less(row, other) for other in whole) for row in found)
    return found == whole


def has_types_of(found: object, whole: object) -> bool:
    """Whether values that stand in the same place are of the same type, unless one is missing."""
    if isinstance(found, dict) and isinstance(whole, dict):
        return all(has_types_of(found[key], whole[key]) for key in found.keys() & whole.keys())
    if isinstance(found, list) and isinstance(whole, list):
        return not whole or all(any(has_types_of(row, other) for other in whole) for row in found)
    return found is None or whole is None or type(found) is type(whole)


def test_these_two_see_a_difference() -> None:
    whole = parse_report(TEXTS["written utilisation"], "whole")
    assert says_less(whole, whole) and has_types_of(whole, whole)
    for value, less, typed in ((None, True, True), (1527, False, True), ("1526", False, False)):
        other = {**whole, "resources": {**whole["resources"], "lut": value}}
        assert (says_less(other, whole), has_types_of(other, whole)) == (less, typed)
    rows = parse_report(TEXTS["written instances"], "rows")
    other = {**rows, "instances": [*rows["instances"], {**rows["instances"][0], "instance": "nobody"}]}
    assert says_less(rows, other) and not says_less(other, rows)


@pytest.mark.parametrize("name", TEXTS)
def test_changed_letters_change_no_kind_and_no_type(name: str) -> None:
    text, chance = TEXTS[name], random.Random(name)
    whole = parse_report(text, name)
    for _ in range(_CHANGES):
        changed = list(text)
        for _ in range(chance.choice((1, 1, 5, 40))):
            changed[chance.randrange(len(changed))] = chance.choice("|+-=<>/9~.\n\0é{} ")
        start = chance.choice((0, 0, chance.randrange(len(text))))
        found = read_or_refused("".join(changed[start:]), name)
        if found is not None:
            assert (found["kind"], found.keys()) == (whole["kind"], whole.keys())
            assert has_types_of(found, whole)


@pytest.mark.parametrize("name", TEXTS)
def test_dropped_lines_drop_figures_and_change_none(name: str) -> None:
    lines, chance = TEXTS[name].splitlines(), random.Random(7)
    whole = parse_report(TEXTS[name], name)
    for _ in range(_CHANGES):
        found = read_or_refused("\n".join(line for line in lines if chance.random() > 0.03), name)
        assert found is None or says_less(found, whole)


@pytest.mark.parametrize("name", TEXTS)
def test_reports_from_another_system_are_the_same(name: str) -> None:
    text = TEXTS[name]
    windows = text.replace("\r\n", "\n").replace("\n", "\r\n")
    assert parse_report(windows, name) == parse_report(text, name)
    assert parse_report("\ufeff" + text, name)["kind"] == parse_report(text, name)["kind"]


def _foreign() -> dict[str, str]:
    here = Path(__file__)
    return {
        "nothing": "",
        "blank": "\n \n",
        "binary": bytes(random.Random(1).randbytes(4096)).decode("latin-1"),
        "source": here.read_text(),
        "index": (FOLDER / "INDEX.json").read_text(),
        "other XML": "<html><body><profile/></body></html>",
        "deep XML": "<profile>" * 3000,
        "a log": "INFO: [HLS 200-10] Running\nERROR: [HLS 200-70] Synthesizability check failed.\n",
    }


@pytest.mark.parametrize("name", PARSERS)
def test_every_parser_refuses_what_is_foreign(name: str) -> None:
    parser: Callable[[str, str], dict[str, Any]] = PARSERS[name][1]
    texts = _foreign() | {other: text for other, text in TEXTS.items() if kind_of(text) != name}
    for other, text in texts.items():
        with pytest.raises(ReportError) as caught:
            parser(text, other)
        assert re.match(rf"{re.escape(other)}: (is no|is damaged|holds no)", str(caught.value))
    for other, text in _foreign().items():
        with pytest.raises(ReportError):
            parse_report(text, other)
