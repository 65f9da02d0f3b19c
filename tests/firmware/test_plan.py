"""The planned tree: complete, reproducible, free of places and dates, honest about its files."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from hwgen.errors import NetworkError, RecipeError, ToolFailed
from hwgen.firmware import edited_files
from hwgen.fixedpoint import FixedPoint
from hwgen.reference.layers import Layer, MaxPool2D
from hwgen.reference.network import IntegerNetwork, Tensor
from tests.networks import Builder, assemble, images, tabular
from tests.trees import Tree, make_tree


@pytest.mark.parametrize("io", ["stream", "parallel"])
def test_same_inputs_give_the_same_bytes(io: str) -> None:
    network = images()
    assert make_tree(network, io=io).files == make_tree(network, io=io).files


def test_every_part_of_the_contract_is_there() -> None:
    files = make_tree(tabular(stages=3), abstain=True).files
    folders = {name.split("/")[0] for name in files}
    assert {
        "stage1",
        "stage2",
        "stage3",
        "gate1",
        "gate2",
        "gate3",
        "kernel",
        "scripts",
        "tb_data",
    } <= folders
    assert {"manifest.json", "README.md"} <= files.keys()


def test_the_last_exit_has_a_gate_only_with_abstention() -> None:
    assert not any(name.startswith("gate3/") for name in make_tree(tabular(stages=3)).files)


def test_a_single_stage_has_no_gate_and_still_a_kernel() -> None:
    files = make_tree(tabular(stages=1)).files
    assert not any(name.startswith("gate") for name in files)
    assert "kernel/kernel.cpp" in files


def test_no_absolute_path_and_no_date() -> None:
    for name, content in make_tree(images()).files.items():
        # hls4ml's own headers are copied as they are; what depends on this run is what is checked.
        if "/nnet_utils/" in name or "/ap_types/" in name:
            continue
        text = content.decode()
        assert not re.search(r"(?<![\w.$}])/(home|root|tmp|usr|var|work)\b", text), name
        assert not re.search(r"\b20\d\d-[01]\d-[0-3]\d\b", text), name


def test_first_line_names_tool_recipe_and_inputs() -> None:
    tree = make_tree(images())
    key = json.loads(tree.files["manifest.json"])["inputs_sha256"][:16]
    for name in ("kernel/kernel.cpp", "gate1/gate1.h", "scripts/design.tcl", "scripts/Makefile"):
        first = tree.files[name].decode().splitlines()[0]
        assert "hwgen " in first and "recipe small" in first and key in first


def test_manifest_lists_every_file_with_its_hash() -> None:
    files = make_tree(images()).files
    manifest = json.loads(files["manifest.json"])
    assert manifest["files"].keys() == files.keys() - {"manifest.json"}
    assert all(hashlib.sha256(files[name]).hexdigest() == value for name, value in manifest["files"].items())


def test_manifest_states_the_constants_of_each_gate() -> None:
    gate = json.loads(make_tree(images()).files["manifest.json"])["gates"][0]
    assert {"s", "N", "Q", "T", "criterion", "classes", "logits"} <= gate.keys()


def test_changed_missing_and_added_files_are_named() -> None:
    manifest = {"files": {"a": "1", "b": "2"}}
    assert edited_files({"a": "1", "b": "2"}, manifest) == []
    assert edited_files({"a": "9", "c": "3"}, manifest) == ["a", "b", "c"]


def test_key_changes_with_thresholds_and_part() -> None:
    network = images()
    keys = {
        json.loads(make_tree(network, **options).files["manifest.json"])["inputs_sha256"]  # type: ignore[arg-type]
        for options in ({}, {"criterion": "margin"}, {"part": "xcu250-figd2104-2L-e"}, {"count": 65})
    }
    assert len(keys) == 4


def test_stages_share_no_global_name() -> None:
    files = make_tree(tabular(stages=3)).files
    weights = [
        [name.rsplit("/", 1)[1] for name in files if name.startswith(f"stage{number}/firmware/weights/")]
        for number in (1, 2, 3)
    ]
    assert not set(weights[0]) & set(weights[1]) and not set(weights[1]) & set(weights[2])


def test_hls4ml_settings_reach_hls4ml() -> None:
    files = make_tree(images(), hls={"Model": {"ReuseFactor": 3, "Strategy": "Resource"}}).files
    assert b"static const unsigned reuse_factor = 3;" in files["stage1/firmware/parameters.h"]


@pytest.mark.parametrize(
    ("hls", "message"),
    [
        (
            {"LayerName": {"conv1": {"Precision": "fixed<4,2>"}}},
            r"hls\.LayerName\.conv1\.Precision.*formats come from",
        ),
        ({"Model": {"Precision": "fixed<4,2>"}}, r"hls\.Model\.Precision: received 'fixed<4,2>'"),
        (
            {"LayerName": {"conv9": {"ReuseFactor": 2}}},
            r"hls\.LayerName\.conv9: there is no such layer; did you mean",
        ),
        ({"Modle": {"ReuseFactor": 2}}, r"hls\.Modle: unknown section; did you mean 'Model'"),
        ({"Model": {"ReuseFactor": "many"}}, r"hls\.Model\.ReuseFactor: received 'many'"),
        ({"Model": {"ReuseFactor": 0}}, r"ReuseFactor: received 0; write a whole number of 1 or more"),
        (
            {"Model": {"ConvImplementation": "Lines"}},
            r"ConvImplementation: received 'Lines'; use one of LineBuffer",
        ),
        ({"Model": {"ConvImplementation": "Encoded"}}, r"hls: ConvImplementation of conv1: .*backend: Vitis"),
        ({"Model": 3}, r"hls\.Model: received 3; write a mapping"),
        ({"LayerType": []}, r"hls\.LayerType: received \[\]"),
    ],
)
def test_settings_that_hls4ml_would_ignore_or_that_break_exactness(
    hls: dict[str, object], message: str
) -> None:
    with pytest.raises(RecipeError, match=message):
        make_tree(images(), hls=hls)


def test_what_hls4ml_refuses_is_reported_as_its_failure() -> None:
    with pytest.raises(ToolFailed, match="hls4ml, stage1"):
        make_tree(images(), hls={"Flows": ["no_such_flow"]})


def _with(layer: Layer) -> IntegerNetwork:
    """One stage on 6x6 images that begins with `layer`."""
    make = Builder(0)
    start = Tensor((6, 6, 2), FixedPoint(8, 0, False))
    shape = layer.output_shape(start.shape)
    head: list[Layer] = [make.flatten(), make.dense(shape[0] * shape[1] * shape[2], 3)]
    return assemble(start, [([layer], head)])


@pytest.mark.parametrize("io", ["stream", "parallel"])
@pytest.mark.parametrize(
    ("pool", "message"),
    [
        (
            MaxPool2D("pool", (3, 3), (2, 2)),
            r"layer pool: a pool of \(3, 3\) has strides \(2, 2\).*leave strides",
        ),
        (MaxPool2D("pool", (4, 4), (4, 4), "same"), "layer pool: hls4ml has no padding for pools"),
    ],
)
def test_pools_that_hls4ml_has_no_code_for(pool: MaxPool2D, message: str, io: str) -> None:
    with pytest.raises(NetworkError, match=message):
        make_tree(_with(pool), io=io)


def test_depthwise_resource_works_in_streams_only() -> None:
    network = _with(Builder(0).depthwise(2))
    resource = {"Model": {"Strategy": "Resource"}}
    make_tree(network, io="stream", hls=resource)
    with pytest.raises(
        RecipeError, match="hls: strategy of depthwise1: hls4ml has no resource form.*Latency"
    ):
        make_tree(network, io="parallel", hls=resource)
    make_tree(network, io="parallel", hls=resource | {"LayerName": {"depthwise1": {"Strategy": "Latency"}}})


@pytest.mark.parametrize("backend", ["Vitis", "Vivado"])
def test_reuse_of_parallel_convolutions_has_a_limit(backend: str) -> None:
    def make(factor: int, io: str) -> Tree:
        hls = {"Model": {"Strategy": "Resource", "ReuseFactor": factor}}
        return make_tree(images(), hls=hls, backend=backend, io=io)

    make(9, "parallel")
    make(27, "stream")
    with pytest.raises(
        RecipeError, match="hls: reuse factor of conv1: hls4ml cannot build 27 .* write .*ReuseFactor: 9"
    ):
        make(27, "parallel")


@pytest.mark.parametrize("io", ["stream", "parallel"])
def test_reuse_of_pointwise_convolutions(io: str) -> None:
    """hls4ml corrects the factors of other layers itself."""

    def make(factor: int) -> Tree:
        network = _with(Builder(0).conv(2, 6, 1))
        layer = {"Strategy": "Resource", "ReuseFactor": factor}
        return make_tree(network, hls={"LayerName": {"conv1": layer, "dense2": layer}}, io=io)

    make(2)
    with pytest.raises(
        RecipeError, match="hls: reuse factor of conv1: hls4ml cannot build 5 .*ReuseFactor: [24]"
    ):
        make(5)


def test_an_encoded_convolution_must_be_square() -> None:
    make = Builder(0)
    layer = replace(make.conv(2, 2, 3), strides=(1, 2))
    encoded = {"Model": {"ConvImplementation": "Encoded"}}
    make_tree(_with(make.conv(2, 2, 3)), backend="Vivado", hls=encoded)
    make_tree(_with(layer), backend="Vivado")
    with pytest.raises(
        RecipeError, match="hls: ConvImplementation of conv1: .* unless kernel and strides are square"
    ):
        make_tree(_with(layer), backend="Vivado", hls=encoded)


def test_streams_cannot_skip_rows_of_a_kernel_of_one_row() -> None:
    make = Builder(0)
    wide = replace(make.conv(2, 2, 1), kernel=np.ones((1, 3, 2, 2), dtype=np.int64), strides=(2, 2))
    for layer in (make.depthwise(2, 1, 2), wide):
        make_tree(_with(layer), io="parallel")
        with pytest.raises(
            NetworkError, match=f"layer {layer.name}: hls4ml cannot stream a kernel of one row"
        ):
            make_tree(_with(layer), io="stream")
    make_tree(_with(make.conv(2, 2, 1, 2)), io="stream")  # a pointwise convolution has code of its own


def test_an_unrolled_layer_needs_a_reuse_factor_above_1() -> None:
    def make(factor: int) -> Tree:
        return make_tree(tabular(), hls={"Model": {"Strategy": "Resource_Unrolled", "ReuseFactor": factor}})

    with pytest.raises(RecipeError, match="hls: reuse factor of dense1: the nearest one .* is 1"):
        make(2)  # does not divide the 25 weights
    assert b"class dense_resource_unrolled_2" in b"".join(make(5).files.values())


def test_generation_does_not_load_tensorflow() -> None:
    code = (
        "from tests.trees import Tree, make_tree; from tests.networks import images; make_tree(images()); import sys;"
        "print([name for name in ('tensorflow', 'qkeras', 'keras') if sys.modules.get(name)])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
