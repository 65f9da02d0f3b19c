"""The planned tree: complete, reproducible, free of places and dates, honest about its files."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys

import pytest

from hwgen.errors import RecipeError, ToolFailed
from hwgen.firmware import edited_files
from tests.networks import images, tabular
from tests.trees import make_tree


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


def test_generation_does_not_load_tensorflow() -> None:
    code = (
        "from tests.trees import make_tree; from tests.networks import images; make_tree(images()); import sys;"
        "print([name for name in ('tensorflow', 'qkeras', 'keras') if sys.modules.get(name)])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
