"""Parsers of vendor reports: real files, layouts of other versions, and everything that must be refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from hwgen.vendor.reports import kind_of, parse_report
from hwgen.vendor.reports.cosim import parse_cosim
from hwgen.vendor.reports.csynth import parse_csynth
from hwgen.vendor.reports.power import parse_power
from hwgen.vendor.reports.timing import parse_timing
from hwgen.vendor.reports.utilisation import parse_utilisation
from tests.vendor import written

FOLDER = Path(__file__).with_name("reports")
INDEX = json.loads((FOLDER / "INDEX.json").read_text())


def real(name: str) -> str:
    return (FOLDER / name).read_text()


def test_every_real_file_is_the_one_its_source_has() -> None:
    assert {entry["file"] for entry in INDEX} == {path.name for path in FOLDER.iterdir()} - {"INDEX.json"}
    for entry in INDEX:
        assert hashlib.sha256((FOLDER / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
        assert entry["licence"] and entry["repo"]


VIVADO = {
    "tool": "Vivado HLS", "version": "2020.1", "top": "myproject", "part": "xc7z020-clg400-1", "family": "zynq",
    "clock": {"target_ns": 5.0, "uncertainty_ns": 0.62, "estimated_ns": 4.049}, "pipeline": "dataflow",
    "interval_cycles": {"min": 8, "max": 8},
    "resources": {"lut": 2532, "ff": 7969, "dsp": 73, "bram_18k": 0, "uram": 0},
    "available": {"lut": 53200, "ff": 106400, "dsp": 220, "bram_18k": 280, "uram": 0},
}  # fmt: skip
VITIS = {
    "tool": "Vitis HLS", "version": "2022.2", "top": "myproject", "part": "xcu250-figd2104-2L-e", "family": "virtexuplus",
    "clock": {"target_ns": 5.0, "uncertainty_ns": 1.35, "estimated_ns": 3.636}, "pipeline": "yes",
    "interval_cycles": {"min": 1, "max": 1},
    "resources": {"lut": 116694, "ff": 24233, "dsp": 2557, "bram_18k": 8, "uram": 0},
    "available": {"lut": 1728000, "ff": 3456000, "dsp": 12288, "bram_18k": 5376, "uram": 1280},
}  # fmt: skip


@pytest.mark.parametrize(
    ("stem", "expected", "cycles"),
    [("vivado2020.1_hls4ml_fixture", VIVADO, 10), ("vitis2022.2_jet", VITIS, 15)],
)
def test_c_synthesis_as_xml_and_as_text(stem: str, expected: dict[str, object], cycles: int) -> None:
    xml, text = (parse_report(real(f"{stem}_csynth.{end}"), stem) for end in ("xml", "rpt"))
    for found in (xml, text):
        assert {key: found[key] for key in expected} == expected
        assert (found["latency_cycles"]["best"], found["latency_cycles"]["worst"]) == (cycles, cycles)
    assert xml["latency_cycles"]["average"] == cycles
    assert xml["target_interval"] is None  # 4294967295: none was asked for, or none written


def test_ports_of_real_tops() -> None:
    axi = parse_report(real("vivado2020.1_hls4ml_fixture_csynth.xml"), "x")["ports"]
    assert {port["protocol"] for port in axi} == {"axis", "ap_ctrl_hs"}
    assert {"name": "fc1_input_V_data_0_V_TDATA", "direction": "in", "bits": 16, "protocol": "axis",
            "argument": "fc1_input_V_data_0_V"} in axi  # fmt: skip
    assert len([port for port in axi if port["name"].endswith("_TDATA")]) == 21
    valid = parse_report(real("vitis2022.2_jet_csynth.xml"), "x")["ports"]
    assert [port["bits"] for port in valid if port["name"] == "fc1_input"] == [256]


def test_utilisation_and_project_file() -> None:
    found = parse_report(real("vivado2020.1_hls4ml_fixture_vivado_synth.rpt"), "x")
    assert found == {
        "kind": "utilisation", "version": "2020.1", "design": "myproject", "part": "7z020clg400-1",
        "state": "synthesised",
        "resources": {"lut": 1526, "lutram": 48, "ff": 2428, "dsp": 66, "uram": None, "bram_18k": 0},
        "available": {"lut": 53200, "lutram": 17400, "ff": 106400, "dsp": 220, "uram": None, "bram_18k": 280},
        "instances": [],
    }  # fmt: skip
    project = parse_report(real("vivado2020.1_hls4ml_fixture_vivado_hls.app"), "x")
    assert project == {
        "kind": "project", "project": "myproject_prj", "top": "myproject", "solutions": ["solution1"],
    }  # fmt: skip


def test_project_file_of_newer_tools() -> None:
    text = (
        '<project xmlns="com.autoesl.autopilot.project" name="p" top="stage1">\n<solutions xmlns="">\n'
        '<solution name="solution1" status=""/>\n<solution name="two" status="active"/>\n</solutions>\n</project>\n'
    )
    assert parse_report(text, "hls.app")["solutions"] == ["solution1", "two"]
    assert parse_report(text, "hls.app")["top"] == "stage1"


MODULES = """<ModuleInformation>
<Module><Name>inner</Name><PerformanceEstimates>
<SummaryOfTimingAnalysis><EstimatedClockPeriod>3.2</EstimatedClockPeriod></SummaryOfTimingAnalysis>
<SummaryOfOverallLatency><Best-caseLatency>3196</Best-caseLatency><Worst-caseLatency>3198</Worst-caseLatency>
<PipelineInitiationInterval>3196 ~ 3198</PipelineInitiationInterval></SummaryOfOverallLatency></PerformanceEstimates>
<AreaEstimates><Resources><LUT>73</LUT><UTIL_LUT>~0</UTIL_LUT><FF>13</FF><DSP>1</DSP><BRAM_18K>2</BRAM_18K></Resources>
</AreaEstimates></Module>
<Module><Name>stage1</Name><AreaEstimates><Resources><LUT>900</LUT></Resources></AreaEstimates></Module>
</ModuleInformation>
"""


def test_forms_of_c_synthesis() -> None:
    found = parse_csynth(written.csynth(modules=MODULES))
    assert found["latency_cycles"] == {"best": 10, "average": None, "worst": 12}
    assert found["interval_cycles"] == {"min": 8, "max": 9}
    assert found["resources"] == {"lut": 900, "ff": 700, "dsp": 5, "bram_18k": 3, "uram": 0}
    inner, outer = found["modules"]
    assert inner["name"] == "inner" and inner["interval_cycles"] == {"min": 3196, "max": 3198}
    assert inner["resources"] == {"lut": 73, "ff": 13, "dsp": 1, "bram_18k": 2, "uram": None}
    assert outer["latency_cycles"] == {"best": None, "average": None, "worst": None}
    old = parse_csynth(written.csynth(resources={"DSP48E": 7, "LUT": 1, "FF": 2}, version="2019.2", target=4))
    assert old["resources"] == {"lut": 1, "ff": 2, "dsp": 7, "bram_18k": None, "uram": None}
    assert (old["tool"], old["target_interval"]) == ("Vivado HLS", 4)
    for said in ("undef", "?", "-1", "-", ""):
        unknown = parse_csynth(written.csynth(latency=(said, said), interval=(said, said)))
        assert set(unknown["latency_cycles"].values()) | set(unknown["interval_cycles"].values()) == {None}
    assert parse_csynth(written.csynth(version=None))["version"] is None


SUMMARY = f"""

{written.RULE}
== Synthesis Summary Report of 'stage1'
{written.RULE}
+ General Information:
    * Version:        2023.2 (Build 1 on Oct 13 2023)
    * Product family: zynq
    * Target device:  xc7z020-clg400-1

+ Performance & Resource Estimates:

    PS: '+' for module; 'o' for loop; '*' for dataflow
    +-----------+------+------+---------+--------+----------+-----------+------+----------+---------+-------+-----------+-----------+-----+
    |  Modules  | Issue|      | Latency | Latency| Iteration|           | Trip |          |         |       |           |           |     |
    |  & Loops  | Type | Slack| (cycles)|  (ns)  |  Latency |  Interval | Count| Pipelined|   BRAM  |  DSP  |     FF    |    LUT    | URAM|
    +-----------+------+------+---------+--------+----------+-----------+------+----------+---------+-------+-----------+-----------+-----+
    |+ stage1*  |     -|  0.00|       38| 126.540|         -|   30 ~ 39 |     -|  dataflow| 16 (16%)| 7 (2%)| 2696 (2%) | 8796 (16%)|    -|
    | + inner   |     -|  0.00|        -|       -|         -|          1|     -|        no|        -|      -|   13 (~0%)|   73 (~0%)|    -|
    |  o LOOP   |     -|  7.30|      600| 6.0e+03|         2|          1|   600|       yes|        -|      -|          -|          -|    -|
    +-----------+------+------+---------+--------+----------+-----------+------+----------+---------+-------+-----------+-----------+-----+


{written.RULE}
== HW Interfaces
{written.RULE}
"""
EARLIER = f"""
{written.RULE}
== Vivado HLS Report for 'stage1'
{written.RULE}
* Version:        2019.1 (Build 1)
* Product family: zynq
* Target device:  xc7z020-clg484-1

{written.RULE}
== Performance Estimates
{written.RULE}
+ Timing (ns):
    +--------+-------+----------+------------+
    |  Clock | Target| Estimated| Uncertainty|
    +--------+-------+----------+------------+
    |ap_clk  |  10.00|     8.750|        1.25|
    +--------+-------+----------+------------+
+ Latency (clock cycles):
    +-----+-----+-----+-----+----------+
    |  Latency  |  Interval | Pipeline |
    | min | max | min | max |   Type   |
    +-----+-----+-----+-----+----------+
    |   51|   53|    ?|    ?|   none   |
    +-----+-----+-----+-----+----------+

{written.RULE}
== Utilization Estimates
{written.RULE}
+-----------------+---------+-------+--------+-------+
|       Name      | BRAM_18K| DSP48E|   FF   |  LUT  |
+-----------------+---------+-------+--------+-------+
|Total            |        1|      4|   71775| 101898|
+-----------------+---------+-------+--------+-------+
|Available        |      280|    220|  106400|  53200|
+-----------------+---------+-------+--------+-------+
|Utilization (%)  |       ~0|      1|      67|    191|
+-----------------+---------+-------+--------+-------+

{written.RULE}
== Interface
{written.RULE}
+-----------+-----+-----+
| RTL Ports | Dir | Bits|
+-----------+-----+-----+
|ap_clk     |  in |    1|
+-----------+-----+-----+
"""


# From 2024.2 on the two kinds of latency share a head.
LATER = SUMMARY.replace("| Latency | Latency| Iteration|", "|      Latency     | Iteration|").replace(
    "2023.2", "2025.1"
)


def test_summaries_of_other_versions() -> None:
    assert LATER.count("Latency     |") == 1
    whole, later = parse_report(SUMMARY, "csynth.rpt"), parse_report(LATER, "csynth.rpt")
    assert later == whole | {"version": "2025.1"}
    small = parse_report(
        SUMMARY.split("\n\n\n=")[0] + "\n", "csynth.rpt"
    )  # nothing behind its table in 2020.2
    assert small == whole


def test_forms_of_c_synthesis_as_text() -> None:
    found = parse_report(SUMMARY, "csynth.rpt")
    assert (found["top"], found["version"]) == ("stage1", "2023.2")
    assert found["latency_cycles"] == {"best": None, "worst": 38}
    assert found["interval_cycles"] == {"min": None, "max": 39}
    assert found["resources"] == {"lut": 8796, "ff": 2696, "dsp": 7, "bram_18k": 16, "uram": 0}
    assert [module["name"] for module in found["modules"]] == ["stage1", "inner"]
    assert found["modules"][1]["latency_cycles"]["worst"] is None
    earlier = parse_report(EARLIER, "stage1_csynth.rpt")
    assert earlier["latency_cycles"] == {"best": 51, "worst": 53}
    assert earlier["interval_cycles"] == {"min": None, "max": None}
    assert earlier["resources"] == {"lut": 101898, "ff": 71775, "dsp": 4, "bram_18k": 1, "uram": None}
    assert earlier["clock"] == {"target_ns": 10.0, "uncertainty_ns": 1.25, "estimated_ns": 8.75}


@pytest.mark.parametrize("family", ["Slice", "CLB"])
@pytest.mark.parametrize("version", ["2018.2", "2022.2", "2024.1.2"])
def test_forms_of_utilisation(family: str, version: str) -> None:
    found = parse_utilisation(written.utilisation(version=version, family=family, uram=4, dies=True))
    assert found["resources"] == {"lut": 1526, "lutram": 48, "ff": 2428, "dsp": 66, "uram": 4, "bram_18k": 7}
    assert found["available"]["bram_18k"] == 624
    assert (found["state"], found["version"]) == ("routed", version)


def test_names_of_versal() -> None:
    text = written.utilisation(version="2023.2").replace("| CLB Registers", "| Registers    ")
    text = text.replace("| DSPs         ", "| DSP Slices   ")
    assert parse_utilisation(text)["resources"] == parse_utilisation(written.utilisation())["resources"]


@pytest.mark.parametrize(
    ("said", "state"),
    [("Synthesized", "synthesised"), ("Fully Placed", "placed"), ("Routed", "routed"),
     ("Physopt postRoute", "routed"), ("Physopt postPlace", "placed"), ("Optimized", "optimised")],
)  # fmt: skip
def test_states(said: str, state: str) -> None:
    assert parse_utilisation(written.utilisation(state=said))["state"] == state


@pytest.mark.parametrize("version", ["2019.2", "2023.2"])
def test_utilisation_by_instance(version: str) -> None:
    rows = [
        ("hwgen_pipeline", "(top)", 900, 850, 40, 10, 1200, 2, 3, 7),
        ("  (hwgen_pipeline)", "(top)", 100, 100, 0, 0, 200, 0, 0, 0),
        ("  stage1_core_i", "stage1_core", 700, 650, 40, 10, 800, 1, 3, 7),
        ("    ip_i", "stage1_ip", 690, 640, 40, 10, 790, 1, 3, 7),
    ]
    found = parse_utilisation(written.hierarchy(rows, version))
    assert [(row["instance"], row["depth"]) for row in found["instances"]] == [
        ("hwgen_pipeline", 0), ("(hwgen_pipeline)", 1), ("stage1_core_i", 1), ("ip_i", 2),
    ]  # fmt: skip
    expected = {"lut": 900, "lutram": 50, "ff": 1200, "dsp": 7, "uram": None, "bram_18k": 7}
    assert found["resources"] == found["instances"][0]["resources"] == expected


def test_forms_of_timing() -> None:
    found = parse_timing(written.timing(clocks={"clk": "10.000", "clk_gated": "10.000"}, unclocked=3))
    assert (found["wns_ns"], found["whs_ns"], found["met"], found["state"]) == (0.512, 0.021, True, "routed")
    assert found["clocks"] == [{"name": "clk", "period_ns": 10.0}, {"name": "clk_gated", "period_ns": 10.0}]
    assert (found["setup_endpoints"], found["pulse_endpoints"], found["unclocked"]) == (4096, 2048, 3)
    late = parse_timing(written.timing(wns="-0.081", tns="-353.193", failing=6486))
    assert (late["met"], late["wns_ns"], late["setup_failing"]) == (False, -0.081, 6486)
    # What the tool says of a design without a constraint is that its constraints are met.
    free = parse_timing(written.timing(wns="NA", version="2019.2"))
    assert free["met"] is None and free["wns_ns"] is None and free["state"] == ""
    for wns in ("NA", "inf"):
        none = parse_timing(
            written.timing(wns=wns, verdict="There are no user specified timing constraints.")
        )
        assert (none["met"], none["wns_ns"], none["whs_ns"]) == (None, None, None)
        assert none["setup_endpoints"] == (68 if wns == "inf" else None)
    setup = parse_timing(written.timing(kinds=1))
    assert (setup["wns_ns"], setup["setup_failing"], setup["whs_ns"], setup["met"]) == (0.512, 0, None, True)


def test_forms_of_power() -> None:
    found = parse_power(written.power())
    assert (found["total_w"], found["dynamic_w"], found["static_w"]) == (0.335, 0.211, 0.124)
    assert (found["activity"], found["nets_matched"], found["confidence"]) == ("pipeline.saif", "98%", "High")
    assert {"name": "CARRY8", "w": 0.001, "at_most": True} in found["components"]
    assert found["instances"][1] == {"name": "stage1_core_i", "w": 0.1, "at_most": False, "depth": 1}
    guessed = parse_power(written.power(activity=""))
    assert (guessed["activity"], guessed["nets_matched"], guessed["confidence"]) == (None, None, "Low")
    hot = parse_power(written.power(total="32.335 (Junction temp exceeded!)", dynamic="32.211"))
    assert hot["total_w"] == 32.335


@pytest.mark.parametrize("total", [None, 1234])
def test_forms_of_cosimulation(total: int | None) -> None:
    found = parse_cosim(written.cosim(total=total))
    assert found["passed"] and found["simulator"] == "xsim"
    assert found["rtl"]["verilog"] == {
        "status": "pass", "latency_cycles": {"min": 10, "average": 12, "max": 15},
        "interval_cycles": {"min": 8, "average": 8, "max": 9}, "total_cycles": total,
    }  # fmt: skip
    assert found["rtl"]["vhdl"]["status"] == "not run"
    failed = parse_cosim(written.cosim(verilog="Fail", total=total))
    assert not failed["passed"] and failed["rtl"]["verilog"]["latency_cycles"]["max"] is None
    assert parse_cosim(written.cosim(verilog="NA", total=total))["passed"] is None
    assert not parse_cosim(written.cosim(vhdl="Fail", total=total))["passed"]
    one = parse_cosim(
        written.cosim(interval=("NA", "NA", "NA"), total=total)
    )  # one transaction has no interval
    assert one["passed"] and one["rtl"]["verilog"]["interval_cycles"]["max"] is None


def test_kinds_exclude_each_other() -> None:
    for entry in INDEX:
        assert kind_of(real(entry["file"])) is not None
    kinds = [
        kind_of(text())
        for text in (written.csynth, written.cosim, written.utilisation, written.timing, written.power)
    ]
    assert kinds == ["csynth.xml", "cosim.rpt", "utilisation", "timing", "power"]
