"""The blocks of a pipeline, as Yosys elaborates its top."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwgen.errors import UsageError
from hwgen.synth.blocks import take_apart
from hwgen.synth.sources import Sources
from tests.synth.conftest import POLICIES, SLOTS, TAG_BITS, Tree

pytestmark = [pytest.mark.yosys, pytest.mark.da4ml]
META_BITS = TAG_BITS + POLICIES.bit_length() + 1  # policy numbers 0 to POLICIES: the last stands for none


def test_parameters_come_from_the_generated_top(fresh: Tree) -> None:
    blocks = {block.name: block for block in take_apart(Sources.of(fresh.pipeline)).blocks}
    groups = {name: block.group for name, block in blocks.items()}
    assert groups == {
        "stage1_core": "stage",
        "stage2_core": "stage",
        "gate1": "gate",
        "gate2": "gate",
        "stage1_shell": "controller",
        "stage1_router": "controller",
        "stage1_buffer": "controller",
        "stage2_shell": "controller",
        "stage2_router": "controller",
        "main_clock": "controller",
        "merge": "controller",
        "watchdog": "controller",
        "entrance": "controller",
        "control": "registers",
    }
    buffer = blocks["stage1_buffer"].parameters
    assert (buffer["SLOTS"], buffer["META_BITS"], buffer["BEATS"]) == (SLOTS, META_BITS, 1)
    assert blocks["stage2_shell"].parameters["HAS_BUFFER"] == 0
    assert blocks["gate1"].parameters == {"META_BITS": META_BITS}
    assert not any(block.missing for block in blocks.values())


def test_folders_are_called_as_one_likes(
    fresh: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh.out.rename(tmp_path / "my out; folder")
    monkeypatch.chdir(tmp_path)
    relative = Tree(Path("my out; folder"))
    assert len(take_apart(Sources.of(relative.pipeline)).blocks) == 14
    relative.synthesise("stage2_router")
    assert relative.results.is_file()


def test_a_core_that_others_build_is_listed_as_missing(fresh: Tree) -> None:
    fresh.edit(
        "sources.f", lambda text: "".join(f"{line}\n" for line in text.split() if "stage2_core" not in line)
    )
    design = take_apart(Sources.of(fresh.pipeline))
    assert [block.name for block in design.blocks if block.missing] == ["stage2_core"]
    assert "output  z_valid" in design.boxes and "output [" in design.boxes and "f_data" not in design.boxes
    with pytest.raises(UsageError, match="stage2_core: its core is no RTL here"):
        fresh.synthesise("stage2_core")


def test_a_model_for_simulation_is_no_core(fresh: Tree) -> None:
    call = 'import "DPI-C" function void stage1_run();'
    fresh.edit("rtl/stage1_core.sv", lambda text: text.replace(");", f");\n{call}", 1))
    design = take_apart(Sources.of(fresh.pipeline))
    assert [block.name for block in design.blocks if block.missing] == ["stage1_core"]
    assert not design.boxes


def test_a_pipeline_that_is_not_whole(fresh: Tree) -> None:
    listing = (fresh.pipeline / "sources.f").read_text()
    (fresh.pipeline / "sources.f").write_text(listing.replace("rtl/watchdog.sv\n", ""))
    with pytest.raises(UsageError, match="watchdog is a hwgen_watchdog, which no source holds"):
        take_apart(Sources.of(fresh.pipeline))
    (fresh.pipeline / "sources.f").write_text("rtl/fifo.sv\n")
    with pytest.raises(UsageError, match="no module hwgen_pipeline"):
        take_apart(Sources.of(fresh.pipeline))
