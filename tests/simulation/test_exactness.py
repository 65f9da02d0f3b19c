"""The compiled firmware against the reference: every value of every block, over the forms a network can take."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import pytest

from hwgen.criteria import get_criterion, names
from hwgen.fixedpoint import FixedPoint
from hwgen.reference.network import IntegerNetwork, Tensor
from hwgen.simulation.compare import add_up
from hwgen.simulation.simulate import Simulation
from hwgen.simulation.types import TYPES
from tests.networks import Builder, assemble, images, tabular
from tests.trees import make_tree

pytestmark = pytest.mark.gxx
Check = Callable[..., None]


def windows() -> IntegerNetwork:
    """Strides, valid padding, 1x1 and 5x5 kernels, depthwise, pools that do not divide, heads of several layers."""
    make = Builder(2)
    return assemble(
        Tensor((7, 6, 2), FixedPoint(8, 1, True)),
        [
            (
                [make.conv(2, 3, 5, 2), make.relu()],
                [
                    make.conv(3, 2, 1),
                    make.relu(),
                    make.flatten(),
                    make.dense(24, 4),
                    make.relu(),
                    make.dense(4, 3),
                ],
            ),
            (
                [make.depthwise(3), make.relu(), make.conv(3, 4, 2, 1, "valid"), make.relu()],
                [make.pool(2), make.flatten(), make.dense(4, 3)],
            ),
        ],
    )


def quantised() -> IntegerNetwork:
    """Signed activations without ReLU, logits that are rounded and saturated, features that end flattened."""
    make = Builder(4)
    return assemble(
        Tensor((5, 5, 1), FixedPoint(8, 0, False)),
        [
            (
                [make.conv(1, 3), make.linear(FixedPoint(5, 2)), make.pool(), make.flatten()],
                [make.dense(12, 3), make.linear(FixedPoint(7, 4))],
            ),
            ([make.dense(12, 6), make.linear(FixedPoint(6, 3))], [make.dense(6, 3)]),
        ],
    )


def widths(weights: int, activations: int) -> IntegerNetwork:
    """Dense stages at one pair of widths, 26 classes."""
    make = Builder(5, FixedPoint(weights, 1), FixedPoint(activations, 1, False), FixedPoint(weights + 4, 3))
    source = Tensor((9,), FixedPoint(activations, 1, False))
    return assemble(
        source,
        [
            ([make.dense(9, 7), make.relu()], [make.dense(7, 26)]),
            ([make.dense(7, 7), make.relu()], [make.dense(7, 26)]),
        ],
    )


def two_heads() -> IntegerNetwork:
    """An image network of three stages: the embedding is the features, a hidden layer, the features again."""
    make = Builder(7)
    return assemble(
        Tensor((6, 6, 1), FixedPoint(6, 0, False)),
        [
            ([make.conv(1, 3), make.relu(), make.pool()], [make.flatten(), make.dense(27, 4)]),
            (
                [make.conv(3, 4), make.relu()],
                [make.flatten(), make.dense(36, 5), make.relu(), make.dense(5, 4)],
            ),
            ([make.conv(4, 2), make.relu()], [make.flatten(), make.dense(18, 4)]),
        ],
    )


@pytest.fixture
def check(tmp_path: Path, shared_objects: Path) -> Callable[..., None]:
    """Runs everything with both sets of number types and asserts that nothing differs."""
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "objects").symlink_to(shared_objects)
    return functools.partial(agrees, folder=tmp_path)


def agrees(network: IntegerNetwork, *, folder: Path, **options: object) -> None:
    tree = make_tree(network, **options)  # type: ignore[arg-type]
    tree.write(folder / "firmware")
    raw = tree.data.test.raw
    for types in TYPES:
        simulation = Simulation(
            network,
            tree.calibration,
            raw,
            folder / "firmware",
            folder / "build",
            lambda *_: None,
            types,
        )
        simulation.firmware.build()
        simulation.stages()
        simulation.gates()
        runs = simulation.kernel()
        wrong = {key: count for key, count in add_up(simulation.comparisons).items() if count}
        assert not wrong, f"{types} types differ from the reference: {wrong}"
        assert runs[0] == len(raw)
        assert all(before >= after for before, after in zip(runs[:-1], runs[1:], strict=True))
        if len(runs) > 1:
            assert runs[-1] < runs[0], "no sample left early: the test would prove little"


@pytest.mark.parametrize("io", ["stream", "parallel"])
@pytest.mark.parametrize("make_network", [images, windows, quantised])
def test_networks(make_network: object, io: str, check: Check) -> None:
    check(make_network(), io=io)  # type: ignore[operator]


@pytest.mark.parametrize(("weights", "activations"), [(2, 2), (12, 12)])
def test_widths(weights: int, activations: int, check: Check) -> None:
    check(widths(weights, activations), criterion="margin")


@pytest.mark.parametrize("stages", [1, 5])
def test_one_to_five_stages_of_equal_shape(stages: int, check: Check) -> None:
    check(tabular(stages=stages), criterion="logit_margin", abstain=True)


def test_resource_strategy_and_vivado(check: Check) -> None:
    check(images(3), backend="Vivado", hls={"Model": {"Strategy": "Resource", "ReuseFactor": 3}})


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("form", ["parallel", "serial"])
def test_every_criterion_at_early_and_last_exits(name: str, form: str, check: Check) -> None:
    """Heads that end in a hidden layer's activations and heads that see the features themselves."""
    check(two_heads(), criterion=name, abstain=True, gate=form)


@pytest.mark.parametrize("name", [name for name in names() if get_criterion(name).ensembles])
@pytest.mark.parametrize("abstain", [False, True])
@pytest.mark.parametrize("form", ["parallel", "serial"])
def test_ensembling_over_exits(name: str, abstain: bool, form: str, check: Check) -> None:
    check(two_heads(), criterion=name, abstain=abstain, gate=form, ensemble=True)


@pytest.mark.parametrize("name", [name for name in names() if get_criterion(name).reads_embedding])
def test_embeddings_of_parallel_stages(name: str, check: Check) -> None:
    check(two_heads(), criterion=name, abstain=True, io="parallel")
