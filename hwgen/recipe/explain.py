"""Turns a validation error into one line that names the key, the value and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from hwgen.errors import RecipeError
from hwgen.recipe.layers import LAYERS, Quantiser
from hwgen.recipe.schema import Recipe

_WORDS = {
    "greater_than_equal": "must be at least {ge:g}",
    "greater_than": "must be more than {gt:g}",
    "less_than_equal": "must be at most {le:g}",
    "less_than": "must be less than {lt:g}",
    "finite_number": "must be a finite number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_type": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "list_type": "must be a list",
    "dict_type": "must be a mapping",
    "literal_error": "must be {expected}",
    "too_short": "must have at least {min_length} entry",
    "too_long": "must have at most {max_length} entries",
    "string_pattern_mismatch": "must match {pattern}",
}


def explain(
    errors: Iterable[Any], document: Any, model: type[BaseModel] = Recipe, below: str = ""
) -> RecipeError:
    """The error to report among those that pydantic found.

    Args:
        errors: of a `ValidationError`.
        document: what was validated.
        model: what it was validated as.
        below: the key of the recipe that holds the document; empty for a whole recipe.
    """
    # A misspelt key also makes the right one missing: the misspelling is the cause.
    error = min(errors, key=lambda entry: entry["type"] != "extra_forbidden")
    *above, last = error["loc"] or ("",)
    path = [part for part in above if not _is_union_member(part)]
    if error["type"] == "extra_forbidden" or not _is_union_member(last):
        path.append(last)
    where = ".".join(str(part) for part in (below, *path) if part != "") or "recipe"
    kind, value, context = error["type"], error.get("input"), error.get("ctx", {})
    if kind == "extra_forbidden":
        keys = _keys_at(path[:-1], document, model)
        near = difflib.get_close_matches(str(path[-1]).lower(), keys, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(keys) or 'none'}"
        return RecipeError(where, "unknown key", hint)
    if kind == "missing":
        return RecipeError(where, "the key is missing", "add it")
    if kind in ("model_type", "model_attributes_type"):
        return RecipeError(
            where, f"received {value!r}", f"must be a mapping of {', '.join(_keys_at(path, document, model))}"
        )
    if "key" in context:  # a rule over several keys names the one to change
        return RecipeError(str(context["key"]), error["msg"])
    text = _WORDS.get(kind, "").format(**context) or error["msg"].removeprefix("Value error, ")
    if isinstance(value, dict | BaseModel):
        return RecipeError(where, text)
    return RecipeError(where, f"received {value!r}", text)


def _is_union_member(part: str | int) -> bool:
    """Whether pydantic put this into a location to say which member of a union it tried."""
    members = {"constrained-str", *(model.__name__ for model in LAYERS.values())}
    return isinstance(part, str) and (part in members or "[" in part)


def _keys_at(path: list[Any], document: Any, model: Any) -> list[str]:
    """The keys that a model allows at `path`; what the document says there tells which layer it is."""
    for part in ("layers", "exit"):
        if part in path and path.index(part) + 1 < len(path):
            start = path.index(part) + 2
            return _layer_keys(path[:start], path[start:], document)
    for part in path:
        if isinstance(part, str) and model is not None and part in model.model_fields:
            model = _model_inside(model.model_fields[part].annotation)
    return list(model.model_fields) if model is not None else []


def _layer_keys(path: list[Any], rest: list[Any], document: Any) -> list[str]:
    if rest:
        return list(Quantiser.model_fields)
    entry = document
    for part in path:
        entry = entry[part]
    kind = next((key for key in entry if key in LAYERS), None) if isinstance(entry, dict) else None
    return list(LAYERS[kind].model_fields) if kind else list(LAYERS)


def _model_inside(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _model_inside(argument)
        if found is not None:
            return found
    return None
