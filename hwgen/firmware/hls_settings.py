"""The recipe's `hls`: hls4ml's own vocabulary, checked for what hls4ml would ignore in silence."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Collection, Mapping
from typing import Any

from hwgen.errors import RecipeError

SECTIONS = ("Model", "LayerType", "LayerName", "Flows", "Optimizers", "SkipOptimizers")
SETTINGS = (
    "ReuseFactor",
    "Strategy",
    "ParallelizationFactor",
    "ConvImplementation",
    "TargetCycles",
    "Compression",
    "BramFactor",
    "PipelineStyle",
    "PipelineInterval",
    "DepthwiseReuseFactor",
    "PointwiseReuseFactor",
    "Trace",
    "TraceOutput",
)
STRATEGIES = ("Latency", "Resource", "Resource_Unrolled", "Distributed_Arithmetic", "DA")
"""Without regard to case; hls4ml takes any other word as Latency."""
IMPLEMENTATIONS = ("LineBuffer", "Encoded")
_DEFAULTS = {"Precision": "fixed<32,16>", "ReuseFactor": 1, "Strategy": "Latency"}
"""`Precision` is never used: every type of every layer is given explicitly."""


def _hint(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"


def _check_settings(where: str, settings: Any) -> None:
    """One group of settings: known keys and words, no number formats, a whole reuse factor."""
    if not isinstance(settings, Mapping):
        raise RecipeError(where, f"received {settings!r}", "write a mapping such as {ReuseFactor: 4}")
    if "Precision" in settings:
        raise RecipeError(
            f"{where}.Precision",
            f"received {settings['Precision']!r}",
            "number formats come from `network`; remove it to stay exact",
        )
    for key in settings:
        if key not in SETTINGS:
            raise RecipeError(f"{where}.{key}", "unknown key", _hint(str(key), SETTINGS))
    for key, known in (("Strategy", STRATEGIES), ("ConvImplementation", IMPLEMENTATIONS)):
        word = settings.get(key, known[0])
        if str(word).lower() not in [name.lower() for name in known]:
            raise RecipeError(f"{where}.{key}", f"received {word!r}", f"use one of {', '.join(known)}")
    factor = settings.get("ReuseFactor", 1)
    if isinstance(factor, bool) or not isinstance(factor, int) or factor < 1:
        raise RecipeError(f"{where}.ReuseFactor", f"received {factor!r}", "write a whole number of 1 or more")


def check_hls(hls: Mapping[str, Any], layers: Collection[str] | None = None) -> None:
    """Refuses what hls4ml would ignore in silence, or what would break exactness.

    Args:
        hls: the recipe's `hls`.
        layers: names of all layers of all stages; None before they are known.
    Raises:
        RecipeError: names the key, the value and what to do.
    """
    for section in hls:
        if section not in SECTIONS:
            raise RecipeError(f"hls.{section}", "unknown section", _hint(str(section), SECTIONS))
    _check_settings("hls.Model", hls.get("Model", {}))
    for section in ("LayerType", "LayerName"):
        groups = hls.get(section, {})
        if not isinstance(groups, Mapping):
            raise RecipeError(
                f"hls.{section}", f"received {groups!r}", "write a mapping of names to settings"
            )
        for name, settings in groups.items():
            if section == "LayerName" and layers is not None and name not in layers:
                raise RecipeError(f"hls.LayerName.{name}", "there is no such layer", _hint(str(name), layers))
            _check_settings(f"hls.{section}.{name}", settings)


def merge_hls(hls: Mapping[str, Any], names: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The designer's settings with the exact types of one stage.

    Args:
        hls: the recipe's `hls`, already checked.
        names: layer name -> settings that hold its Precision.
    """
    merged: dict[str, Any] = copy.deepcopy(dict(hls))
    merged["Model"] = _DEFAULTS | merged.get("Model", {})
    theirs = merged.get("LayerName", {})
    merged["LayerName"] = {name: theirs.get(name, {}) | entry for name, entry in names.items()}
    return merged
