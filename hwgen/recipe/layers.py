"""The layer list of a recipe: one model per kind of layer, chosen by its key."""

from __future__ import annotations

import difflib
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError


class Strict(BaseModel):
    """Base of all recipe parts: unknown keys are errors, values are not coerced across types."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def number_only(value: Any) -> Any:
    """Refuses true, false and text where a number is wanted."""
    if isinstance(value, bool | str):
        raise PydanticCustomError("number", "must be a number")
    return value


Count = Annotated[int, BeforeValidator(number_only), Field(ge=1, le=65536)]
Side = Annotated[int, BeforeValidator(number_only), Field(ge=1, le=64)]


class Quantiser(Strict):
    """A number format. `integer` counts the bits left of the point without the sign."""

    bits: Annotated[int, BeforeValidator(number_only)] = Field(
        ge=2, le=16, description="Total bits, sign included."
    )
    integer: Annotated[int, BeforeValidator(number_only)] = Field(
        ge=-16, le=16, description="Bits left of the point, without the sign."
    )


class _Weighted(Strict):
    weights: Quantiser | None = Field(None, description="Kernel format of this layer.")
    bias: Quantiser | None = Field(None, description="Bias format of this layer.")
    activations: Quantiser | None = Field(None, description="Format of the ReLU that follows.")
    batch_norm: bool = Field(False, description="Train with batch normalisation, folded before generation.")


class _Window(_Weighted):
    strides: Side = 1
    padding: Literal["same", "valid"] = "same"


class ConvLayer(_Window):
    """Convolution followed by a quantised ReLU."""

    conv: Count = Field(description="Filters.")
    kernel: Side = 3


class DepthwiseLayer(_Window):
    """Depthwise convolution followed by a quantised ReLU."""

    depthwise: Side = Field(description="Kernel size.")


class SeparableLayer(_Window):
    """Depthwise convolution, quantised ReLU, 1x1 convolution, quantised ReLU."""

    separable: Count = Field(description="Filters of the 1x1 convolution.")
    kernel: Side = 3


class DenseLayer(_Weighted):
    """Fully connected layer; `classes` stands for the number of classes."""

    dense: Count | Literal["classes"] = Field(description="Outputs, or `classes`.")


class PoolLayer(Strict):
    """Max pooling."""

    pool: Side = Field(description="Window.")
    strides: Side | None = Field(None, description="Default: the window.")
    padding: Literal["valid"] = "valid"


class FlattenLayer(Strict):
    """Height x width x channels to a vector."""

    flatten: None = None


class DropoutLayer(Strict):
    """Active in training only."""

    dropout: Annotated[float, BeforeValidator(number_only)] = Field(
        ge=0, lt=1, description="Share of values set to zero."
    )


LAYERS: dict[str, type[Strict]] = {
    "conv": ConvLayer,
    "depthwise": DepthwiseLayer,
    "separable": SeparableLayer,
    "dense": DenseLayer,
    "pool": PoolLayer,
    "flatten": FlattenLayer,
    "dropout": DropoutLayer,
}

_NOT_EXACT = {
    "softmax": "hardware gates work on logits: leave softmax out",
    "average_pool": "hls4ml does not convert average pooling exactly: use {pool: n}",
    "batch_norm": "write batch_norm: true on the conv or dense it follows",
    "relu": "every conv and dense is followed by the ReLU of `activations`",
}


def _choose(value: Any) -> Any:
    """Picks the model by the key that names the layer."""
    if isinstance(value, Strict):
        return value
    if isinstance(value, str):
        value = {value: None}
    if not isinstance(value, dict):
        raise PydanticCustomError("layer", "must be a mapping such as {conv: 8, kernel: 3}")
    kinds = [key for key in value if key in LAYERS]
    if len(kinds) != 1:
        for key in value:
            if str(key) in _NOT_EXACT:
                raise PydanticCustomError("layer", f"{key} is not a layer here: {_NOT_EXACT[str(key)]}")
        found = ", ".join(str(key) for key in value) or "nothing"
        near = difflib.get_close_matches(str(next(iter(value), "")), LAYERS, n=1)
        if near and not kinds:
            raise PydanticCustomError("layer", f"{found} names no layer, did you mean {near[0]!r}?")
        raise PydanticCustomError(
            "layer", f"exactly one of {', '.join(LAYERS)} must name the layer, received {found}"
        )
    return LAYERS[kinds[0]].model_validate(value)


AnyLayer = ConvLayer | DepthwiseLayer | SeparableLayer | DenseLayer | PoolLayer | FlattenLayer | DropoutLayer
LayerEntry = Annotated[AnyLayer, BeforeValidator(_choose)]
