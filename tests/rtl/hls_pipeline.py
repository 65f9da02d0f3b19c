"""A small image network as a pipeline whose stages are HLS projects: tree, plan, right answers, script."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hwgen.calibration import Calibration
from hwgen.criteria import observe, read_embeddings
from hwgen.files import write_tree
from hwgen.firmware.registers import decide_policy, registers
from hwgen.fixedpoint import FixedPoint, IntArray
from hwgen.recipe.schema import Firmware
from hwgen.reference.executor import execute
from hwgen.reference.network import IntegerNetwork, Tensor
from hwgen.rtl.core import Core
from hwgen.rtl.hls_core import hls_cores
from hwgen.rtl.pipeline import PipelinePlan, plan_pipeline
from hwgen.simulation.rtl.bench import Bench, Design, Run, Settings
from hwgen.simulation.rtl.host import Host
from hwgen.simulation.rtl.script import Script
from hwgen.simulation.rtl.stimuli import Stimuli
from tests.networks import Builder, assemble
from tests.trees import Tree, make_tree

SENDS = 200


def three_stages() -> IntegerNetwork:
    """Images of two channels; features as beats of pixels, then flattened, so that stage 3 takes one vector."""
    make = Builder(11)
    return assemble(
        Tensor((6, 6, 2), FixedPoint(6, 0, False)),
        [
            ([make.conv(2, 3), make.relu(), make.pool()], [make.flatten(), make.dense(27, 4)]),
            (
                [make.conv(3, 4, 2, padding="valid"), make.relu(), make.flatten()],
                [make.dense(16, 5), make.relu(), make.dense(5, 4)],
            ),
            ([make.dense(16, 6), make.relu()], [make.dense(6, 4)]),
        ],
    )


@dataclass
class Small:
    """A tree with its pipeline.

    Args:
        folder: holds `firmware`, and `work` with the shared objects.
        design: the RTL that lies in the tree: no cores.
        expected: per policy, class, exit from 1, abstain.
    """

    tree: Tree
    calibration: Calibration
    cores: tuple[Core, ...]
    plan: PipelinePlan
    folder: Path
    design: Design
    expected: list[IntArray]

    @property
    def firmware(self) -> Firmware:
        return self.tree.loaded.recipe.firmware

    @property
    def types(self) -> str:
        return self.tree.loaded.recipe.simulation.types

    def stimuli(self) -> Stimuli:
        raw, fmt = self.tree.data.test.raw, self.tree.network.source.format
        return Stimuli.of(raw, fmt, self.firmware.tag_bits, self.cores[0].in_beats, SENDS)

    def script(self, sends: int, switches: bool = True) -> Script:
        """Both policies, and back, in mid-stream."""
        host, script = Host(self.folder / "firmware" / "pipeline"), Script()
        policies = [registers(self.calibration, index) for index in range(len(self.calibration.policies))]
        script.add([*host.writable(1), *host.load(1, policies), *host.commit(1)])
        script.switch(host.select(0), 0)
        if switches:
            # A sample that already waits at the door of a busy stage keeps its policy: nobody waits there.
            script.switch(host.select(1), 1, due=sends // 3, hold=True)
            script.switch(host.select(0), 0, due=2 * sends // 3, hold=True)
        return script

    def run(self, bench: Bench, folder: Path, settings: Settings) -> Run:
        """One policy, no reset."""
        return bench.run(self.stimuli(), folder, self.script(SENDS, switches=False), settings)


def small(options: dict[str, object], folder: Path, objects: Path) -> Small:
    """Plans and writes it; `options` are the recipe's `firmware`."""
    network = three_stages()
    tree = make_tree(network, "score", abstain=True, **options)  # type: ignore[arg-type]
    recipe, calibration = tree.loaded.recipe, tree.calibration
    reading = read_embeddings(calibration.gates)
    seen = observe(calibration.gates, execute(network, tree.data.test.raw, embeddings=reading))
    decided = [decide_policy(calibration, seen, policy) for policy in range(len(calibration.policies) + 1)]
    share = (np.bincount(decided[0].exit, minlength=3) / len(decided[0].exit)).tolist()
    assert min(share) > 0.1, "every exit has to see samples"
    policies = [
        replace(policy, calibration=replace(policy.calibration, share=share))
        for policy in calibration.policies
    ]
    calibration = replace(calibration, policies=policies)
    cores = hls_cores(network, reading, recipe.firmware, recipe.hls)
    plan = plan_pipeline(network, calibration, recipe.firmware, cores, "small", "0" * 64)
    pipeline = {f"pipeline/{name}": text for name, text in plan.files.items()}
    write_tree(folder / "firmware", tree.files | pipeline)
    (folder / "work").mkdir()
    (folder / "work" / "objects").symlink_to(objects)
    sources = tuple(folder / "firmware" / "pipeline" / name for name in plan.sources)
    design = Design(sources, len(cores), recipe.firmware.tag_bits)
    expected = [np.stack([one.class_, one.exit + 1, one.abstain], axis=1).astype(np.int64) for one in decided]
    return Small(tree, calibration, cores, plan, folder, design, expected)
