"""Gates against the page that counts them, families of parts, the recipe's network before training, numbers in print."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hwgen.errors import UsageError
from hwgen.estimate import assumed_network
from hwgen.estimate.blocks import CONTROLLER, COUNTED, REGISTERS
from hwgen.estimate.energy import mac_pj
from hwgen.estimate.table import figure_text, number_text
from hwgen.latency.layer import LayerShape
from hwgen.latency.parts import FAMILIES, find_family
from hwgen.recipe import load_recipe
from hwgen.reference.layers import Activation, Weighted
from hwgen.reference.network import IntegerNetwork
from hwgen.reference.storage import load_network
from hwgen.synth import family_of

ROOT = Path(__file__).resolve().parents[2]


def block_of(criterion: str, told: str) -> str:
    """A row of the page -> the name of its RTL."""
    if "ensembling" in told:
        return f"ensemble_{criterion}"
    if "small network" in told:
        return f"{criterion}_mlp"
    return f"{criterion}_serial" if "serial" in told else criterion


def test_gates_cost_what_the_page_counts() -> None:
    page = (ROOT / "docs" / "pipeline.md").read_text()
    rows = re.findall(
        r"^\| `(\w+)`([^|]*)\| ([\d,]+) \| ([\d,]+) \| (\d+) \| ([\d.]+) \|", page, re.MULTILINE
    )
    counted: dict[str, list[tuple[int, int, int, float]]] = {}
    for criterion, told, lut, ff, dsp, ram in rows:
        found = (int(lut.replace(",", "")), int(ff.replace(",", "")), int(dsp), float(ram))
        counted.setdefault(block_of(criterion, told), []).append(found)
    assert counted.keys() == COUNTED.keys()
    for block, row in COUNTED.items():
        # `score` was counted with a short and a long table: logic of the one, memory of the other.
        assert row[:3] in [found[:3] for found in counted[block]]
        assert row[3] in [found[3] for found in counted[block.removesuffix("_serial")] + counted[block]]


def test_the_controller_costs_what_the_benchmark_counted() -> None:
    stored = json.loads((ROOT / "benchmarks" / "results" / "pipeline_digits_mlp.json").read_text())
    [groups] = [found for found in values_of(stored) if {"controller", "registers"} <= found.keys()]
    for name, ours in (("controller", CONTROLLER), ("registers", REGISTERS)):
        counts = groups[name]
        assert ours == {"lut": counts["lut"] + counts["lutram"], "ff": counts["ff"]}


def values_of(tree: Any) -> Iterator[dict[str, Any]]:
    """All objects of a document."""
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from values_of(value)


@pytest.mark.parametrize(
    ("part", "family", "yosys"),
    [
        ("xc7z020clg400-1", "7 series", "xc7"),
        ("xc7a35tcpg236-1", "7 series", "xc7"),
        ("XCZU7EV-FFVC1156-2-E", "UltraScale+", "xcup"),
        ("xcu250-figd2104-2L-e", "UltraScale+", "xcup"),
        ("xcvu9p-flgb2104-2-i", "UltraScale+", "xcup"),
        ("xck26-sfvc784-2LV-c", "UltraScale+", "xcup"),
        ("xcku040-ffva1156-2-e", "UltraScale", "xcu"),
        ("xcvu095-ffvd1924-2-e", "UltraScale", "xcu"),
        ("xcvc1902-vsva2197-2MP-e-S", "Versal", "xcup"),
    ],
)
def test_families(part: str, family: str, yosys: str) -> None:
    found = find_family(part)
    assert found is not None and found.name == family
    assert found.yosys == family_of(part) == yosys


@pytest.mark.parametrize("part", ["ep4ce6", "xc", "xc6slx9", "artix7", ""])
def test_other_names_belong_to_no_family(part: str) -> None:
    assert find_family(part) is None
    assert len({family.name for family in FAMILIES}) == len(FAMILIES)


def shapes(network: IntegerNetwork) -> list[object]:
    """What of a network does not depend on training."""
    found: list[object] = [network.source]
    for stage in network.stages:
        for layer in (*stage.backbone, *stage.head):
            entry: list[object] = [stage.name, layer.kind, layer.name]
            if isinstance(layer, Weighted):
                entry += [layer.kernel.shape, layer.kernel_format.width, layer.bias_format]
            if isinstance(layer, Activation):
                entry += [layer.function, layer.target]
            found.append(entry)
        found.append(stage.features)
    return found


def test_the_recipe_alone_gives_the_network_that_training_gives() -> None:
    loaded = load_recipe(ROOT / "models" / "fashion_mnist.yaml", ())
    trained = load_network(ROOT / "models" / "fashion_mnist")
    drawn = assumed_network(loaded.recipe.network, trained.source, trained.classes, 1)
    assert shapes(drawn) == shapes(trained)
    assert all(stage.logits.shape == (10,) for stage in drawn.stages)


def test_all_kinds_of_layers_are_drawn(tmp_path: Path) -> None:
    path = tmp_path / "all.yaml"
    path.write_text(
        "name: all\ndata: {source: digits}\nnetwork:\n  stages:\n"
        "    - layers: [{separable: 6}, {dropout: 0.2}, {pool: 2}, {depthwise: 3, strides: 2}]\n"
        "      exit: [{flatten}, {dense: 7}, {dense: classes}]\n"
    )
    trained = load_network(ROOT / "models" / "fashion_mnist")
    network = assumed_network(load_recipe(path, ()).recipe.network, trained.source, 4, 1)
    (stage,) = network.stages
    names = [layer.name for layer in (*stage.backbone, *stage.head)]
    assert names == [
        "stage1_depthwise1", "stage1_act1", "stage1_conv1", "stage1_act2", "stage1_pool1",
        "stage1_depthwise2", "stage1_act3", "exit1_flatten1", "exit1_dense1", "exit1_act1", "exit1_dense2",
    ]  # fmt: skip
    assert (stage.features.shape, stage.logits.shape) == ((7, 7, 6), (4,))


def test_a_python_network_has_to_be_trained_first(tmp_path: Path) -> None:
    path = tmp_path / "python.yaml"
    path.write_text("name: p\ndata: {source: digits}\nnetwork: {python: net.py:build}\n")
    source = load_network(ROOT / "models" / "fashion_mnist").source
    with pytest.raises(UsageError, match="hwgen train RECIPE first"):
        assumed_network(load_recipe(path, ()).recipe.network, source, 4, 1)


def test_energy_of_the_operations_that_were_measured() -> None:
    """32 by 32 bits cost what the source says: 3.1 pJ, and 0.1 pJ per 32 bits of the sum."""
    layer = LayerShape("d", "dense", (1,), (1,), 32, 32, weight_bits=32)
    assert mac_pj(layer) == pytest.approx(3.1 + 0.1 * 72 / 32)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (0.6, "0.6"),
        (99.5, "99.5"),
        (903, "903"),
        (4096, "4,096"),
        (9999.4, "9,999"),
        (12345, "12.3k"),
        (1.75e6, "1.75M"),
    ],
)
def test_numbers_in_tables(number: float, text: str) -> None:
    assert number_text(number) == text


def test_figures_in_tables() -> None:
    assert figure_text(None) == "—"
    assert figure_text({"value": 5, "low": 5, "high": 5}) == "5"
    assert figure_text({"value": 5, "low": 4, "high": 7.5}) == "5 (4-7.5)"
