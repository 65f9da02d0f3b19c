"""A designer's edits are simulated as they lie and never lost."""

from __future__ import annotations

import pytest

from tests.steps.conftest import Bench


@pytest.fixture
def edited(bench: Bench) -> Bench:
    bench.run("run")
    (bench.out / "firmware" / "kernel" / "kernel.cpp").write_text("// my own kernel\n")
    return bench


def kernel(bench: Bench, tree: str = "firmware") -> str:
    return (bench.out / tree / "kernel" / "kernel.cpp").read_text()


@pytest.mark.parametrize("verb", ["simulate", "report", "run", "generate"])
def test_an_edited_tree_is_kept_while_its_inputs_are_the_same(edited: Bench, verb: str) -> None:
    edited.run(verb)
    assert edited.calls["generate"] == 0
    assert edited.calls["simulate"] == (verb != "generate")
    assert kernel(edited) == "// my own kernel\n"
    if verb in ("run", "generate"):
        assert edited.warnings == [
            "generate: firmware/ was edited and is kept (kernel/kernel.cpp); hwgen generate --force writes it anew"
        ]


def test_a_deleted_file_is_an_edit(bench: Bench) -> None:
    bench.run("generate")
    (bench.out / "firmware" / "kernel" / "kernel.cpp").unlink()
    assert bench.run("generate")["generate"].details["edited_files"] == ["kernel/kernel.cpp"]


def test_what_a_tool_left_in_the_tree_is_no_edit_but_is_not_lost(bench: Bench) -> None:
    bench.run("generate")
    (bench.out / "firmware" / "kernel" / "vitis.log").write_text("log")
    bench.run("generate")
    assert bench.warnings == []
    bench.run("generate", force=True)
    assert (bench.out / "firmware.edited" / "kernel" / "vitis.log").read_text() == "log"


def test_force_writes_a_new_tree_and_keeps_the_edited_one(edited: Bench) -> None:
    edited.run("generate", force=True)
    assert kernel(edited) == "// kernel\n"
    assert kernel(edited, "firmware.edited") == "// my own kernel\n"
    assert edited.warnings == ["generate: firmware/ was edited; it is kept as firmware.edited/"]


def test_other_inputs_write_a_new_tree_and_keep_the_edited_one(edited: Bench) -> None:
    edited.run("run", "firmware.clock_ns=5")
    assert kernel(edited) == "// kernel\n"
    assert kernel(edited, "firmware.edited") == "// my own kernel\n"
    (edited.out / "firmware" / "kernel" / "kernel.cpp").write_text("// second\n")
    edited.run("run", "firmware.clock_ns=6")
    assert kernel(edited, "firmware.edited") == "// my own kernel\n"
    assert kernel(edited, "firmware.edited2") == "// second\n"


def test_an_untouched_tree_is_replaced(bench: Bench) -> None:
    bench.run("run")
    bench.run("run", "firmware.clock_ns=5")
    assert not (bench.out / "firmware.edited").exists()


@pytest.mark.parametrize("verb", ["simulate", "report"])
def test_simulate_and_report_never_write_the_tree(edited: Bench, verb: str) -> None:
    edited.run(verb, "firmware.clock_ns=5")
    assert edited.calls["generate"] == 0
    assert kernel(edited) == "// my own kernel\n"
    assert edited.warnings == [
        "firmware/ was generated from other inputs and is taken as it lies; hwgen generate writes it anew"
    ]


def test_every_byte_of_the_tree_counts(bench: Bench) -> None:
    bench.run("simulate")
    for name in ("kernel/kernel.cpp", "gate1/gate1.h", "kernel/new.h"):
        path = bench.out / "firmware" / name
        path.write_text((path.read_text() if path.exists() else "") + "\n")
        assert bench.done("simulate") == ["simulate"]
        assert bench.done("simulate") == []
