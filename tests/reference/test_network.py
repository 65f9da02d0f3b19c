"""Shapes, costs, the refusals of a network that does not fit together, and the overflow audit."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from hwgen.errors import NetworkError
from hwgen.fixedpoint import FixedPoint
from hwgen.reference import executor
from hwgen.reference.executor import layer_ranges
from hwgen.reference.layers import Layer, MaxPool2D
from hwgen.reference.network import IntegerNetwork, Stage, Tensor
from tests.networks import Builder, assemble, images, samples
from tests.reference import naive

SOURCE = Tensor((6, 6, 1), FixedPoint(8, 0, False))


def test_macs_by_hand() -> None:
    network = images()
    conv1, dense1 = 6 * 6 * (3 * 3 * 1 * 3), 3 * 3 * 3 * 4  # same padding: every window counts as a whole one
    conv2, dense2 = 1 * 1 * (3 * 3 * 3 * 4), 4 * 4
    assert [(stage.macs, stage.head_macs) for stage in network.stages] == [(conv1, dense1), (conv2, dense2)]
    assert network.exit_macs() == [conv1 + dense1, conv1 + dense1 + conv2 + dense2]
    assert network.static_macs == conv1 + conv2 + dense2
    assert [stage.parameters for stage in network.stages] == [27 + 3 + 108 + 4, 108 + 4 + 16 + 4]


def test_macs_of_strided_and_depthwise_layers_by_hand() -> None:
    make = Builder(0)
    assert make.conv(2, 5, kernel=3, strides=2).macs((7, 5, 2)) == 4 * 3 * (3 * 3 * 2 * 5)
    assert make.conv(2, 5, kernel=3, padding="valid").macs((7, 5, 2)) == 5 * 3 * (3 * 3 * 2 * 5)
    assert make.depthwise(4, kernel=3).macs((6, 6, 4)) == 6 * 6 * (3 * 3 * 4)
    assert make.pool().macs((6, 6, 4)) == 0


def test_one_stage_costs_the_same_with_and_without_exits() -> None:
    make = Builder(0)
    network = assemble(
        Tensor((4,), FixedPoint(8, 1)), [([make.dense(4, 3), make.relu()], [make.dense(3, 2)])]
    )
    assert network.exit_macs() == [network.static_macs] == [4 * 3 + 3 * 2]


def message(backbone: list[Layer], head: list[Layer], source: Tensor = SOURCE) -> str:
    with pytest.raises(NetworkError) as caught:
        assemble(source, [(backbone, head)])
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_layer_that_does_not_fit_is_named() -> None:
    make = Builder(0)
    dense, conv, small = make.dense(9, 3), make.conv(2, 3), make.conv(1, 3, kernel=7, padding="valid")
    assert message([dense], [make.dense(3, 2)]) == (
        "layer dense1: dense expects a vector of 9, received shape (6, 6, 1); put {flatten} before it"
    )
    assert message([conv], [dense]) == "layer conv2: kernel has 2 input channels, received 1"
    assert "layer conv3: a 7x7 window does not fit an input of 6x6" in message([small], [dense])
    pool = MaxPool2D("pool", (7, 2), (2, 2))
    assert "layer pool: a 7x2 pool does not fit an input of 6x6" in message([make.conv(1, 1), pool], [dense])
    vector = Tensor((4,), FixedPoint(8, 1))
    wanted = (
        "expects height x width x channels, received shape (4,); use it before {flatten} and dense layers"
    )
    assert message([conv], [dense], vector) == f"layer conv2: conv2d {wanted}"
    assert message([pool], [dense], vector) == f"layer pool: pool {wanted}"


def test_a_network_without_stages_is_refused() -> None:
    with pytest.raises(NetworkError, match="network.stages: the list is empty; write at least one stage"):
        IntegerNetwork(())


@pytest.mark.parametrize("layers", [[], ["flatten"]])
def test_a_part_that_computes_nothing_is_refused(layers: list[str]) -> None:
    make = Builder(0)
    idle: list[Layer] = [make.flatten() for _ in layers]
    problem = "holds no layer that computes; add a conv or dense"
    assert message([make.conv(1, 2), make.relu()], idle) == f"stage1 exit: {problem}"
    assert message(idle, [make.dense(36, 2)]) == f"stage1 layers: {problem}"


def test_classes_must_agree() -> None:
    make = Builder(0)
    with pytest.raises(NetworkError) as caught:
        assemble(
            Tensor((4,), FixedPoint(8, 1)),
            [([make.dense(4, 4), make.relu()], [make.dense(4, classes)]) for classes in (3, 5)],
        )
    assert str(caught.value) == "stage2 exit: has 5 classes, stage1 has 3; give all exits the same classes"


def test_logits_must_be_a_vector() -> None:
    make = Builder(0)
    assert message([make.conv(1, 2), make.relu()], [make.conv(2, 3)]) == (
        "stage1 exit: logits have shape (6, 6, 3), expected a vector; end the head with {dense: classes}"
    )


def test_a_stage_must_receive_what_the_one_before_gives() -> None:
    first, second = images().stages
    other = Stage("stage2", Tensor(first.features.shape, FixedPoint(5, 2)), second.backbone, second.head)
    with pytest.raises(NetworkError, match=r"stage2: expects Tensor\(.*\), but stage1 produces Tensor\("):
        IntegerNetwork((first, other))


@pytest.mark.parametrize("elements", [1, 1 << 23])
def test_overflow_audit(monkeypatch: pytest.MonkeyPatch, elements: int) -> None:
    """Smallest, largest and saturated values of every layer, in chunks or not."""
    monkeypatch.setattr(executor, "_CHUNK_ELEMENTS", elements)
    make = Builder(4, activations=FixedPoint(3, 1, False))
    network = assemble(
        SOURCE,
        [
            ([make.conv(1, 2), make.relu(), make.pool()], [make.flatten(), make.dense(18, 3)]),
            ([make.conv(2, 2), make.linear(FixedPoint(3, 1))], [make.flatten(), make.dense(18, 3)]),
        ],
    )
    raw = samples(network, 7)
    seen: dict[tuple[str, str], list[int]] = defaultdict(list)
    saturated: dict[tuple[str, str], int] = defaultdict(int)
    current = [sample.astype(object) for sample in raw]
    for stage in network.stages:
        for layers, start in ((stage.backbone, None), (stage.head, stage.features.format)):
            fmt = start or stage.source.format
            values = current
            for layer in layers:
                results = [naive.run_layer(layer, value, fmt) for value in values]
                values, fmt = [result[0] for result in results], results[0][1]
                for value, _, clipped in results:
                    seen[stage.name, layer.name] += value.ravel().tolist()
                    saturated[stage.name, layer.name] += clipped
            current = values if start is None else current
    ranges = layer_ranges(network, raw)
    assert [(entry.stage, entry.layer) for entry in ranges] == list(seen)
    for entry in ranges:
        values = seen[entry.stage, entry.layer]
        assert (entry.low, entry.high) == (min(values), max(values))
        assert entry.saturated == saturated[entry.stage, entry.layer] / len(values)
        entry.format.check(np.array([entry.low, entry.high]), entry.layer)
    assert any(0 < entry.saturated < 1 for entry in ranges)
