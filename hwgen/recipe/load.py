"""Reads a recipe: YAML, `--set` overrides, validation, and messages a designer can act on."""

from __future__ import annotations

import os
import re
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from hwgen.errors import RecipeError
from hwgen.files import sha256_of
from hwgen.recipe.explain import explain
from hwgen.recipe.schema import Recipe


@dataclass(frozen=True)
class LoadedRecipe:
    """A validated recipe and where its relative paths start.

    Args:
        recipe: the validated recipe, defaults filled in.
        folder: folder of the recipe file.
    """

    recipe: Recipe
    folder: Path

    @property
    def sha256(self) -> str:
        """Hash of the resolved recipe as written (paths as the designer wrote them)."""
        return sha256_of(self.recipe.model_dump(mode="json"))

    def resolve(self, path: str) -> Path:
        """A path of the recipe, relative to the recipe file."""
        return (self.folder / Path(path).expanduser()).resolve()

    def resolved_yaml(self, folder: Path) -> str:
        """The resolved recipe as YAML, its relative paths rewritten to start at `folder`."""
        document = self.recipe.model_dump(mode="json", exclude_none=True)
        for section, key in (("data", "path"), ("network", "python"), ("training", "start")):
            value = document[section].get(key)
            if value is not None and not Path(value).is_absolute():
                document[section][key] = os.path.relpath(self.folder / value, folder)
        for stage in document["network"].get("stages", []):
            for part in ("layers", "exit"):
                stage[part] = [layer or {"flatten": None} for layer in stage[part]]
        return yaml.safe_dump(document, sort_keys=False, default_flow_style=None, width=110)


class _RecipeLoader(yaml.SafeLoader):
    """SafeLoader that refuses a key written twice and reads 1e-3 as a number, as YAML 1.2 does."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            line = key_node.start_mark.line + 1
            if not isinstance(key, Hashable):
                raise RecipeError(f"line {line}", f"{key!r} is no key", "write one word before the colon")
            if key in seen:
                raise RecipeError(f"line {line}", f"the key {key!r} is written twice", "keep one")
            seen.add(key)
        return super().construct_mapping(node, deep)


_RecipeLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+"), list("-+.0123456789")
)

_NOT_YAML = (yaml.YAMLError, ValueError, RecursionError)
"""What PyYAML raises: ValueError for dates such as 2020-13-45, RecursionError for endless nesting."""


def _parse_override(override: str) -> tuple[list[str], Any]:
    key, sign, text = override.partition("=")
    if not sign or not key.strip():
        raise RecipeError(f"--set {override}", "is not of the form a.b=value")
    try:
        return key.strip().split("."), yaml.load(text, Loader=_RecipeLoader)  # noqa: S506 - a SafeLoader
    except _NOT_YAML as error:
        raise RecipeError(f"--set {key}", f"value {text!r} is not YAML", "quote it") from error


def _apply_override(document: Any, path: list[str], value: Any) -> None:
    node = document
    for depth, key in enumerate(path):
        last = depth == len(path) - 1
        where = "--set " + ".".join(path)
        if isinstance(node, list):
            if not key.isdecimal() or int(key) >= len(node):
                raise RecipeError(where, f"{key!r} is no index of a list of {len(node)}", "count from 0")
            if last:
                node[int(key)] = value
            else:
                node = node[int(key)]
        elif isinstance(node, dict):
            if last:
                node[key] = value
            else:
                if node.get(key) is None:
                    node[key] = {}
                node = node[key]
        else:
            raise RecipeError(where, f"{'.'.join(path[:depth])} holds {node!r}, nothing can be set inside it")


def validate(document: Any) -> Recipe:
    """Validates a recipe document.

    Raises:
        RecipeError: names the key, the value and what to do.
    """
    if not isinstance(document, dict):
        raise RecipeError(
            "recipe", f"is {type(document).__name__}, expected a mapping", "start with name: ..."
        )
    try:
        return Recipe.model_validate(document)
    except ValidationError as error:
        raise explain(error.errors(), document) from error


def load_recipe(path: Path, overrides: tuple[str, ...] = ()) -> LoadedRecipe:
    """Reads and validates a recipe file.

    Args:
        path: YAML file.
        overrides: `a.b=value` entries that replace what the file says; values are YAML.
    Raises:
        RecipeError: the file cannot be read, is not YAML, or is not a valid recipe.
    """
    try:
        document = yaml.load(path.read_text(), Loader=_RecipeLoader)  # noqa: S506 - a SafeLoader
    except FileNotFoundError as error:
        raise RecipeError(str(path), "does not exist", "write one with `hwgen init`") from error
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise RecipeError(str(path), f"cannot be read ({reason})", "name a recipe file") from error
    except _NOT_YAML as error:
        mark = getattr(error, "problem_mark", None)
        place = f" line {mark.line + 1}" if mark else ""
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        raise RecipeError(f"{path}{place}", f"is not YAML ({reason})") from error
    for override in overrides:
        keys, value = _parse_override(override)
        if not isinstance(document, dict):
            break
        _apply_override(document, keys, value)
    return LoadedRecipe(validate(document), path.resolve().parent)
