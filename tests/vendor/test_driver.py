"""`hwgen synth --tool vitis|vivado` against mock tools: every version, every road, order, resume, jobs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hwgen.vendor.status import DONE, FAILED, statuses
from hwgen.vendor.versions import HLS_STEPS, RELEASES, TCL, UNIFIED, Release
from tests.mock_commands.install import Mocks
from tests.vendor.conftest import PART, Desk

pytestmark = [pytest.mark.tclsh, pytest.mark.xdist_group("vendor")]
BLOCKS = ["stage1", "stage2", "gate1", "kernel"]
ROWS = [(release, road) for release in RELEASES for road in release.roads]


def install(mocks: Mocks, version: str, hls: str = "vitis_hls") -> None:
    """The programs of one version."""
    names = {"vitis-run": ("vitis__run", "vpp")}.get(hls, (hls,))
    mocks.add(**dict.fromkeys((*names, "vivado"), version))


def results(block: str) -> tuple[dict[str, object], dict[str, object], dict[str, object]]:
    """What the mock reports of a block: resources, latency of C synthesis, latency of the co-simulation."""
    seed = sum(map(ord, block))
    counts = {"lut": 900 + seed, "ff": 700 + seed, "dsp": seed % 11, "bram_18k": seed % 7}
    return (
        {"block": block, **counts, "source": "csynth", "of": block},
        {"block": block, "min": seed, "max": seed + 2, "interval": 5, "clock_ns": 7.3, "source": "csynth"},
        {
            "block": block,
            "min": seed + 1,
            "max": seed + 3,
            "interval": 9,
            "clock_ns": None,
            "source": "cosim",
        },
    )


@pytest.mark.parametrize(("release", "road"), ROWS, ids=lambda value: getattr(value, "version", value))
def test_every_version_takes_its_road(desk: Callable[[str], Desk], release: Release, road: str) -> None:
    it = desk(release.backend)
    install(it.mocks, release.version, release.hls)
    answer = it.synth(release.backend.lower(), "--step", "csynth", "--block", "gate1", "--road", road)
    assert answer.code == 0, answer.err
    [call] = it.mocks.calls()
    if road == TCL:
        assert call["program"] == release.hls
        assert tuple(call["arguments"][:-1]) == release.tcl
        assert call["arguments"][-1] == str((it.firmware / "scripts" / "hls.tcl").resolve())
    else:
        assert call["program"] == "v++"
        assert call["arguments"][:4] == ["-c", "--mode", "hls", "--config"]
    document = it.document()
    resources, latency, _ = results("gate1")
    assert (document["resources"], document["latency"]) == ([resources], [latency])
    assert [run["tool"] for run in document["runs"]] == [f"{release.hls} {release.version} {road}"]
    assert (
        document["firmware_sha256"]
        == json.loads((it.firmware / "manifest.json").read_text())["inputs_sha256"]
    )


@pytest.mark.parametrize(
    ("version", "hls", "road"),
    [("2020.1", "vivado_hls", TCL), ("2022.2", "vitis_hls", TCL), ("2023.1", "vitis-run", TCL), ("2023.1", "vitis-run", UNIFIED)],
)  # fmt: skip
def test_steps_of_every_program(desk: Callable[[str], Desk], version: str, hls: str, road: str) -> None:
    it = desk("Vivado" if hls == "vivado_hls" else "Vitis")
    install(it.mocks, version, hls)
    tool = "vivado" if hls == "vivado_hls" else "vitis"
    steps = [word for step in HLS_STEPS for word in ("--step", step)]
    answer = it.synth(tool, *steps, "--block", "gate1", "--road", road)
    assert answer.code == 0, answer.err
    if road == UNIFIED:
        assert [(call["program"], call["arguments"][:-4]) for call in it.mocks.calls()] == [
            ("vitis-run", ["--mode", "hls", "--csim"]), ("v++", ["-c", "--mode", "hls"]),
            ("vitis-run", ["--mode", "hls", "--cosim"]), ("vitis-run", ["--mode", "hls", "--package"]),
        ]  # fmt: skip
    assert it.ran() == [("gate1", step) for step in HLS_STEPS]
    document = it.document()
    _, latency, cosim = results("gate1")
    assert document["latency"] == [cosim, latency]
    assert document["cosim"] == [{"block": "gate1", "passed": True}]


def test_the_unified_road_reads_what_the_tcl_road_reads(desk: Callable[[str], Desk]) -> None:
    it = desk("Vitis")
    install(it.mocks, "2023.2", "vitis-run")
    assert it.synth("vitis", "--road", UNIFIED, "--step", "csim", "--step", "csynth").code == 0
    for block in BLOCKS:
        lines = (it.work / "hls" / f"{block}.cfg").read_text().splitlines()
        entries = [line.partition("=")[::2] for line in lines if "=" in line and not line.startswith("#")]
        keys = dict(entries)
        assert (keys["part"], keys["clock"], keys["clock_uncertainty"]) == (PART, "10", "27%")
        assert (keys["syn.top"], keys["syn.rtl.reset"], keys["flow_target"]) == (block, "state", "vivado")
        assert keys["package.output.format"] == "ip_catalog"
        assert lines.index(f"part={PART}") < lines.index("[hls]")
        files = [Path(value) for key, value in entries if key in ("syn.file", "tb.file")]
        assert files and all(path.exists() and path.is_absolute() for path in files)
        for key, value in entries:
            if key.endswith("cflags"):
                assert Path(value.partition(",")[0]) in files and "-std=c++11" in value


def test_all_blocks_in_the_order_of_their_needs(desk: Callable[[str], Desk]) -> None:
    it = desk("Vitis")
    install(it.mocks, "2022.2")
    answer = it.synth("vitis", "--json")
    assert answer.code == 0, answer.err
    ran = it.ran()
    assert sorted(ran) == sorted(
        (block, step) for block in BLOCKS for step in ("csim", "csynth", "cosim", "export")
    )
    for block in BLOCKS:
        order = [step for name, step in ran if name == block]
        assert order.index("csynth") < order.index("cosim") and order.index("csynth") < order.index("export")
    assert json.loads(answer.out) == it.document()
    assert "[kernel csynth] INFO: done" in answer.err and "synth: gate1.cosim done" in answer.err
    table = it.synth("vitis")
    assert table.code == 0 and it.ran() == []
    assert "stage1 csim is done already" in table.err
    for word in ("kernel", "LUT", "csynth", "cosim", "synthesis/vendor.json", "stage2: co-simulation passed"):
        assert word in table.out


def test_the_pipeline_needs_the_ips(desk: Callable[[str], Desk]) -> None:
    it = desk("Vitis")
    install(it.mocks, "2022.2")
    answer = it.synth("vivado")
    assert answer.code == 0, answer.err
    ran = it.ran()
    assert ran[-2:] == [("pipeline", "synth"), ("pipeline", "impl")]
    assert sorted(ran[:-2]) == [
        ("stage1", "csynth"), ("stage1", "export"), ("stage2", "csynth"), ("stage2", "export"),
    ]  # fmt: skip
    document = it.document()
    rows = {(row["block"], row["source"]): row for row in document["resources"] if row["of"] == "pipeline"}
    assert set(rows) == {
        (block, f"vivado_{kind}") for block in ("entrance", "stage1_core") for kind in ("synth", "routed")
    }
    assert rows["stage1_core", "vivado_routed"] == {
        "block": "stage1_core", "lut": 800, "ff": 1000, "dsp": 7, "bram_18k": 7, "source": "vivado_routed", "of": "pipeline",
    }  # fmt: skip
    [timing] = document["timing"]
    assert (timing["met"], timing["wns_ns"], timing["source"]) == (True, 0.512, "vivado_routed")
    assert document["power"]["activity"] is None and document["power"]["dynamic_w"] == 0.211
    assert "from the tool's default toggle rates" in answer.out and "timing met" in answer.out
    assert it.synth("vivado").code == 0 and it.ran() == []
    saif = it.out / "run.saif"
    saif.write_text("(SAIFILE)")
    answer = it.synth("vivado", "--saif", saif)
    assert answer.code == 0 and it.ran() == [("pipeline", "impl")]
    assert it.document()["power"]["activity"] == "run.saif"


def test_only_what_changed_is_run_again(desk: Callable[[str], Desk]) -> None:
    it = desk("Vitis")
    install(it.mocks, "2022.2")
    steps = ("--step", "csynth", "--step", "export")
    assert it.synth("vitis", *steps).code == 0
    it.ran()
    source = it.firmware / "gate1" / "gate1.cpp"
    source.write_text(source.read_text() + "// edited\n")
    assert it.synth("vitis", *steps).code == 0
    assert it.ran() == [("gate1", "csynth"), ("kernel", "csynth"), ("gate1", "export"), ("kernel", "export")]
    # A synthesis alone takes the export from under the pipeline, and says so.
    source.write_text(source.read_text() + "// again\n")
    assert it.synth("vitis", "--step", "csynth", "--block", "gate1").code == 0
    assert it.ran() == [("gate1", "csynth")] and not (it.work / "hls" / "status" / "gate1.export").exists()
    assert {(run["block"], run["step"]): run["state"] for run in it.document()["runs"]}[
        "kernel", "csynth"
    ] == "outdated"
    assert it.synth("vitis", *steps).code == 0
    assert it.ran() == [("kernel", "csynth"), ("gate1", "export"), ("kernel", "export")]
    (it.firmware / "README.md").write_text("edited")
    (it.firmware / "scripts" / "hls_build").mkdir()
    (it.firmware / "scripts" / "hls_build" / "left.txt").write_text("by hand")
    assert it.synth("vitis", *steps).code == 0 and it.ran() == []
    (it.work / "hls" / "stage1" / "solution1" / "impl" / "ip" / "component.xml").unlink()
    assert it.synth("vitis", *steps).code == 0 and it.ran() == [("stage1", "export")]
    assert it.synth("vitis", *steps, "--force", "--block", "stage2").code == 0
    assert it.ran() == [("stage2", "csynth"), ("stage2", "export")]
    it.mocks.add(vitis_hls="2022.1")
    it.mocks.folder.joinpath("vitis_hls").write_text(it.mocks.folder.joinpath("vitis_hls").read_text() + "\n")
    from hwgen.vendor import tools

    tools._version_of.cache_clear()
    assert it.synth("vitis", "--step", "csynth", "--block", "gate1").code == 0
    assert it.ran() == [("gate1", "csynth")]  # another version of the tool


@pytest.mark.cluster
def test_the_same_through_dask(desk: Callable[[str], Desk]) -> None:
    """Steps of two blocks on two workers, and the first failure comes back as it would from here."""
    it = desk("Vitis")
    install(it.mocks, "2022.2")
    it.mocks.fail("stage2 export licence")
    options = ("--step", "export", "--block", "stage2", "--block", "gate1", "--jobs", 2, "--cluster", "local")
    answer = it.synth("vitis", *options)
    assert answer.code == 4 and "A valid license was not found" in answer.err.splitlines()[-1]
    assert "[gate1 csynth] INFO: done" in answer.err
    states = {status.name: status.state for status in statuses(it.work / "hls")}
    assert (states["stage2.csynth"], states["gate1.csynth"], states["stage2.export"]) == (DONE, DONE, FAILED)
    document = json.loads(it.hwgen("import-reports", it.work, "--out", it.out, "--json").out)
    assert document["resources"] == [results("gate1")[0], results("stage2")[0]]
