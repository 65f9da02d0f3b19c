"""Stages by da4ml: the graphs are the network, the text is the graphs, the registers keep their contract."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hwgen.errors import RecipeError, ToolMissing
from hwgen.fixedpoint import FixedPoint, requantise
from hwgen.reference.executor import execute, execute_stage
from hwgen.reference.layers import Activation, Conv2D, Dense
from hwgen.reference.network import Stage, Tensor
from hwgen.rtl.stages import LIMIT, StageCore, build_core, check_size, nonzero_macs
from hwgen.rtl.stages import symbols as symbols_module
from hwgen.rtl.stages.graph import cut
from tests import networks
from tests.rtl.core_bench import random_raw
from tests.rtl.random_stages import random_stage

BANNER = "// hwgen test"


def core_of(stage: Stage, **options: object) -> StageCore:
    return build_core(stage, **({"last": False, "banner": BANNER} | options))  # type: ignore[arg-type]


def assert_exact(core: StageCore, samples: int = 1000, seed: int = 1) -> None:
    traced = core.traced
    raw = random_raw(core, samples, seed)
    wanted = execute_stage(traced.stage, raw, embedding=traced.embedding)
    found = traced.run(raw)
    assert np.array_equal(found.logits, wanted.logits)
    if traced.backbone is not None:
        assert np.array_equal(found.features, wanted.features)
    if traced.embedding:
        assert found.embedding is not None and wanted.embedding is not None
        assert np.array_equal(found.embedding, wanted.embedding)


@pytest.mark.da4ml
@pytest.mark.parametrize("seed", range(4))
def test_the_activation_is_requantise_on_every_value(seed: int) -> None:
    from hwgen.rtl.stages.activation import requantise as symbolic

    rng = np.random.default_rng(seed)
    for _ in range(60):
        low, high = sorted(int(number) for number in rng.integers(-260, 260, 2))
        if low == high:
            continue
        scale, clamp = int(rng.choice([1, 1, 2, -1, -4, 3])), bool(rng.integers(2))
        source = FixedPoint(20, 20 - int(rng.integers(0, 12)))
        width = int(rng.integers(1, 8))
        target = FixedPoint(width, width - int(rng.integers(0, 8)), bool(rng.integers(2)))
        entering = symbols_module.variable(low, high)
        graph = cut([entering], [symbolic(entering * float(scale), source, target, clamp)], 5)
        raw = np.arange(low, high + 1)
        scaled = raw * scale
        wanted = requantise(np.maximum(scaled, 0) if clamp else scaled, source, target)
        found = graph.run(raw[:, np.newaxis])[:, 0]
        assert np.array_equal(found, wanted), (low, high, scale, clamp, source, target)


@pytest.mark.da4ml
@pytest.mark.parametrize("block", range(8))
def test_random_stages_of_all_layer_kinds_are_exact(block: int) -> None:
    for seed in range(8 * block, 8 * block + 8):
        core = core_of(
            random_stage(seed),
            last=seed % 3 == 0,
            embedding=seed % 2 == 1,
            input_register=seed % 5 > 0,
            adders=2 + seed % 4,
        )
        assert_exact(core)


@pytest.mark.da4ml
def test_stages_hand_their_features_on() -> None:
    network = networks.images()
    raw = networks.samples(network, 500)
    for index, values in enumerate(execute(network, raw)):
        core = core_of(network.stages[index])
        found = core.traced.run(raw)
        assert np.array_equal(found.features, values.features)
        assert np.array_equal(found.logits, values.logits)
        raw = found.features


@pytest.mark.da4ml
def test_wide_formats_are_exact() -> None:
    make = networks.Builder(3, FixedPoint(16, 1), FixedPoint(16, 2, False), FixedPoint(16, 4))
    source = Tensor((6,), FixedPoint(16, 0, True))
    stage = Stage("stage1", source, (make.dense(6, 5), make.relu()), (make.dense(5, 3),))
    assert_exact(core_of(stage))


@pytest.mark.da4ml
def test_narrower_inputs_make_a_smaller_core() -> None:
    network = networks.tabular()
    stage = network.stages[1]
    low, high = np.zeros(5, dtype=np.int64), np.array([63, 0, 7, 63, 31])
    whole, narrow = core_of(stage), core_of(stage, ranges=(low, high))
    assert narrow.register_widths[0] == 6 + 3 + 6 + 5
    assert narrow.registers < whole.registers and narrow.lut < whole.lut
    assert narrow.in_bits == whole.in_bits
    raw = np.random.default_rng(0).integers(low, high + 1, size=(500, 5))
    assert np.array_equal(narrow.traced.run(raw).logits, execute_stage(stage, raw).logits)


@pytest.mark.da4ml
def test_numbers_of_a_core() -> None:
    stage = networks.images().stages[0]
    core = core_of(stage)
    assert core.module == "stage1_core"
    assert core.in_bits == 36 * 8
    assert core.feature_bits == stage.features.size * stage.features.format.width
    assert core.logit_bits == stage.logits.format.width
    assert core.z_bits == 4 * core.logit_bits
    assert 1 < core.feature_cycles < core.logit_cycles == len(core.register_widths)
    assert core.lut > 0
    assert core.macs == nonzero_macs(stage) <= LIMIT
    last = core_of(stage, last=True, embedding=True)
    assert last.feature_bits == last.feature_cycles == 0
    assert last.z_bits == core.z_bits + core.feature_bits
    assert "f_valid" not in last.files["stage1_core.sv"].decode()
    bare = core_of(stage, input_register=False)
    assert bare.logit_cycles == core.logit_cycles - 1
    assert bare.register_widths == core.register_widths[1:]


def _dense(name: str, matrix: list[list[int]], bias: list[int]) -> Dense:
    return Dense(name, np.array(matrix), FixedPoint(6, 6), np.array(bias), FixedPoint(8, 8))


def _dead_stage() -> Stage:
    """Features: x0 doubled, 5 whatever comes in, 0 (dead); logits: one of them, a constant, a multiple of 8."""
    backbone = (
        _dense("d1", [[2, 0, -1], [0, 0, -1]], [0, 5, -9]),
        Activation("a1", "relu", FixedPoint(8, 8, False)),
    )
    head = (_dense("d2", [[1, 0, 8], [3, 1, 0], [9, 0, 8]], [0, -3, 0]),)
    return Stage("stage1", Tensor((2,), FixedPoint(4, 4, False)), backbone, head)


def _constant_stage() -> Stage:
    """Nothing depends on the input."""
    backbone = (_dense("d1", [[-1], [-2]], [-9]), Activation("a1", "relu", FixedPoint(4, 4, False)))
    return Stage(
        "stage1", Tensor((2,), FixedPoint(4, 4, False)), backbone, (_dense("d2", [[3, 1]], [7, -7]),)
    )


@pytest.mark.da4ml
def test_constants_have_no_registers() -> None:
    core = core_of(_dead_stage())
    assert_exact(core)
    # x1 is read by a dead neuron only; 5 and 0 are constants; the second logit is 5 - 3.
    assert core.register_widths[0] == 4
    assert core.register_widths[core.feature_cycles - 1] == 4
    assert_exact(core_of(_constant_stage()))
    assert core_of(_constant_stage()).registers == 0


@pytest.mark.da4ml
def test_zero_weights_are_not_counted_and_padding_neither() -> None:
    kernel = np.zeros((3, 3, 1, 2), dtype=np.int64)
    kernel[0, 0, 0, 0] = kernel[1, 1, 0, 1] = 3
    conv = Conv2D("c", kernel, FixedPoint(4, 4), np.zeros(2, dtype=np.int64), FixedPoint(4, 4))
    head = (networks.Builder(0).flatten(), _dense("d", [[1, 0]] * 18, [0, 0]))
    stage = Stage("stage1", Tensor((3, 3, 1), FixedPoint(4, 4, False)), (conv,), head)
    # The corner tap reaches 2x2 of the 3x3 outputs, the centre all of them; 18 weights of the dense are not zero.
    assert nonzero_macs(stage) == 4 + 9 + 18


def test_a_stage_beyond_the_limit_is_refused() -> None:
    make = networks.Builder(0)
    stage = Stage("stage7", Tensor((200,), FixedPoint(8, 0, False)), (make.dense(200, 60), make.relu()),
                  (make.dense(60, 10),))  # fmt: skip
    macs = nonzero_macs(stage)
    with pytest.raises(RecipeError) as error:
        check_size(stage)
    for word in ("stage7", str(macs), str(LIMIT), "smaller", "compiled C++"):
        assert word in str(error.value)
    assert check_size(stage, limit=macs) == macs
    with pytest.raises(RecipeError, match="at most 5"):
        core_of(networks.images().stages[0], limit=5)


def test_sums_too_wide_for_exact_ranges_are_refused() -> None:
    make = networks.Builder(0, bias=FixedPoint(50, 20))
    stage = Stage(
        "stage1", Tensor((2,), FixedPoint(8, 0)), (make.dense(2, 2), make.relu()), (make.dense(2, 2),)
    )
    with pytest.raises(RecipeError, match="at most 48"):
        check_size(stage)


def test_da4ml_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "da4ml", None)
    symbols_module.da4ml.cache_clear()
    try:
        with pytest.raises(ToolMissing, match="da4ml.*pip install da4ml"):
            core_of(networks.images().stages[0])
    finally:
        symbols_module.da4ml.cache_clear()


_HASH = """
import hashlib
from tests import networks
from hwgen.rtl.stages import build_core
core = build_core(networks.images().stages[0], last=False, banner="// hwgen test")
text = b"".join(name.encode() + data for name, data in sorted({**core.files, **core.library}.items()))
print(hashlib.sha256(text).hexdigest())
"""


@pytest.mark.da4ml
def test_same_inputs_same_bytes() -> None:
    core = core_of(networks.images().stages[0])
    text = b"".join(name.encode() + data for name, data in sorted({**core.files, **core.library}.items()))
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": str(root), "PYTHONHASHSEED": "7"}
    other = subprocess.run(
        [sys.executable, "-c", _HASH], capture_output=True, text=True, check=True, env=environment, cwd=root
    )
    assert other.stdout.strip() == hashlib.sha256(text).hexdigest()
    assert core.files["stage1_core.sv"].startswith(BANNER.encode())
