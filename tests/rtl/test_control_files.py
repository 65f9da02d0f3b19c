"""What is generated for the control block: same bytes, one set of addresses, clean for every tool."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hwgen.eda import verilator, yosys
from hwgen.errors import RecipeError, ToolMissing
from hwgen.material import material
from hwgen.rtl.control import ControlShape, control_files, registers
from hwgen.rtl.control.driver import fields, places
from hwgen.rtl.control.files import SOURCES
from tests.rtl.control_bench import INPUTS, driver_of, write_files

pytestmark = pytest.mark.peakrdl
SHAPES = [
    ControlShape(stages, stages - (policies % 2), policies, 7 * (policies + 1), 10 * stages)
    for stages in range(1, 5)
    for policies in (1, 2, 5, 8)
]
LIKE_A_PATH_OR_DATE = re.compile(rb"/(tmp|home|root|usr|work)/|\b20\d\d-\d\d|\d\d:\d\d:\d\d")


@pytest.mark.parametrize(
    "shape", SHAPES, ids=lambda shape: f"{shape.stages} stages, {shape.policies} policies"
)
def test_every_shape_elaborates(shape: ControlShape) -> None:
    files = control_files(shape, "small", INPUTS)
    assert set(files) == {
        *SOURCES, "rtl/control.rdl", "driver/hwgen_control.h", "driver/hwgen_control.py", "registers.md",
    }  # fmt: skip
    for name, content in files.items():
        assert not LIKE_A_PATH_OR_DATE.search(content), name
        assert b"\r" not in content and content.endswith(b"\n"), name
    found = places(registers.elaborate(shape, INPUTS))
    sizes = [number for number, _ in found["banks.bank.gate.policy.threshold"][1]]
    assert sizes == [2, shape.gates, shape.policies, shape.threshold_words]
    assert [number for number, _ in found["events.stage.left.word"][1]] == [shape.stages, shape.counter_words]


@pytest.mark.parametrize("shape", SHAPES[::5], ids=lambda shape: f"{shape.stages} stages")
def test_same_bytes_in_another_process(shape: ControlShape, tmp_path: Path) -> None:
    program = (
        "import sys; from hwgen.rtl.control import *; "
        f"files = control_files({shape!r}, 'small', '{INPUTS}'); "
        "sys.stdout.buffer.write(b''.join(name.encode() + files[name] for name in sorted(files)))"
    )
    other = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)},
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    files = control_files(shape, "small", INPUTS)
    assert other.stdout == b"".join(name.encode() + files[name] for name in sorted(files))


def test_addresses_do_not_depend_on_the_shape() -> None:
    maps = [places(registers.elaborate(shape, INPUTS)) for shape in SHAPES]
    for name, (start, sizes) in maps[0].items():
        for other in maps:
            assert other[name][0] == start
            assert [stride for _, stride in other[name][1]] == [stride for _, stride in sizes]


def test_no_two_registers_share_an_address(tmp_path: Path) -> None:
    shape = ControlShape(4, 4, 8, 64, 100, 64)
    driver = driver_of(write_files(shape, tmp_path))
    seen = []
    for name, (_, sizes) in driver.PLACES.items():
        indices: list[tuple[int, ...]] = [()]
        for number, _ in sizes:
            indices = [(*at, index) for at in indices for index in range(number)]
        seen += [driver.address(name, *at) for at in indices]
    assert len(set(seen)) == len(seen) == 10 + (4 + 4 * 4) * 2 + 2 * 4 * (8 * 2 + 1)
    assert max(seen) < 1 << shape.address_bits and not any(address % 4 for address in seen)
    with pytest.raises(IndexError, match="index 8, there are 8"):
        driver.address("banks.bank.gate.policy.threshold", 1, 3, 8, 1)


@pytest.mark.gxx
def test_the_c_header_agrees_with_the_driver(tmp_path: Path) -> None:
    shape = ControlShape(3, 3, 5, 64, 100)
    files = write_files(shape, tmp_path)
    driver = driver_of(files)
    lines = [
        "#include <stddef.h>",
        '#include "hwgen_control.h"',
        "#define AT(m) offsetof(hwgen_control_t, m)",
    ]
    for name, (_, sizes) in driver.PLACES.items():
        last = tuple(number - 1 for number, _ in sizes)
        member = _member(name, last)
        lines.append(f'static_assert(AT({member}) == {driver.address(name, *last)}, "{name}");')
    for name, (low, width) in driver.FIELDS.items():
        macro = "HWGEN_CONTROL__" + name.upper().replace(".", "__")
        if f"{macro}_bm".encode() in files["driver/hwgen_control.h"]:
            lines.append(f'static_assert({macro}_bm == {((1 << width) - 1) << low:#x}, "{name}");')
    assert len(lines) > 40
    source = tmp_path / "check.c"
    for suffix, compiler in ((".c", ["gcc", "-std=c11"]), (".cpp", ["g++", "-std=c++17"])):
        source = tmp_path / f"check{suffix}"
        source.write_text("\n".join(lines) + "\n")
        subprocess.run(
            [*compiler, "-Wall", "-Werror", "-fsyntax-only", f"-I{tmp_path / 'driver'}", str(source)],
            check=True,
        )


def _member(name: str, indices: tuple[int, ...]) -> str:
    """Path of a register in the C structures."""
    arrays = ("bank", "gate", "policy", "threshold", "stage", "word")
    left = list(indices)
    parts = name.split(".")
    return ".".join(f"{part}[{left.pop(0)}]" if part in arrays and left else part for part in parts)


def test_the_page_names_every_register(tmp_path: Path) -> None:
    shape = ControlShape(2, 2, 5, 32, 40)
    page = control_files(shape, "small", INPUTS)["registers.md"].decode()
    assert page.startswith("<!-- hwgen ") and "INPUTS_HIGH = 0x1234567" in page
    for name in fields(registers.elaborate(shape, INPUTS)):
        assert f"{name.split('.')[-1]} field" in page


@pytest.mark.verilator
@pytest.mark.parametrize("shape", SHAPES[::5], ids=lambda shape: f"{shape.stages}x{shape.policies}")
def test_verilator_has_nothing_to_say(shape: ControlShape, tmp_path: Path) -> None:
    write_files(shape, tmp_path)
    verilator.lint([tmp_path / name for name in SOURCES], "hwgen_control")


@pytest.mark.verilator
def test_hand_written_parts_need_no_waiver(tmp_path: Path) -> None:
    files = write_files(ControlShape(2, 2, 5, 32, 40), tmp_path)
    for name in SOURCES:
        assert (b"lint_off" in files[name]) == ("registers" in name), name


@pytest.mark.yosys
def test_cost(tmp_path: Path) -> None:
    """Two exits, both with a gate, five policies."""
    write_files(ControlShape(2, 2, 5, 32, 40), tmp_path)
    counts = yosys.synthesise(
        [tmp_path / name for name in SOURCES], "hwgen_control", front_end="slang", timeout=120
    )
    assert (counts.dsp, counts.bram) == (0, 0)
    assert counts.lut <= 455
    assert counts.lutram <= 96
    assert counts.ff <= 315


def test_small_counters_run_through_all_their_values() -> None:
    """The taps in event_counters.sv give a full round for every width that a shape can ask for."""
    text = (material("firmware_templates") / "rtl" / "event_counters.sv").read_text()
    taps = {int(bits): int(value, 16) for bits, value in re.findall(r"SMALL_BITS == (\d) \? 32'h(\w+)", text)}
    taps[9] = int(re.findall(r": 32'h(\w+);", text)[0], 16)
    assert sorted(taps) == [5, 6, 7, 8, 9]
    for bits, mask in taps.items():
        value, seen = 0, set()
        while value not in seen:
            seen.add(value)
            upper = value & (1 << bits - 1) - 1
            value = upper << 1 | (value & mask).bit_count() % 2 ^ (upper == 0)
        assert len(seen) == 1 << bits and value == 0


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((33, 32, 5, 32, 40), "stages = 33, possible are 1..32; use fewer exits"),
        ((0, 0, 5, 32, 40), "stages = 0, possible are 1..32"),
        ((3, 1, 5, 32, 40), "gates = 1, possible are 2..3"),
        ((2, 2, 17, 32, 40), "policies = 17, possible are 1..16; calibrate fewer policies"),
        ((2, 2, 5, 65, 40), "threshold bits = 65, possible are 1..64"),
        ((2, 2, 5, 32, 1 << 16), "samples in flight = 65536, possible are 1..65534"),
        ((2, 2, 5, 32, 40, 16), "counter bits = 16, possible are 32..64"),
    ],
)
def test_sizes_that_the_map_cannot_hold_are_refused(sizes: tuple[int, ...], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        ControlShape(*sizes)


def test_without_peakrdl_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "peakrdl_regblock", None)
    with pytest.raises(
        ToolMissing, match="peakrdl-regblock: cannot be imported .*pip install peakrdl-regblock"
    ):
        control_files(ControlShape(1, 0, 1, 16, 3), "small", INPUTS)
