"""A network from the designer's own Python file: `network.python: file.py:function`.

`function(input_shape, classes)` returns one (backbone layers, head layers) pair per stage, each a
list of unbuilt Keras/QKeras layers that are applied one after another.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

from hwgen.errors import NetworkError
from hwgen.recipe import LoadedRecipe
from hwgen.training.keras_env import keras_env
from hwgen.training.layer_list import Entry, StageEntries

_KEY = "network.python"
_EXPECTED = "return [(backbone_layers, head_layers), ...], one pair of lists per stage"


def _import_file(path: Path) -> Any:
    if not path.is_file():
        raise NetworkError(_KEY, f"{path.name!r} does not exist", "paths are relative to the recipe")
    spec = importlib.util.spec_from_file_location(f"hwgen_network_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    keep = sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # no __pycache__ beside the designer's recipe
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise NetworkError(
            _KEY, f"{path.name!r} cannot be imported ({_short(error)})", "correct the file"
        ) from error
    finally:
        sys.dont_write_bytecode = keep
    return module


def _short(error: BaseException) -> str:
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _checked(stages: Any, base: Any, name: str) -> list[StageEntries]:
    if not isinstance(stages, (list, tuple)) or not stages:
        raise NetworkError(_KEY, f"{name} returned {type(stages).__name__}", _EXPECTED)
    checked: list[StageEntries] = []
    seen: set[int] = set()
    for number, stage in enumerate(stages, 1):
        if not isinstance(stage, (list, tuple)) or len(stage) != 2:
            raise NetworkError(_KEY, f"{name}: stage {number} is no pair", _EXPECTED)
        parts: list[list[Entry]] = []
        for part, what in zip(stage, ("backbone", "head"), strict=True):
            if not isinstance(part, (list, tuple)) or not part:
                raise NetworkError(
                    _KEY, f"{name}: the {what} of stage {number} is no list of layers", _EXPECTED
                )
            for layer in part:
                if not isinstance(layer, base):
                    raise NetworkError(
                        _KEY,
                        f"{name}: the {what} of stage {number} holds {layer!r}, which is no layer",
                        _EXPECTED,
                    )
                if id(layer) in seen:
                    raise NetworkError(
                        _KEY, f"{name}: layer {layer.name!r} is used twice", "make one object per use"
                    )
                seen.add(id(layer))
            label = f"{_KEY}: stage {number} {what} layer"
            parts.append(
                [Entry(layer, False, f"{label} {at} {layer.name!r}") for at, layer in enumerate(part, 1)]
            )
        checked.append((parts[0], parts[1]))
    return checked


def layers_of_python(loaded: LoadedRecipe, shape: tuple[int, ...], classes: int) -> list[StageEntries]:
    """(backbone, head) per stage as the designer's function returns them.

    Args:
        loaded: a recipe with `network.python`.
        shape: shape of one input sample.
        classes: number of classes.
    Raises:
        NetworkError: the file or function is missing, fails, or returns something else.
    """
    env = keras_env()
    file, _, function = (loaded.recipe.network.python or "").rpartition(":")
    module = _import_file(loaded.resolve(file))
    build = getattr(module, function, None)
    if not callable(build):
        raise NetworkError(_KEY, f"{file!r} has no function {function!r}", "correct the name after the colon")
    try:
        stages = build(shape, classes)
    except (Exception, SystemExit) as error:
        raise NetworkError(_KEY, f"{function} failed ({_short(error)})", "correct the function") from error
    return _checked(stages, env.keras.layers.Layer, function)
