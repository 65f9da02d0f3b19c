"""Turns one stage of the integer network into an hls4ml project. The only importer of hls4ml.

The hls4ml layer graph is built from the integers directly, every type explicit: hls4ml's own
precision inference and its Keras parser (which drops `QActivation(quantized_bits)` silently)
are not involved, and TensorFlow is not needed.
"""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwgen.errors import NetworkError, ToolFailed, ToolMissing
from hwgen.files import sha256_of
from hwgen.firmware.hls4ml_gaps import check_graph, check_pool
from hwgen.firmware.hls_settings import merge_hls
from hwgen.fixedpoint import FixedPoint
from hwgen.recipe.schema import Firmware
from hwgen.reference.layers import (
    Activation,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Flatten,
    Layer,
    MaxPool2D,
    Weighted,
    Windowed,
    same_padding,
    window_output,
)
from hwgen.reference.network import Stage, Tensor

INPUT_NAME = "features_in"
FEATURES, EMBEDDING, LOGITS = "features", "embedding", "logits"
"""What a stage may output, in this order."""
_INDEX_STEP = 1000
"""Stage k numbers its hls4ml layers from (k - 1) * 1000, so no two stages share a name."""


def hls4ml_type(fmt: FixedPoint, quantising: bool = False) -> str:
    """A format in hls4ml's notation."""
    kind = "fixed" if fmt.signed else "ufixed"
    modes = ",RND_CONV,SAT" if quantising else ""
    return f"{kind}<{fmt.width},{fmt.integer}{modes}>"


def _window(
    layer: Windowed | MaxPool2D, shape: tuple[int, ...], size: tuple[int, int], prefix: str
) -> dict[str, Any]:
    entry: dict[str, Any] = {"data_format": "channels_last", "in_height": shape[0], "in_width": shape[1]}
    for axis, (long, short) in enumerate((("height", ("top", "bottom")), ("width", ("left", "right")))):
        stride, length = layer.strides[axis], shape[axis]
        pads = same_padding(length, size[axis], stride) if layer.padding == "same" else (0, 0)
        entry[f"out_{long}"] = window_output(length, size[axis], stride, layer.padding)
        entry[f"{prefix}_{long}"] = size[axis]
        entry[f"stride_{long}"] = stride
        entry[f"pad_{short[0]}"], entry[f"pad_{short[1]}"] = pads
    return entry


def _entry(layer: Layer, source: Tensor) -> dict[str, Any]:
    """hls4ml's description of one layer."""
    if isinstance(layer, Dense):
        entry: dict[str, Any] = {
            "class_name": "Dense",
            "n_in": layer.kernel.shape[0],
            "n_out": layer.kernel.shape[1],
        }
    elif isinstance(layer, (Conv2D, DepthwiseConv2D)):
        entry = _window(layer, source.shape, (layer.kernel.shape[0], layer.kernel.shape[1]), "filt")
        entry |= {"class_name": "Conv2D", "n_chan": layer.input_channels, "n_filt": layer.output_channels}
        if isinstance(layer, DepthwiseConv2D):
            entry |= {"class_name": "DepthwiseConv2D", "depth_multiplier": 1}
    elif isinstance(layer, MaxPool2D):
        entry = _window(layer, source.shape, layer.pool, "pool")
        check_pool(layer, padded=any(value for key, value in entry.items() if key.startswith("pad_")))
        entry |= {"class_name": "MaxPooling2D", "n_filt": source.shape[2], "pool_op": "Max"}
    elif isinstance(layer, Flatten):
        entry = {"class_name": "Reshape", "target_shape": [source.size]}
    elif isinstance(layer, Activation):
        entry = {"class_name": "Activation", "activation": layer.function, "n_in": source.size}
    else:
        raise NetworkError(f"layer {layer.name}", f"hls4ml has no exact form of {layer.kind}")
    if isinstance(layer, Weighted):
        kernel = "depthwise_data" if isinstance(layer, DepthwiseConv2D) else "weight_data"
        entry[kernel] = layer.kernel_format.to_real(layer.kernel)
        entry["bias_data"] = layer.bias_format.to_real(layer.bias)
    return entry | {"name": layer.name}


def _precision(layer: Layer, source: FixedPoint) -> dict[str, str]:
    """The types of one layer."""
    target = hls4ml_type(layer.output_format(source), quantising=isinstance(layer, Activation))
    if isinstance(layer, Weighted):
        types = {
            "weight": hls4ml_type(layer.kernel_format),
            "bias": hls4ml_type(layer.bias_format),
            "accum": target,
            "result": target,
        }
        if isinstance(layer, DepthwiseConv2D):
            types["depthwise"] = types["weight"]
        return types
    if isinstance(layer, MaxPool2D):
        return {"result": target, "accum": target}
    return {"result": target}


def _without_flatten(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """The layers up to the last one that is not a Flatten: features leave in the order they arrive."""
    kept = list(layers)
    while kept and isinstance(kept[-1], Flatten):
        kept.pop()
    return tuple(kept)


def _layer_list(
    stage: Stage, wanted: Sequence[str]
) -> tuple[list[dict[str, Any]], dict[str, Any], list[str]]:
    """hls4ml's layer list, its LayerName configuration and the output layers of a stage."""
    entries: list[dict[str, Any]] = [
        {"class_name": "InputLayer", "name": INPUT_NAME, "input_shape": list(stage.source.shape)}
    ]
    names: dict[str, Any] = {INPUT_NAME: {"Precision": {"result": hls4ml_type(stage.source.format)}}}
    tensor, previous = stage.source, INPUT_NAME
    for layer in (*stage.backbone, *stage.head):
        if isinstance(layer, Flatten) and len(tensor.shape) == 1:
            continue
        entries.append(_entry(layer, tensor) | {"inputs": [previous], "outputs": [layer.name]})
        names[layer.name] = {"Precision": _precision(layer, tensor.format)}
        tensor = Tensor(layer.output_shape(tensor.shape), layer.output_format(tensor.format))
        previous = layer.name
    layers = {
        FEATURES: _without_flatten(stage.backbone)[-1].name,
        EMBEDDING: _without_flatten((*stage.backbone, *stage.head[: stage.last_dense]))[-1].name,
        LOGITS: previous,
    }
    return entries, names, [layers[name] for name in wanted]


def _config(
    stage: Stage, names: dict[str, Any], hls: dict[str, Any], firmware: Firmware, folder: str, stamp: str
) -> dict[str, Any]:
    return {
        "OutputDir": folder,
        "ProjectName": stage.name,
        "Backend": firmware.backend,
        "Version": "1.0.0",
        "Part": firmware.part,
        "ClockPeriod": firmware.clock_ns,
        "ClockUncertainty": "27%" if firmware.backend == "Vitis" else "12.5%",
        "IOType": f"io_{firmware.io}",
        "HLSConfig": merge_hls(hls, names),
        "Stamp": stamp,
        "WriterConfig": {
            "WriteWeightsTxt": True,
            "WriteTar": False,
            "TBOutputStream": "both",
        },
    }


@dataclass(frozen=True)
class StageProject:
    """One hls4ml project.

    Args:
        files: relative path -> content.
        input_type: C++ type of the input (io_stream: of one beat; io_parallel: of one element).
        output_types: the same for each output, by its name, in order.
    """

    files: dict[str, bytes]
    input_type: str
    output_types: dict[str, str]


@contextlib.contextmanager
def _without_tensorflow() -> Iterator[None]:
    """hls4ml imports TensorFlow and Keras for converters that are not used here; this spares their seconds.

    A None entry in sys.modules makes `import` raise ImportError, which hls4ml takes as "not installed".
    """
    hidden = [name for name in ("tensorflow", "keras", "tf_keras", "qkeras") if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)


def _write_graph(
    config: dict[str, Any], entries: list[dict[str, Any]], outputs: list[str], index: int
) -> Any:
    """Builds and writes the hls4ml graph into the current folder."""
    log = io.StringIO()
    with _without_tensorflow(), contextlib.redirect_stdout(log):
        try:
            from hls4ml.model.graph import ModelGraph
        except ImportError as error:
            raise ToolMissing(
                "hls4ml", f"cannot be imported ({error})", "pip install hls4ml==1.3.0"
            ) from error
        try:
            graph = ModelGraph.from_layer_list(config, entries, [INPUT_NAME], outputs, initial_index=index)
            # Not graph.write(): its flow first draws a random stamp, and same inputs must give the same bytes.
            graph.config.backend.writer.write_hls(graph)
        except Exception as error:
            raise ToolFailed(
                f"hls4ml, {config['ProjectName']}",
                str(error).splitlines()[0] if str(error) else type(error).__name__,
                "change the layer or the recipe's `hls`",
                log.getvalue()[-2000:],
            ) from error
    return graph


def stage_outputs(stage: Stage, is_last: bool, embedding: bool) -> list[str]:
    """What the hls4ml project of a stage outputs: features unless it is the last, logits, and the embedding
    if its gate reads that and it is not the features themselves.
    """
    own = embedding and (is_last or not stage.embedding_is_features)
    return [*([] if is_last else [FEATURES]), *([EMBEDDING] if own else []), LOGITS]


def convert_stage(
    stage: Stage, outputs: Sequence[str], hls: dict[str, Any], firmware: Firmware
) -> StageProject:
    """The hls4ml project of one stage.

    Args:
        stage: the stage.
        outputs: see `stage_outputs`.
        hls: the recipe's `hls`.
        firmware: the recipe's `firmware`.
    Raises:
        ToolMissing: hls4ml is not installed.
        ToolFailed: hls4ml refused the stage; its own message is included.
        RecipeError: a layer or setting that hls4ml takes but has no working code for.
    """
    entries, names, layers = _layer_list(stage, outputs)
    number = int(stage.name.removeprefix("stage"))
    stamp = sha256_of([stage.name, names, hls])[:8]
    with tempfile.TemporaryDirectory(prefix="hwgen-") as temporary:
        # hls4ml writes the name of its output folder into its files: a relative one keeps the bytes equal.
        config = _config(stage, names, hls, firmware, stage.name, stamp)
        with contextlib.chdir(temporary):
            graph = _write_graph(config, entries, layers, (number - 1) * _INDEX_STEP)
        check_graph(graph, firmware)
        root = Path(temporary) / stage.name
        files = {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file()
        }
    return StageProject(
        files,
        graph.get_input_variables()[0].type.name,
        dict(zip(outputs, (variable.type.name for variable in graph.get_output_variables()), strict=True)),
    )
