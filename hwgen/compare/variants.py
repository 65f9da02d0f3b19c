"""What is compared: every criterion, its variants, and ensembling where a criterion allows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hwgen.criteria import get_criterion, names
from hwgen.recipe.schema import Exits


@dataclass(frozen=True)
class Variant:
    """One way to decide.

    Args:
        criterion: registered name.
        label: as tables and pictures show it; unique.
        settings: options of the criterion.
        ensemble: whether exits are ensembled.
    """

    criterion: str
    label: str
    settings: dict[str, Any]
    ensemble: bool = False

    def exits(self, exits: Exits) -> Exits:
        """The recipe's section with this way to decide, at the same budgets and without abstention."""
        settings = {**exits.settings, self.criterion: self.settings}
        changes = {"criterion": self.criterion, "settings": settings, "ensemble": self.ensemble}
        return exits.model_copy(update={**changes, "abstain": None})


def variants(exits: Exits, chosen: Sequence[str] | None = None) -> list[Variant]:
    """All of them, in the order of the registry.

    Args:
        exits: section of the recipe; its options are each criterion's first variant.
        chosen: names of criteria to keep to.
    Raises:
        RecipeError: a name that is not registered.
    """
    found = []
    for criterion in [get_criterion(name, "--criteria") for name in chosen or names()]:
        given = exits.settings.get(criterion.name, {})
        found.append(Variant(criterion.name, criterion.name, given))
        for label, settings in criterion.variants.items():
            found.append(Variant(criterion.name, f"{criterion.name}, {label}", {**given, **settings}))
        if criterion.ensembles:
            found.append(Variant(criterion.name, f"{criterion.name}, ensemble", given, ensemble=True))
    return found
