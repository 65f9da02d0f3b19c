"""The page on simulation speed shows the results that are kept; its rows say whether a goal is met."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"


@pytest.fixture(scope="module")
def csim_speed() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        yield importlib.import_module("csim_speed")


def test_the_page_shows_the_results(csim_speed: ModuleType) -> None:
    """If this fails: python benchmarks/csim_speed.py --docs."""
    assert csim_speed.write_page(check=True) == 0


def test_nothing_measured(csim_speed: ModuleType) -> None:
    assert csim_speed.rows({}) == []
    assert csim_speed.markdown({}) == "*not measured*"


def test_goals(csim_speed: ModuleType) -> None:
    speed = {"mismatches": 0, "processor_share": 0.97}
    results = {
        "command": "python benchmarks/csim_speed.py", "seconds": 600,
        "machine": {"cores": 2, "cpu": "x", "target": "y", "compiler": "g++ 12", "load_average": 0.1},
        "stages": {
            "stream": {
                "hls4ml": {
                    "stage1": {"samples_per_second": 100.0, "script_seconds": 9.0, "script_seconds_o1": 4.0, **speed},
                },
                "fast": {"stage1": {"samples_per_second": 2400.0, "compile_seconds": 3.0, **speed}},
                "loop_nest": {
                    "stage1": {
                        "samples_per_second": 4000.0, "order": "row", "without_vectors": 1000.0,
                        "files_only": 8000.0, "mismatches": 3, "processor_share": 0.5,
                    },
                },
            },
        },
    }  # fmt: skip
    table = csim_speed.markdown(results)
    for line in (
        "| io_stream stage1: fast types / hls4ml -O3 | 24 (2,400 against 100 samples/s) | >= 25 | no |",
        "| io_stream stage1: fast types / loops written by hand | 0.6 (2,400 against 4,000 samples/s) | >= 0.5 | yes |",
        "without the time for files | 0.429 |",
        "with / without vectors | 4 (order: row) |",
        "| io_stream stage1: compiling, fast types / hls4ml -O1 | 0.75 (3.0 s against 4.0 s) | <= 1 | yes |",
        "| io_stream sum of stages: compiling, fast types / hls4ml -O3 | 0.333 (3.0 s against 9.0 s) |",
        "| differing values in all runs above | 3 | 0 | no |",
        "at least 50 % of the time",
    ):
        assert line in table
