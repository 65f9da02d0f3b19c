"""`hwgen import-reports` on reports that no run vouches for: shown with their source, never imported."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from hwgen.errors import ReportError, UsageError
from hwgen.vendor.loose import read_loose
from hwgen.vendor.rows import SECTIONS
from hwgen.vendor.status import DONE, FAILED, Status, write_status
from tests.cli.conftest import Hwgen, hwgen
from tests.vendor import written
from tests.vendor.test_reports import FOLDER
from tests.vendor.test_reports_fuzz import TEXTS

__all__ = ["hwgen"]
HIERARCHY = written.hierarchy(
    [("top", "(top)", 9, 8, 1, 0, 12, 2, 3, 7), ("  a", "b", 5, 5, 0, 0, 6, 1, 1, 0)]
)
PROJECT = {
    "prj/solution1/syn/report/myproject_csynth.xml": written.csynth("myproject"),
    "prj/solution1/sim/report/myproject_cosim.rpt": written.cosim(),
    "prj/solution1/sim/report/late_cosim.rpt": written.cosim(verilog="Fail"),
    "prj/hls.app": TEXTS["vivado2020.1_hls4ml_fixture_vivado_hls.app"],
    "vivado_synth.rpt": TEXTS["vivado2020.1_hls4ml_fixture_vivado_synth.rpt"],
    "impl/placed.rpt": written.utilisation(state="Fully Placed", uram=4),
    "impl/opt.txt": written.utilisation(state="Optimized"),
    "impl/tree.rpt": HIERARCHY,
    "impl/timing.rpt": written.timing(),
    "impl/old_timing.rpt": written.timing(version="2019.2"),
    "impl/power.rpt": written.power(activity=""),
}
"""As hls4ml and Vivado leave them: no status, no hash."""
OTHERS = {
    "impl/io.rpt": "IO Report\n",
    "notes.txt": "nothing",
    "empty.txt": "",
    "empty.xml": "",
    "prj/impl/myproject_export.xml": "<profile>\n\n<AreaReport>\n</AreaReport>\n</profile>\n",
    "prj/component.xml": "<spirit:component/>",
}


def put(folder: Path, texts: dict[str, str]) -> Path:
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return put(tmp_path / "theirs", PROJECT | OTHERS)


def test_every_figure_has_its_file_and_its_source(folder: Path) -> None:
    found = read_loose(folder)
    assert {report["file"]: report["source"] for report in found["reports"]} == {
        "prj/solution1/syn/report/myproject_csynth.xml": "csynth",
        "prj/solution1/sim/report/myproject_cosim.rpt": "cosim",
        "prj/solution1/sim/report/late_cosim.rpt": "cosim",
        "prj/hls.app": None,
        "vivado_synth.rpt": "vivado_synth",
        "impl/placed.rpt": "vivado_placed",
        "impl/opt.txt": "vivado_opt",
        "impl/tree.rpt": "vivado_routed",
        "impl/timing.rpt": "vivado_routed",
        "impl/old_timing.rpt": "vivado",  # before 2021 they do not say in which state the design was
        "impl/power.rpt": "vivado_routed",
    }
    assert found["firmware_sha256"] is None and found["refused"] == []
    assert found["unrecognised"] == ["impl/io.rpt"]
    resources = {row["file"]: row for row in found["resources"]}
    assert resources["vivado_synth.rpt"] == {
        "block": "myproject", "lut": 1526, "ff": 2428, "dsp": 66, "bram_18k": 0, "uram": None,
        "source": "vivado_synth", "of": "myproject", "file": "vivado_synth.rpt",
    }  # fmt: skip
    assert resources["impl/placed.rpt"]["uram"] == 4 and resources["impl/placed.rpt"]["bram_18k"] == 7
    assert (resources["impl/tree.rpt"]["lut"], resources["impl/tree.rpt"]["bram_18k"]) == (9, 7)
    latency = {row["source"]: row for row in found["latency"]}
    assert (latency["csynth"]["min"], latency["csynth"]["max"], latency["csynth"]["interval"]) == (10, 12, 9)
    assert (latency["cosim"]["block"], latency["cosim"]["max"]) == ("myproject", 15)
    assert {row["block"]: row["passed"] for row in found["cosim"]} == {"myproject": True, "late": False}
    assert [row["wns_ns"] for row in found["timing"]] == [0.512, 0.512]
    assert [(row["dynamic_w"], row["activity"]) for row in found["power"]] == [(0.211, None)]


def test_rows_have_the_keys_of_imported_ones(folder: Path) -> None:
    found = read_loose(folder)
    for section, keys in {
        "resources": {"block", "lut", "ff", "dsp", "bram_18k", "source", "of", "uram"},
        "latency": {"block", "min", "max", "interval", "clock_ns", "source"},
        "cosim": {"block", "passed"},
    }.items():
        assert found[section] and all(set(row) == keys | {"file"} for row in found[section])


def test_shown_and_not_imported(folder: Path, hwgen: Hwgen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    before = sorted(folder.rglob("*"))
    answer = hwgen("import-reports", ".")
    assert answer.code == 0 and answer.err == ""
    assert "reports of unknown firmware: shown, not imported" in answer.out
    assert "impl/io.rpt: not a report that is known here" in answer.out
    assert "late_cosim.rpt: late: co-simulation FAILED" in answer.out
    assert [line.split() for line in answer.out.splitlines() if "vivado_synth.rpt" in line] == [
        ["vivado_synth.rpt", "myproject", "1526", "2428", "66", "0", "—", "—", "vivado_synth"]
    ]
    assert json.loads(hwgen("import-reports", ".", "--json").out) == read_loose(Path())
    assert sorted(folder.rglob("*")) == before


def test_large_figures_are_not_rounded(tmp_path: Path, hwgen: Hwgen) -> None:
    counts = {"LUT": 1728001, "FF": 3456001, "DSP": 12288}
    put(tmp_path, {"a_csynth.xml": written.csynth("a", (945201123, 945201124), (8, 9), counts)})
    out = hwgen("import-reports", tmp_path).out
    assert {"1728001", "3456001", "945201123-945201124"} <= set(out.split())


def test_one_file(hwgen: Hwgen) -> None:
    file = FOLDER / "vitis2022.2_jet_csynth.xml"
    answer = hwgen("import-reports", file, "--json")
    found = json.loads(answer.out)
    assert answer.code == 0 and found["reports"][0]["version"] == "2022.2"
    assert {key: found["resources"][0][key] for key in ("lut", "ff", "dsp")} == {
        "lut": 116694, "ff": 24233, "dsp": 2557,
    }  # fmt: skip
    answer = hwgen("import-reports", FOLDER / "INDEX.json")
    assert answer.code == 2 and "INDEX.json: is no report that is known here" in answer.err


BAD = {
    "cut_csynth.xml": (written.csynth()[:400], "is damaged or cut short"),
    "short_csynth.xml": ("<prof", "no well-formed XML"),
    "short_csynth.rpt": ("\n\n=====", "is no csynth.rpt"),
    "short_cosim.rpt": ("Report time : now.\n", "is no cosim.rpt"),
    "empty.rpt": ("\n", "is empty; run the tool again"),
    "power.rpt": (written.power().split("Power Report")[0], "no title 'Power Report'"),
    "timing.rpt": (written.timing()[:2500], "is damaged or cut short"),
    "old.rpt": (written.utilisation(version="2016.3"), "which is older than 2018.1"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_used_is_named(name: str, folder: Path, hwgen: Hwgen) -> None:
    text, problem = BAD[name]
    put(folder, {f"impl/{name}": text})
    answer = hwgen("import-reports", folder)
    assert answer.code == 2 and f"impl/{name}: " in answer.err and problem in answer.err
    assert len(answer.err.splitlines()) == 1
    assert "vivado_synth.rpt" in answer.out  # what can be read is shown none the less
    assert not [row for row in answer.out.splitlines() if name in row and " csynth " in row]
    machine = hwgen("import-reports", folder, "--json")
    assert machine.code == 2 and json.loads(machine.out)["exit_code"] == 2
    one = hwgen("import-reports", folder / "impl" / name)
    assert one.code == 2 and problem in one.err


def test_the_status_of_a_run_cannot_be_passed_by(folder: Path, hwgen: Hwgen) -> None:
    run = folder / "a" / "b" / "c" / "d"
    for state in (FAILED, DONE):
        write_status(run, Status("stage1", "csynth", "ab" * 32, state, "vitis_hls"))
        put(run / "prj", {"stage1_csynth.xml": written.csynth("stage1")})
        for path in (folder, run / "prj", run / "prj" / "stage1_csynth.xml"):
            answer = hwgen("import-reports", path)
            assert answer.code == 2 and "belongs to a run of the firmware's scripts; name " in answer.err
    (run / "status" / "stage1.csynth").write_text("of another program")
    assert hwgen("import-reports", run / "prj").code == 0


def test_nothing_to_read(tmp_path: Path) -> None:
    put(tmp_path, OTHERS)
    for path, problem in ((tmp_path, "holds neither runs"), (tmp_path / "nowhere", "is not there")):
        with pytest.raises(UsageError, match=problem):
            read_loose(path)
    (tmp_path / "folder.rpt").mkdir()
    with pytest.raises(UsageError):
        read_loose(tmp_path)


def _rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for section in (*SECTIONS, "reports") for row in found[section]]


@pytest.mark.parametrize("seed", range(4))
def test_cut_and_changed_folders_give_right_figures_or_none(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    texts = {f"{index}/{name}": text for index, (name, text) in enumerate((PROJECT | OTHERS).items())}
    whole = _rows(read_loose(put(tmp_path / "whole", texts)))
    refused = 0
    for turn in range(12):
        name = chance.choice(list(PROJECT))
        name = next(key for key in texts if key.endswith(name))
        lines = texts[name].splitlines(keepends=True)
        cut = texts | {name: "".join(lines[: chance.randrange(len(lines))])}
        found = read_loose(put(tmp_path / str(turn), cut))
        assert all(row in whole for row in _rows(found))
        assert {entry["file"] for entry in found["refused"]} <= {name}
        refused += bool(found["refused"])
    assert refused > 6


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes_raise_nothing_else(seed: int, tmp_path: Path) -> None:
    chance, messages = random.Random(seed), []
    for name, text in TEXTS.items():
        data = bytearray(text.encode())
        for _ in range(chance.choice((1, 8, 200))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        file = tmp_path / f"{name.replace(' ', '_')}.rpt"
        file.write_bytes(data)
        try:
            read_loose(file)
        except ReportError as error:
            messages.append((str(error), str(file)))
    assert messages and all(message.startswith(f"{file}: ") for message, file in messages)


def test_swapped_contents_are_read_by_what_they_are(folder: Path, tmp_path: Path) -> None:
    names, texts = list(PROJECT), list(PROJECT.values())
    swapped = put(tmp_path / "swapped", dict(zip(names, texts[1:] + texts[:1], strict=True)))
    before, after = (
        sorted(report["kind"] for report in read_loose(path)["reports"]) for path in (folder, swapped)
    )
    assert before == after
