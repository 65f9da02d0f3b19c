"""One fuzzed network: QKeras, the integer reference and the firmware with every kind of types must agree."""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.calibration import Calibration, embedding_exits
from hwgen.data import DataSet, Split
from hwgen.errors import CheckFailed, HwgenError, RecipeError, ToolFailed
from hwgen.files import write_tree
from hwgen.firmware import plan_firmware
from hwgen.fixedpoint import IntArray
from hwgen.reference.executor import execute
from hwgen.reference.network import IntegerNetwork, trace_layers
from hwgen.simulation.simulate import Simulation
from hwgen.training import KerasNetwork, build_network, qkeras_values
from hwgen.training.keras_env import keras_env, set_seed
from tests.fuzz.draw import Case
from tests.fuzz.fill import draw_calibration, draw_hls, draw_samples, fill_weights
from tests.fuzz.recipe import load
from tests.simulation.layers import Tracer, compare_layers, tracing

SAMPLES = 40
TYPES = ("reference", "fast")
_DOUBLE_BITS = 53
_BEYOND = "Attempting to read bit beyond MSB"
"""What the reference types assert, though they do not use the bit, when a number is rounded to steps more than twice its
whole range: an activation that can only be zero. Rare, and the others are compared all the same."""
_NAMED = 3
_TAIL = 12

Edit = Callable[[Path], None]


@dataclass
class Outcome:
    """What became of one case.

    Args:
        verdict: `agreed`, `refused` or `failed`.
        lines: why it was refused, or what differs.
        qkeras: QKeras was compared too.
        asserted: the reference types stopped at an assertion of their own (`_BEYOND`), and were left out.
        seconds: name of a part -> time it took.
    """

    verdict: str = "agreed"
    lines: list[str] = field(default_factory=list)
    qkeras: bool = False
    asserted: bool = False
    seconds: dict[str, float] = field(default_factory=dict)


def _widest(network: IntegerNetwork) -> int:
    return max(
        tensor.format.width
        for stage in network.stages
        for layers, source in ((stage.backbone, stage.source), (stage.head, stage.features))
        for tensor in trace_layers(layers, source)
    )


def _data(network: IntegerNetwork, raw: IntArray) -> DataSet:
    split = Split(raw, np.zeros(len(raw), dtype=np.int64))
    source = network.source
    return DataSet(
        "npz", network.classes, None, source.shape, source.format, split, split, split, None, {}, [], "0" * 64
    )


def _line(entry: dict[str, Any]) -> str:
    if "sample" not in entry:
        return f"{entry['block']} {entry['layer']}: {entry['note']}"
    note = f" ({entry['note']})" if entry.get("note") else ""
    where = f"{entry['block']} {entry['layer']}: sample {entry['sample']}, index {entry['index']}"
    return f"{where}: {entry['got']} instead of {entry['expected']}{note}"


def _differences(simulation: Simulation, what: str) -> list[str]:
    """The first differences of each block, and how many more there are."""
    lines: list[str] = []
    for comparison in simulation.comparisons:
        lines += [f"{what}: {_line(entry)}" for entry in comparison.named[:_NAMED]]
        if comparison.total > _NAMED:
            lines.append(f"{what}: {comparison.block}: {comparison.total} in all")
    return lines


@dataclass
class Planned:
    """A case with everything drawn.

    Args:
        plan: makes the files of the tree.
    """

    keras: KerasNetwork
    network: IntegerNetwork
    calibration: Calibration
    raw: IntArray
    plan: Callable[[], dict[str, bytes]]


def _plan(case: Case, folder: Path) -> Planned:
    """The recipe's way to a tree, with random weights and thresholds in place of trained and fitted ones."""
    keras_env().keras.backend.clear_session()  # Keras keeps every network of the process otherwise
    set_seed(1)
    keras = build_network(load(case, folder), case.source, case.classes)
    fill_weights(keras, case.seed)
    network = keras.export()
    loaded = load(case, folder, draw_hls(network, case.io, case.backend, case.seed))
    raw = draw_samples(network.source, SAMPLES, case.seed)
    exits = loaded.recipe.exits
    values = execute(network, raw, embeddings=embedding_exits(exits, len(network.stages)))
    calibration = draw_calibration(network, exits, values, case.seed)
    data = _data(network, raw)
    return Planned(
        keras, network, calibration, raw, lambda: plan_firmware(loaded, network, calibration, data)
    )


class Check:
    """Runs one case in a folder.

    Args:
        case: the drawn network.
        folder: empty; holds the tree and all objects afterwards.
        types: kinds of types to compile the firmware with.
        edit: changes the written tree first: how the comparison itself is tested.
    """

    def __init__(
        self, case: Case, folder: Path, types: tuple[str, ...] = TYPES, edit: Edit = lambda _: None
    ) -> None:
        self.case = case
        self.folder = folder
        self.types = types
        self.edit = edit
        self.outcome = Outcome()

    def run(self) -> Outcome:
        """Never raises: whatever goes wrong is the outcome. Only planning may refuse a network."""
        try:
            refusals: tuple[type[Exception], ...] = (RecipeError,)
            with self._timed("plan"):
                planned = _plan(self.case, self.folder)
                files = planned.plan()
            refusals = ()
            write_tree(self.folder / "firmware", files)
            self.edit(self.folder / "firmware")
            self._compare(planned)
        except Exception as error:  # noqa: BLE001 - one network that breaks a tool must not end the others
            refused = isinstance(error, refusals) or (
                isinstance(error, ToolFailed) and error.where.startswith("hls4ml")
            )
            self.outcome.verdict = "refused" if refused else "failed"
            if isinstance(error, HwgenError):
                self.outcome.lines += [str(error), *getattr(error, "log_tail", "").splitlines()[-_TAIL:]]
            else:
                self.outcome.lines += traceback.format_exc().splitlines()[-_TAIL:]
        return self.outcome

    @contextlib.contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.outcome.seconds[name] = round(time.monotonic() - started, 1)

    def _compare(self, planned: Planned) -> None:
        wrong: list[str] = []
        for types in self.types:
            simulation = self._simulation(planned, types)
            try:
                with self._timed(types):
                    simulation.firmware.build()
                    simulation.stages()
                    simulation.gates()
                    simulation.kernel()
            except CheckFailed as error:
                if types != "reference" or _BEYOND not in str(error):
                    raise
                self.outcome.asserted = True
            wrong += _differences(simulation, f"{types} types")
        if _widest(planned.network) <= _DOUBLE_BITS:
            with self._timed("QKeras"):
                simulation.comparisons.clear()
                simulation.qkeras(qkeras_values(planned.keras, planned.raw))
            self.outcome.qkeras = True
            wrong += _differences(simulation, "QKeras")
        if wrong:
            self.outcome.verdict = "failed"
            self.outcome.lines += wrong
            self.outcome.lines += self._layers(planned)

    def _simulation(self, planned: Planned, types: str) -> Simulation:
        return Simulation(
            planned.network,
            planned.calibration,
            planned.raw,
            self.folder / "firmware",
            self.folder / types,
            lambda what, done, total: None,
            types,
        )

    def _layers(self, planned: Planned) -> list[str]:
        """Which layers differ: the same tree with tracing on."""
        network, tree = planned.network, self.folder / "traced"
        if _widest(network) > _DOUBLE_BITS:
            return []
        with tracing():
            write_tree(tree, planned.plan())
        self.edit(tree)
        tracers = [Tracer(tree, network, types, self.folder / f"trace-{types}") for types in self.types]
        return compare_layers(network, planned.raw, tracers)
