"""Reading published points: layouts, groups and tables, what cannot be used, counts of published weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.estimator.count_weights import counted
from benchmarks.estimator.errors import measure
from benchmarks.estimator.fit import POINTS
from benchmarks.estimator.published import Point, load

COMMON: dict[str, Any] = {
    "source": {"repo": "a/b"}, "model": "m", "precision": "ap_fixed<16,6>", "reuse_factor": 3, "strategy": "Resource",
    "io_type": "io_parallel", "tool": "Vitis HLS", "part": "xcu250-figd2104-2L-e", "clock_target_ns": 5,
}  # fmt: skip
RESULT: dict[str, Any] = {
    "latency_cycles_max": 5, "ii_max": 3, "csynth": {"LUT": 9, "FF": 8, "DSP": 7, "BRAM_18K": 6},
}  # fmt: skip
STRUCTURES: list[dict[str, Any]] = [
    {"kind": "dense_config", "name": "config2", "n_in": 16, "n_out": 8, "n_zeros": 64, "reuse_factor": 2,
     "strategy": "nnet::latency", "weight_t": "ap_fixed<8,1>"},
    {"kind": "activ_config", "name": "relu_config4", "n_in": 8},
]  # fmt: skip


def read(tmp_path: Path, document: Any) -> tuple[list[Point], dict[str, str]]:
    path = tmp_path / "points.json"
    path.write_text(json.dumps(document))
    return load(path)


def test_a_point_is_the_same_alone_in_a_group_and_in_a_table(tmp_path: Path) -> None:
    layers = [{"kind": "dense", "n_in": 16, "n_out": 8}]
    alone = COMMON | RESULT | {"id": "x", "layers": layers, "weight_bits": 8}
    group = {"common": COMMON, "points": [RESULT | {"id": "x", "layers": layers, "weight_bits": 8}]}
    columns = [
        "id",
        "weight_bits",
        "latency_cycles_max",
        "ii_max",
        "n_in",
        "n_out",
        "BRAM_18K",
        "DSP",
        "FF",
        "LUT",
    ]
    table = {
        "common": COMMON | {"model": "m"},
        "columns": columns,
        "rows": [["x", 8, 5, 3, 16, 8, 6, 7, 8, 9]],
    }
    found = [read(tmp_path, document)[0][0] for document in ([alone], [group], [table])]
    assert found[0] == found[1]
    assert (found[0].truth, found[0].design.layers) == (found[2].truth, found[2].design.layers)
    assert found[0].truth == {"latency": 5, "interval": 3, "lut": 9, "ff": 8, "dsp": 7, "bram_18k": 6}
    (layer,) = found[0].design.layers
    assert (layer.settings.reuse_factor, layer.weight_bits) == (2, 8)  # 3 cannot be built


def test_structures_of_parameters_h(tmp_path: Path) -> None:
    point = COMMON | RESULT | {
        "id": "x", "layers": STRUCTURES, "types": {"input_t": "ap_fixed<8,2>", "a_t": "ap_fixed<16,4>", "b_t": "ap_ufixed<6,0>"},
        "layer_calls": [{"targs": "input_t, a_t, config2"}, {"targs": "a_t, b_t, relu_config4"}],
    }  # fmt: skip
    dense, relu = read(tmp_path, [point])[0][0].design.layers
    assert (dense.settings.strategy, dense.settings.reuse_factor) == ("latency", 2)
    assert (dense.input_bits, dense.weight_bits, dense.output_bits) == (8, 8, 16)
    assert dense.products is not None and dense.products.assumed
    assert dense.products.zeros == pytest.approx(64, abs=6)
    assert (relu.kind, relu.function, relu.input_bits, relu.output_bits) == ("activation", "relu", 16, 6)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"layers": "see elsewhere"}, "no layers"),
        ({"layers": [{"kind": "transformer"}]}, "layer transformer"),
        ({"reuse_factor": None}, "no reuse factor"),
        ({"top": "myproject_axi"}, "a wrapper that reads its inputs one by one"),
    ],
)
def test_what_says_too_little_is_left_out_with_a_reason(tmp_path: Path, change: Any, reason: str) -> None:
    point = COMMON | RESULT | {"id": "x", "layers": [{"kind": "dense", "n_in": 4, "n_out": 4}]}
    assert read(tmp_path, [point | change]) == ([], {"x": reason})


def test_one_source_cannot_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "points.json"
    path.write_text(
        json.dumps([COMMON | RESULT | {"id": "x", "layers": [{"kind": "dense", "n_in": 4, "n_out": 4}]}])
    )
    with pytest.raises(SystemExit, match="take --fitted"):
        measure(path)
    assert len(measure(path, committed=True)) == 1


def test_weights_are_cut_off_and_wrapped_as_in_cpp() -> None:
    text = "0.5, -0.5,\n1.0, 0.07, 0.0, 0.34375"  # ap_fixed<6,1>: 16, -16, wrapped to -32, 2, 0, 11
    assert counted(text, 2, 3, "ap_fixed<6,1>") == {
        "zeros": 1, "digits": [4, 0, 1], "distinct": [4, 0, 1], "longest": 2, "narrow": 1,
    }  # fmt: skip


def test_points_are_small_and_say_where_they_come_from() -> None:
    files = sorted(POINTS.glob("*.json"))
    assert sum(path.stat().st_size for path in files) < 300_000
    for path in files:
        for group in json.loads(path.read_text()):
            source = group["common"]["source"]
            assert source["repo"] and source["commit"] and source["licence"]
            assert all("path" in (source | point.get("source", {})) for point in group.get("points", []))
