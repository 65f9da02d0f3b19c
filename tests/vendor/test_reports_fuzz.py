"""Whatever is done to a report, it is read right or refused; never read wrong, never another error."""

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


@pytest.mark.parametrize("name", TEXTS)
def test_changed_letters_raise_nothing_else(name: str) -> None:
    text, chance = TEXTS[name], random.Random(name)
    for _ in range(_CHANGES):
        changed = list(text)
        for _ in range(chance.choice((1, 1, 5, 40))):
            changed[chance.randrange(len(changed))] = chance.choice("|+-=<>/9~.\n\0é{} ")
        start = chance.choice((0, 0, chance.randrange(len(text))))
        read_or_refused("".join(changed[start:]), name)


@pytest.mark.parametrize("name", ["written utilisation", "vivado2020.1_hls4ml_fixture_csynth.rpt"])
def test_dropped_lines_raise_nothing_else(name: str) -> None:
    lines, chance = TEXTS[name].splitlines(), random.Random(7)
    for _ in range(_CHANGES):
        kept = [line for line in lines if chance.random() > 0.03]
        read_or_refused("\n".join(kept), name)


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
