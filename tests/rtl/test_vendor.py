"""IPs of vendor tools as cores: wrappers in the pipeline around stand-ins with the ports of the real ones.

No vendor tool is asked. What is known of their ports comes from published reports and sources, see hwgen/rtl/vendor.py.
"""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from hwgen.eda import verilator, yosys
from hwgen.errors import HwgenError, ToolMissing
from hwgen.files import write_tree
from hwgen.material import material
from hwgen.reference.network import IntegerNetwork
from hwgen.rtl.hls_core import hls_cores
from hwgen.rtl.vendor import arguments, ip_ports, vendor_files
from hwgen.simulation.rtl import dpi
from hwgen.simulation.rtl.bench import Bench, Settings
from hwgen.simulation.rtl.campaign import campaign
from hwgen.simulation.rtl.check import compare_run, faults
from tests.rtl.hls_pipeline import Small, small, three_stages
from tests.rtl.vendor_ip import empty_ip, native_core, stand_in
from tests.simulation.test_exactness import two_heads
from tests.trees import make_tree

BACKENDS, IOS = ("Vitis", "Vivado"), ("stream", "parallel")


def headers_of(network: IntegerNetwork, files: dict[str, bytes]) -> dict[str, str]:
    return {stage.name: files[f"{stage.name}/firmware/{stage.name}.h"].decode() for stage in network.stages}


def test_ports_are_those_of_published_designs() -> None:
    """Names as in csynth reports of Vivado HLS 2020.1 and Vitis HLS 2022.2; widths of 6 bits padded."""
    network = three_stages()  # stage 1: pixels of 2 channels in, of 3 channels out
    names = {}
    for io in IOS:
        for backend in BACKENDS:
            made = make_tree(network, io=io, backend=backend)
            firmware = made.loaded.recipe.firmware
            core = hls_cores(network, frozenset(), firmware, {})[0]
            header = headers_of(network, made.files)["stage1"]
            ports = ip_ports(network.stages[0], core, header, firmware)
            assert [port.signal for port in ports] == ["source", "features", "logits"]
            names[io, backend] = [(lane.name, lane.bits) for port in ports[:2] for lane in port.lanes]
    assert names["stream", "Vitis"] == [("features_in", 16), ("layer7_cpy1", 24)]
    assert names["stream", "Vivado"] == [
        *((f"features_in_V_data_{i}_V", 8) for i in range(2)),
        *((f"layer7_cpy1_V_data_{i}_V", 8) for i in range(3)),
    ]
    assert names["parallel", "Vitis"][:2] == [("features_in", 432), ("layer4_out_0", 6)]
    assert names["parallel", "Vivado"][:2] == [("features_in_V", 432), ("layer4_out_0_V", 6)]
    assert len(names["parallel", "Vivado"]) == 1 + 27


def test_a_header_that_is_not_hls4mls_is_named() -> None:
    assert arguments("void stage1(\n input_t a[6*6*1],\n x_t b[3], y_t c[4]\n);", "stage1") == ["a", "b", "c"]
    with pytest.raises(HwgenError, match="stage1/firmware/stage1.h: holds no prototype"):
        arguments("void stage1(int *a, int b);", "stage1")
    with pytest.raises(HwgenError, match="holds no prototype"):
        arguments("void stage2(input_t a[4]);", "stage1")


@pytest.mark.verilator
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("io", IOS)
def test_wrappers_have_no_warnings(tmp_path: Path, io: str, backend: str) -> None:
    """With and without embeddings, which are the features, a hidden layer, or pixels of the stage's own."""
    for network, criterion in ((three_stages(), "score"), (two_heads(), "laplace")):
        made = make_tree(network, criterion, abstain=True, io=io, backend=backend)
        firmware = made.loaded.recipe.firmware
        reading = frozenset(range(3)) if criterion == "laplace" else frozenset[int]()
        cores = hls_cores(network, reading, firmware, {})
        headers = headers_of(network, made.files)
        files = vendor_files(network, cores, headers, firmware, (4, 3, 2), "test", "0" * 64)
        write_tree(tmp_path / criterion, files)
        blocks = [material("firmware_templates") / "rtl" / "fifo.sv"]
        blocks += [
            tmp_path / criterion / name for name in files if "_core" not in name and name.endswith(".sv")
        ]
        for stage, core in zip(network.stages, cores, strict=True):
            ip = tmp_path / f"{stage.name}_ip.sv"
            ip.write_text(empty_ip(stage.name, ip_ports(stage, core, headers[stage.name], firmware), io))
            wrapper = tmp_path / criterion / "vendor" / f"{stage.name}_core.sv"
            verilator.lint([wrapper, ip, *blocks], f"{stage.name}_core")


CHAIN = Path(__file__).with_name("vendor_chain.sv")


def chain_sources() -> list[Path]:
    rtl = material("firmware_templates") / "rtl"
    return [CHAIN, rtl / "fifo.sv", *sorted((rtl / "vendor").glob("*.sv"))]


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chain")
    return verilator.build(
        chain_sources(),
        "vendor_chain",
        [CHAIN.with_suffix(".cpp")],
        folder,
        flags=["--x-initial", "unique"],
        compiler_flags=["-std=c++17"],
    )


@pytest.mark.verilator
@pytest.mark.gxx
@pytest.mark.parametrize(("gaps", "stalls"), [(0, 0), (50, 0), (0, 50), (90, 10), (30, 90)])
@pytest.mark.parametrize("resets", [0, 53])
def test_blocks_keep_every_beat(chain: Path, gaps: int, stalls: int, resets: int) -> None:
    command = [str(chain), str(gaps + stalls + resets), str(gaps), str(stalls), str(resets)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
    _, given, cycles = map(int, result.stdout.split())
    assert given == 20000
    if not (gaps or stalls or resets):
        # A FIFO of depth 1 takes every second beat; nothing else slows it down.
        assert cycles <= 2 * given + 20


@pytest.mark.verilator
def test_blocks_have_no_warnings() -> None:
    verilator.lint(chain_sources(), "vendor_chain")


@pytest.mark.yosys
@pytest.mark.parametrize("slang", [False, True])
def test_yosys_reads_the_blocks(tmp_path: Path, slang: bool) -> None:
    front_end = "slang" if slang else "verilog"
    read = yosys.read_commands(chain_sources(), "vendor_chain", {}, {}, front_end)
    yosys.run_script([*read, "hierarchy -check -top vendor_chain", "proc", "check -assert"], tmp_path, 120)


VARIANTS = {
    "padded elements": {"io": "stream", "backend": "Vitis", "gating": "start"},
    "a stream per element": {"io": "stream", "backend": "Vivado", "gating": "clock"},
    "elements with ap_vld": {"io": "parallel", "backend": "Vitis", "gating": "clock", "reorder": True},
}


@pytest.fixture(scope="module", params=VARIANTS)
def built(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shared_objects: Path
) -> tuple[Small, Bench]:
    try:
        verilator.find()
    except ToolMissing as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("vendor")
    it = small(VARIANTS[request.param], folder, shared_objects)
    network, io = it.tree.network, it.firmware.io
    headers, holds = headers_of(network, it.tree.files), it.plan.sizes.sizes.meta
    files = vendor_files(network, it.cores, headers, it.firmware, holds, "test", "0" * 64)
    write_tree(folder / "vendor", files)
    inner, sources = [], [folder / "vendor" / name for name in files if name.endswith(".sv")]
    for stage, core in zip(network.stages, it.cores, strict=True):
        ports = ip_ports(stage, core, headers[stage.name], it.firmware)
        inner.append(native_core(core, ports))
        sources.append(folder / f"{stage.name}_ip.sv")
        sources[-1].write_text(stand_in(inner[-1], ports, io))
    outer = replace(it.design, files=(*it.design.files, *sources))
    work = folder / "work"
    design = dpi.with_models(outer, folder / "firmware", network, inner, work, it.types)
    for stage in network.stages:
        model = work / "models" / f"{stage.name}_core.sv"
        model.write_text(model.read_text().replace(f"module {stage.name}_core", f"module {stage.name}_model"))
    return it, design.build(work / "bench")


@pytest.mark.verilator
@pytest.mark.gxx
def test_every_answer_is_right_through_the_wrappers(built: tuple[Small, Bench], tmp_path: Path) -> None:
    it, bench = built
    found = campaign(bench, it.stimuli(), it.expected, it.script, tmp_path)
    assert found.passed, found.wrong()


@pytest.mark.verilator
@pytest.mark.gxx
def test_wrappers_start_nothing_by_themselves(built: tuple[Small, Bench], tmp_path: Path) -> None:
    it, bench = built
    run = it.run(bench, tmp_path, Settings(gaps=50, stalls=50))
    assert compare_run(run, it.expected[:1]).total == 0
    assert faults(run) == []
    assert list(dpi.calls(it.cores, tmp_path).values()) == run.summary["starts"]
