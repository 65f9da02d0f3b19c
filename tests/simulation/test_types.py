"""The choice of number types, and what the fast ones say when they cannot do something."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hwgen.errors import ToolFailed, ToolMissing
from hwgen.simulation.toolchain import Toolchain, Unit
from hwgen.simulation.types import TYPES


def fake_compiler(folder: Path, version: str) -> Path:
    """A program that answers as a g++ of some version."""
    path = folder / "g++"
    path.write_text(f'#!/bin/sh\ncase "$*" in *-dM*) echo "#define __GNUC__ 1";; *) echo {version};; esac\n')
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("version", ["4.8.5", "8.3.0"])
def test_a_compiler_that_is_too_old_is_named(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXX", str(fake_compiler(tmp_path, version)))
    with pytest.raises(ToolMissing, match=rf"version {version} is too old.*--types reference") as caught:
        Toolchain(tmp_path, tmp_path / "objects", "fast")
    assert "g++ 9" in str(caught.value)


def test_the_reference_types_take_an_old_compiler(tmp_path: Path) -> None:
    TYPES["reference"].check(str(fake_compiler(tmp_path, "4.8.5")))


@pytest.mark.gxx
@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('#include "ap_int.h"\nap_int<200> wide;\n', "a number of more than 128 bits"),
        ('#include "ap_fixed.h"\nap_fixed<8, 4, AP_TRN, AP_SAT, 2> x;\n', "saturation bits"),
        ('#include "ap_fixed.h"\nap_fixed<8, 4> x("1.5");\n', "ap_fixed from text"),
        ('#include "ap_float.h"\n', "ap_float.h"),
    ],
)
def test_what_the_fast_types_lack_is_named_with_the_switch(source: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "unit.cpp").write_text(source)
    toolchain = Toolchain(tmp_path, tmp_path / "objects", "fast")
    include = toolchain.types.include("stage1")
    with pytest.raises(ToolFailed, match=r"unit.cpp.*--types reference") as caught:
        toolchain.compile({"unit": Unit("unit.cpp", (include,))})
    assert words in caught.value.log_tail


@pytest.mark.gxx
def test_an_object_is_compiled_once_per_kind_of_types(tmp_path: Path) -> None:
    (tmp_path / "unit.cpp").write_text("int answer() { return 42; }\n")
    units = {"unit": Unit("unit.cpp", ())}
    objects = {name: Toolchain(tmp_path, tmp_path / "objects", name).compile(units)["unit"] for name in TYPES}
    assert objects["fast"] != objects["reference"]
    before = {path: path.stat().st_mtime_ns for path in objects.values()}
    for name in TYPES:
        assert Toolchain(tmp_path, tmp_path / "objects", name).compile(units)["unit"] == objects[name]
    assert {path: path.stat().st_mtime_ns for path in objects.values()} == before


@pytest.mark.gxx
def test_a_precompiled_header_is_taken_away_again(tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / f"unit{number}.cpp").write_text(
            f'#include "ap_int.h"\nint f{number}() {{ return ap_int<9>({number}); }}\n'
        )
    toolchain = Toolchain(tmp_path, tmp_path / "objects", "fast")
    units = {f"{i}": Unit(f"unit{i}.cpp", (toolchain.types.include("stage1"),)) for i in range(8)}
    seen: list[int] = []
    toolchain.compile(units, seen.append)
    assert seen == list(range(1, 9))
    assert sorted(path.suffix for path in (tmp_path / "objects").iterdir()) == [".o"] * 8
    shutil.rmtree(tmp_path / "objects")
