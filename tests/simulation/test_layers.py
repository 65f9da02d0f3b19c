"""Every layer of the compiled firmware, not its outputs alone: both kinds of types against the reference."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hwgen.reference.network import IntegerNetwork
from tests.networks import images, samples, tabular
from tests.simulation.layers import Tracer, compare_layers, tracing
from tests.simulation.test_exactness import quantised, widths, windows
from tests.trees import make_tree

pytestmark = pytest.mark.gxx
TYPES = ("reference", "fast")


def traced(network: IntegerNetwork, folder: Path, **options: Any) -> list[Tracer]:
    """The firmware with tracing on, once for each kind of types."""
    with tracing():
        make_tree(network, **options).write(folder / "firmware")
    return [Tracer(folder / "firmware", network, types, folder / types) for types in TYPES]


def check(network: IntegerNetwork, folder: Path, **options: Any) -> None:
    assert compare_layers(network, samples(network, 64), traced(network, folder, **options)) == []


def test_tracing_adds_its_calls_and_nothing_else() -> None:
    plain = make_tree(images()).files
    with tracing():
        files = make_tree(images()).files
    changed = {name for name, content in files.items() if content != plain[name]}
    sources = {"stage1/firmware/stage1.cpp", "stage2/firmware/stage2.cpp"}
    assert sources <= changed
    for name in sources:
        added = set(files[name].splitlines()) - set(plain[name].splitlines())
        assert added and all(b"nnet::save_layer_output" in line for line in added)
    assert make_tree(images()).files == plain


def test_every_layer_and_a_changed_weight(tmp_path: Path) -> None:
    """The same programs see a weight change: weights are read when a program starts."""
    network = images()
    both = traced(network, tmp_path, io="stream")
    assert compare_layers(network, samples(network, 64), both) == []
    path = tmp_path / "firmware/stage2/firmware/weights/b1002.txt"
    first, _, rest = path.read_text().partition(",")
    path.write_text(f"{float(first) + 0.0625},{rest}")
    lines = compare_layers(network, samples(network, 64), both)
    assert lines and lines[0].startswith("stage2 conv6: sample 0, index [0, 0, 0]: reference types ")
    assert not any(line.startswith("stage1") for line in lines)


@pytest.mark.parametrize(
    ("make_network", "io"),
    [
        (images, "parallel"),
        (windows, "stream"),
        (windows, "parallel"),
        (quantised, "stream"),
        (quantised, "parallel"),
    ],
)
def test_networks(make_network: Callable[[], IntegerNetwork], io: str, tmp_path: Path) -> None:
    check(make_network(), tmp_path, io=io)


@pytest.mark.parametrize(("weights", "activations"), [(2, 2), (12, 12)])
def test_widths(weights: int, activations: int, tmp_path: Path) -> None:
    check(widths(weights, activations), tmp_path)


def test_stages_of_equal_shape(tmp_path: Path) -> None:
    """First, middle and last: what more stages add is compared without tracing."""
    check(tabular(stages=3), tmp_path)


def test_resource_strategy_and_vivado(tmp_path: Path) -> None:
    check(images(3), tmp_path, backend="Vivado", hls={"Model": {"Strategy": "Resource", "ReuseFactor": 3}})
