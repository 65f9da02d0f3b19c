"""A drawn case as a recipe: a layer list, or a Python network with what lists cannot say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hwgen.recipe import LoadedRecipe
from hwgen.recipe.load import validate
from tests.fuzz.draw import Block, Case, Format

_NETWORK = """from qkeras import *
from tf_keras.layers import Dropout, Flatten, MaxPooling2D


def build(input_shape, classes):
    return [
{stages}    ]
"""


def _entry(block: Block, logits: Block | None = None) -> Any:
    """One entry of a recipe's layer list; `logits` is the last block of a head."""
    if block.kind == "flatten":
        return "flatten"
    if block.kind == "dropout":
        return {"dropout": 0.2}
    if block.kind == "pool":
        return {"pool": block.kernel[0], "strides": block.strides[0]}
    entry: dict[str, Any] = {"weights": vars(block.weights)}
    if block.bias is not None:
        entry["bias"] = vars(block.bias)
    if block.activation is not None:
        entry["activations"] = vars(block.activation[1])
    if block.kind == "dense":
        return entry | {"dense": "classes" if block is logits else block.units}
    entry |= {"strides": block.strides[0], "padding": block.padding}
    if block.kind == "depthwise":
        return entry | {"depthwise": block.kernel[0]}
    return entry | {block.kind: block.units, "kernel": block.kernel[0]}


def _bits(fmt: Format) -> str:
    return f"quantized_bits({fmt.bits}, {fmt.integer}, alpha=1)"


def _lines(block: Block) -> list[str]:
    """The layers of one block as Python expressions."""
    if block.kind == "flatten":
        return ["Flatten()"]
    if block.kind == "dropout":
        return ["Dropout(0.2)"]
    if block.kind == "pool":
        return [f"MaxPooling2D({block.kernel}, {block.strides})"]
    weights = _bits(block.weights)
    bias = f"bias_quantizer={_bits(block.bias)}" if block.bias else "use_bias=False"
    after = []
    if block.activation is not None:
        function, fmt = block.activation
        text = _bits(fmt) if function == "linear" else f"quantized_relu({fmt.bits}, {fmt.integer})"
        after = [f"QActivation({text})"]
    window = f"{block.kernel}, strides={block.strides}, padding={block.padding!r}"
    if block.kind == "dense":
        return [f"QDense({block.units}, kernel_quantizer={weights}, {bias})", *after]
    if block.kind == "conv":
        return [f"QConv2D({block.units}, {window}, kernel_quantizer={weights}, {bias})", *after]
    if block.kind == "depthwise":
        return [f"QDepthwiseConv2D({window}, depthwise_quantizer={weights}, {bias})", *after]
    both = f"depthwise_quantizer={weights}, pointwise_quantizer={weights}"
    return [f"QSeparableConv2D({block.units}, {window}, {both}, {bias})", *after]


def python_network(case: Case) -> str:
    """Source of the case as a Python network."""
    text = ""
    for pair in case.stages:
        parts = [", ".join(line for block in blocks for line in _lines(block)) for blocks in pair]
        text += f"        ([{parts[0]}],\n         [{parts[1]}]),\n"
    return _NETWORK.format(stages=text)


def document(case: Case, hls: dict[str, Any]) -> dict[str, Any]:
    """The recipe as read from YAML."""
    exits: dict[str, Any] = {"criterion": case.criteria}
    if case.abstain is not None:
        exits["abstain"] = {"rate": 0.1, "criterion": case.abstain}
    stages = [
        {
            "layers": [_entry(block) for block in backbone],
            "exit": [_entry(block, head[-1]) for block in head],
        }
        for backbone, head in case.stages
    ]
    return {
        "name": f"fuzz_{case.seed}",
        "data": {"source": "npz", "path": "none.npz", "input": vars(case.input) | {"signed": case.signed}},
        "network": {"python": "net.py:build"} if case.python else {"stages": stages},
        "exits": exits,
        "firmware": {"io": case.io, "backend": case.backend},
        "hls": hls,
    }


def load(case: Case, folder: Path, hls: dict[str, Any] | None = None) -> LoadedRecipe:
    """The recipe of a case; a Python network is written to `folder`."""
    if case.python:
        (folder / "net.py").write_text(python_network(case))
    return LoadedRecipe(validate(document(case, hls or {})), folder)
