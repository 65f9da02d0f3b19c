"""`hwgen import-reports DIR`: figures of runs by hand, and everything that is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hwgen.vendor.status import DONE, FAILED, Status, parse_status, write_status
from tests.mock_commands.install import Mocks
from tests.vendor import written
from tests.vendor.conftest import PART, Desk

SOLUTION = "hls_build/stage1/solution1"


def by_hand(folder: Path, firmware: str, step: str = "csynth", state: str = DONE, part: str = PART) -> None:
    """What scripts/hls.tcl leaves of stage1."""
    write_status(folder / "hls_build", Status("stage1", step, firmware, state, "vitis_hls"))
    put(folder / SOLUTION / "syn" / "report" / "stage1_csynth.xml", written.csynth("stage1", part=part))


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def it(desk: Callable[[str], Desk]) -> Desk:
    return desk("Vitis")


@pytest.fixture
def key(it: Desk) -> str:
    return str(json.loads((it.firmware / "manifest.json").read_text())["inputs_sha256"])


def test_runs_by_hand(it: Desk, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scripts = it.firmware / "scripts"
    by_hand(scripts, key)
    for folder in (scripts, scripts / "hls_build", it.firmware, it.out):
        it.results.unlink(missing_ok=True)
        answer = it.hwgen("import-reports", folder)  # the output folder is found above it
        assert answer.code == 0, answer.err
        assert it.document()["resources"] == [
            {
                "block": "stage1",
                "lut": 900,
                "ff": 700,
                "dsp": 5,
                "bram_18k": 3,
                "source": "csynth",
                "of": "stage1",
            }
        ]
    monkeypatch.chdir(it.out)
    answer = it.hwgen("import-reports", "firmware/scripts", "--json")
    assert answer.code == 0 and json.loads(answer.out) == it.document()
    assert str(it.out) not in answer.out


def test_what_stands_beside_reports_and_statuses_does_no_harm(it: Desk, key: str) -> None:
    """Half a status that a killed script left, a folder, and the other road's project without a report."""
    runs = it.firmware / "scripts" / "hls_build"
    by_hand(runs.parent, key)
    before = json.loads(it.hwgen("import-reports", runs, "--json").out)
    put(runs / "status" / "stage1.cosim.new", "firm")
    (runs / "status" / "old.backup").mkdir()
    assert json.loads(it.hwgen("import-reports", runs, "--json").out) == before
    (runs / "stage1" / "solution1").rename(runs / "stage1" / "hls")
    (runs / "stage1" / "solution1" / "csim").mkdir(parents=True)
    assert json.loads(it.hwgen("import-reports", runs, "--json").out) == before


def test_a_step_that_was_run_in_two_folders_is_refused(it: Desk, key: str) -> None:
    by_hand(it.firmware / "scripts", key)
    by_hand(it.out, key)
    answer = it.hwgen("import-reports", it.out)
    assert answer.code == 2 and "hls_build too; name one of the two folders" in answer.err


def test_other_firmware_is_refused(it: Desk, key: str) -> None:
    by_hand(it.out, "ab" * 32)
    answer = it.hwgen("import-reports", it.out)
    assert answer.code == 2 and not it.results.exists()
    assert (
        f"stage1.csynth: is of firmware abababababababab, this tree is {key[:16]}; run its scripts again"
        in answer.err
    )


def test_an_edited_tree_is_refused_where_hwgen_knows(it: Desk, key: str, mocks: Mocks) -> None:
    by_hand(it.out, key)
    path = it.out / "hls_build"
    write_status(path, Status("stage1", "csynth", key, DONE, "vitis_hls", key="0" * 64))
    answer = it.hwgen("import-reports", path, "--out", it.out)
    assert answer.code == 2 and "no step is done: stage1 csynth is outdated" in answer.err
    write_status(path, Status("gate1", "csim", key, DONE, "vitis_hls"))
    assert it.hwgen("import-reports", path, "--out", it.out).code == 0
    assert it.document()["resources"] == []
    assert [
        (run["step"], run["state"], run["message"])
        for run in it.document()["runs"]
        if run["block"] == "stage1"
    ] == [("csynth", "outdated", "the firmware was edited since")]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda path: path.unlink(), "stage1_csynth.xml: cannot be read (No such file or directory)"),
        (lambda path: path.write_text(path.read_text()[:500]), "stage1_csynth.xml: is damaged or cut short"),
        (lambda path: path.write_text(written.csynth("gate1", part=PART)), "is of the top gate1, not of stage1"),
        (lambda path: path.write_text(written.csynth("stage1")), "is of part xc7z020-clg400-1, the firmware is for"),
        (lambda path: path.write_text(written.cosim()), "is a report of cosim, not of csynth"),
        (lambda path: path.write_text(written.csynth("stage1", version="2017.4")), "is older than 2018.1"),
        (lambda path: path.write_bytes(bytes(range(256))), "is no report that is known here"),
    ],
)  # fmt: skip
def test_reports_that_cannot_be_used(
    it: Desk, key: str, change: Callable[[Path], object], message: str
) -> None:
    by_hand(it.out, key)
    change(it.out / SOLUTION / "syn" / "report" / "stage1_csynth.xml")
    answer = it.hwgen("import-reports", it.out)
    assert answer.code == 2 and message in answer.err and len(answer.err.splitlines()) == 1
    assert not it.results.exists()


def test_a_failed_run_is_not_read(it: Desk, key: str) -> None:
    by_hand(it.out, key, state=FAILED)
    answer = it.hwgen("import-reports", it.out)
    assert answer.code == 2 and "no step is done: stage1 csynth is failed" in answer.err
    write_status(it.out / "hls_build", Status("gate1", "csim", key, DONE, "vitis_hls"))
    answer = it.hwgen("import-reports", it.out)
    assert answer.code == 0 and it.document()["resources"] == [] and "stage1 csynth: failed" in answer.out


def vivado(folder: Path, firmware: str, **texts: str) -> None:
    rows = [
        ("hwgen_pipeline", "(top)", 9, 8, 1, 0, 12, 2, 3, 7),
        ("  merge_i", "hwgen_result_merge", 5, 5, 0, 0, 6, 1, 1, 0),
    ]
    given = {
        "utilisation_routed.rpt": written.hierarchy(rows).replace("7z020clg400-1", PART),
        "timing_routed.rpt": written.timing(version="2020.1").replace("7z020-clg400", "xczu3eg-sbva484"),
        "power_routed.rpt": written.power().replace("xczu7ev-ffvc1156-2-e", PART),
        **texts,
    }
    write_status(folder / "vivado_build", Status("pipeline", "impl", firmware, DONE, "vivado"))
    for name, text in given.items():
        put(folder / "vivado_build" / "reports" / name, text)


def test_reports_of_vivado(it: Desk, key: str) -> None:
    vivado(it.out, key)
    answer = it.hwgen("import-reports", it.out)
    assert answer.code == 0, answer.err
    document = it.document()
    assert document["resources"] == [
        {
            "block": "merge",
            "lut": 5,
            "ff": 6,
            "dsp": 0,
            "bram_18k": 3,
            "source": "vivado_routed",
            "of": "pipeline",
        }
    ]
    assert document["timing"][0]["source"] == document["power"]["source"] == "vivado_routed"
    assert "0.211 W dynamic, 0.124 W static, from pipeline.saif" in answer.out


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("utilisation_routed.rpt", written.utilisation().replace("xczu7ev-ffvc1156-2-e", PART), "is not by instance"),
        ("timing_routed.rpt", written.timing(state="Synthesized").replace("7z020-clg400", "xczu3eg-sbva484"),
         "is of a design that was synthesised, not routed"),
        ("timing_routed.rpt", written.timing(), "is of part 7z020-clg400"),
        ("power_routed.rpt", written.power().replace("xczu7ev-ffvc1156-2-e", PART).replace("| hwgen_pipeline", "| x").replace(
            ": hwgen_pipeline", ": other"), "is of the design other, not of hwgen_pipeline"),
    ],
)  # fmt: skip
def test_reports_of_another_design(it: Desk, key: str, name: str, text: str, message: str) -> None:
    vivado(it.out, key, **{name: text})
    answer = it.hwgen("import-reports", it.out)
    assert answer.code == 2 and message in answer.err and not it.results.exists()


def test_wrong_folders(it: Desk, tmp_path: Path) -> None:
    answer = it.hwgen("import-reports", tmp_path / "nowhere")
    assert answer.code == 2 and "nowhere: is not there" in answer.err
    (tmp_path / "empty").mkdir()
    answer = it.hwgen("import-reports", tmp_path / "empty")
    assert (
        answer.code == 2
        and "holds neither runs of the firmware's scripts nor a report of the vendor's tools" in answer.err
    )
    answer = it.hwgen("import-reports", tmp_path / "empty", "--out", it.out)
    assert answer.code == 2 and "empty: holds no runs of the firmware's scripts" in answer.err
    put(tmp_path / "empty" / "stage1_csynth.xml", written.csynth("stage1", part=PART))
    answer = it.hwgen("import-reports", tmp_path / "empty", "--out", it.out)
    assert answer.code == 2 and "other reports are shown without --out" in answer.err
    assert not it.results.exists()
    (tmp_path / "empty" / "stage1_csynth.xml").unlink()
    by_hand(tmp_path / "elsewhere", "ab" * 32)
    answer = it.hwgen("import-reports", tmp_path / "elsewhere")
    assert (
        answer.code == 2
        and "lies below no folder with a firmware/ in it; name the output folder with --out" in answer.err
    )
    answer = it.hwgen("import-reports", tmp_path / "empty", "--out", tmp_path / "empty")
    assert answer.code == 2 and "has no firmware/ in it" in answer.err
    put(it.out / "hls_build" / "status" / "stage1.csynth", "nonsense")
    answer = it.hwgen("import-reports", it.out)
    assert answer.code == 2 and "stage1.csynth: is no status of a step" in answer.err


def test_a_status_comes_back_as_it_was_written() -> None:
    status = Status("stage1", "csim", "ab" * 32, FAILED, "vitis_hls 2022.2 tcl", "cd" * 32, "why\nit failed")
    assert parse_status(status.text(), "folder/status/stage1.csim") == Status(
        "stage1", "csim", "ab" * 32, FAILED, "vitis_hls 2022.2 tcl", "cd" * 32, "why it failed"
    )
