"""Firmware planned from small random networks: no training, no TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.trees import Tree, make_tree


@dataclass
class Made:
    """A tree on disk and what it was made from."""

    tree: Tree
    folder: Path


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Made]:
    """Plans a tree and writes it into the test's folder."""

    def write(*arguments: Any, **options: Any) -> Made:
        tree = make_tree(*arguments, **options)
        tree.write(tmp_path / "firmware")
        return Made(tree, tmp_path / "firmware")

    return write
