"""A later stage toggles for the samples that reach it, and for no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwgen.simulation.rtl.activity import activity
from hwgen.simulation.rtl.bench import Settings
from hwgen.simulation.rtl.design import beats_of
from hwgen.simulation.rtl.script import Script
from hwgen.simulation.rtl.stimuli import Stimuli
from tests.rtl.test_pipeline import simulation, tree_of


@pytest.mark.verilator
@pytest.mark.da4ml
@pytest.mark.gxx
def test_at_full_rate_a_stage_toggles_as_if_nobody_else_had_come(tmp_path: Path) -> None:
    """All samples under a policy, against the ones that continue alone with exits disabled.

    Both send the same samples through stage 2 in the same order. What is left between them are the valid bits:
    each of the core's registers has one, and it falls and rises once more where a sample left between two; and the
    parity of the valid bits.
    """
    run = simulation(tree_of(2, criterion="logit_margin"), tmp_path)
    bench = run.design.build(tmp_path / "traced", "vcd", jobs=2)
    core = run.pipeline.facts["stages"][1]

    def toggles(stimuli: Stimuli, script: Script) -> dict[str, float]:
        count = stimuli.samples
        found = bench.run(stimuli, tmp_path / "run", script, Settings(junk=False, trace=(0, count)))
        blocks = activity(found, lambda path: "core" if ".stage2_core" in path else "rest")["blocks"]
        return {kind: value * count for kind, value in blocks["core"].items()}

    for policy in range(run.unknown):
        going = run.raw[run.expected[policy][:, 1] > 1]
        assert 0 < len(going) < len(run.raw)
        only = Stimuli.of(
            going, run.network.source.format, run.firmware.tag_bits, beats_of(run.pipeline.facts)
        )
        early = toggles(run.stimuli(), run.script(policy))
        alone = toggles(only, run.script(run.unknown))
        valid_bits = 2 * (core["logit_cycles"] + 1) * len(going)
        assert 0.99 * alone["register"] <= early["register"] <= alone["register"] + valid_bits
        assert early["other"] == pytest.approx(alone["other"], rel=0.1)
