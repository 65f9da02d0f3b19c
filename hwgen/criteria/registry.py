"""The criteria a recipe can name. Adding one adds one row here."""

from __future__ import annotations

import difflib

from hwgen.criteria.base import Criterion
from hwgen.criteria.distribution import Distribution
from hwgen.criteria.energy import Energy
from hwgen.criteria.entropy import Entropy
from hwgen.criteria.laplace import Laplace
from hwgen.criteria.learned import Learned
from hwgen.criteria.logit_margin import LogitMargin
from hwgen.criteria.margin import Margin
from hwgen.criteria.mc_dropout import McDropout
from hwgen.criteria.score import Score
from hwgen.errors import RecipeError

CRITERIA: tuple[Criterion, ...] = (
    Score(),
    Margin(),
    LogitMargin(),
    Entropy(),
    Energy(),
    Distribution(),
    Learned(),
    Laplace(),
    McDropout(),
)


def names() -> list[str]:
    """Registered names, in table order."""
    return [criterion.name for criterion in CRITERIA]


def get_criterion(name: str, where: str = "exits.criterion") -> Criterion:
    """The criterion of that name.

    Args:
        name: as written in the recipe.
        where: recipe key to name in the error.
    Raises:
        RecipeError: no such criterion; suggests the nearest name.
    """
    for criterion in CRITERIA:
        if criterion.name == name:
            return criterion
    near = difflib.get_close_matches(name, names(), n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"one of {', '.join(names())}"
    raise RecipeError(where, f"unknown criterion {name!r}", hint)
