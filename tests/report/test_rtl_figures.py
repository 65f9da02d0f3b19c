"""Pictures of the RTL simulation: what they say, and that they are left out where there is nothing to show."""

from __future__ import annotations

from typing import Any

import pytest

from hwgen.report.figures.activity import draw_activity
from hwgen.report.figures.cycles import draw_cycles
from hwgen.report.figures.timeline import draw_timeline


def _spread(samples: int, cycles: int) -> dict[str, Any]:
    return {
        "samples": samples,
        "mean": float(cycles),
        "best": cycles,
        "p50": cycles,
        "p99": cycles + 2,
        "worst": cycles + 3,
        "histogram": [[cycles, samples - 1], [cycles + 3, 1]],
    }


def _activity(*toggles: float) -> dict[str, Any]:
    blocks = dict(zip(("stage1", "stage2", "gate1", "control"), toggles, strict=False))
    return {
        "per_sample": sum(toggles),
        "blocks": {name: {"total": value} for name, value in blocks.items()},
    }


@pytest.fixture
def rtl() -> dict[str, Any]:
    samples = [
        {"send": 3, "exit": 2, "in": 10, "out": 24, "stages": [[1, 10, 15], [2, 17, 24]]},
        {"send": 4, "exit": 1, "in": 11, "out": 16, "stages": [[1, 11, 16]]},
        {"send": 5, "exit": None, "in": 12, "out": None, "stages": [[1, 12, None]]},
        {"send": 6, "exit": None, "in": None, "out": None, "stages": []},
    ]
    runs = {"early exits": _activity(100, 40, 10, 50), "static": _activity(400)}
    return {
        "timeline": {"samples": samples, "source": "rtl_simulation"},
        "latency": {
            "full_rate": {"per_exit": [_spread(80, 6), None, _spread(20, 14)], "source": "rtl_simulation"}
        },
        "activity": {
            "full_rate": {
                "runs": runs,
                "baseline": "static",
                "saved": {"early exits": 0.5},
                "source": "rtl_simulation",
            }
        },
    }


def test_what_the_pictures_say(rtl: dict[str, Any]) -> None:
    (timeline,) = draw_timeline({"rtl": rtl})
    assert timeline.alt.startswith("3 successive samples")
    assert timeline.alt.endswith("1 at exit 1, 1 at exit 2.")
    (cycles,) = draw_cycles({"rtl": rtl})
    assert "exit 1: 80 samples, median 6, 99 of 100 within 8, worst 9" in cycles.alt
    assert "exit 2" not in cycles.alt and "exit 3: 20 samples" in cycles.alt
    (activity,) = draw_activity({"rtl": rtl})
    assert activity.alt == (
        "Toggles per sample: all: early exits 200, static 400; stage1: early exits 100; stage2: early exits 40; "
        "gate1: early exits 10; control: early exits 50."
    )
    assert "early exits 50% below static" in activity.caption
    for picture in (timeline, cycles, activity):
        assert picture.svg.startswith("<svg") and "http" not in picture.svg
        assert "rtl_simulation" in picture.svg


def test_nothing_to_show_is_no_picture(rtl: dict[str, Any]) -> None:
    for report in ({}, {"rtl": {}}, {"rtl": {"timeline": {"samples": []}, "latency": {}, "activity": {}}}):
        assert draw_timeline(report) == draw_cycles(report) == draw_activity(report) == []


def test_a_picture_is_the_same_every_time(rtl: dict[str, Any]) -> None:
    for draw in (draw_timeline, draw_cycles, draw_activity):
        assert draw({"rtl": rtl})[0].svg == draw({"rtl": rtl})[0].svg
