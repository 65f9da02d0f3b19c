"""The networks that are compared: the recipe's own, and other methods' heads on its backbone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from hwgen.compare.subject import Subject
from hwgen.errors import UsageError
from hwgen.recipe import load_recipe
from hwgen.steps.folder import OutFolder
from hwgen.steps.job import Job
from hwgen.steps.train import train

METHODS = ("joint", "backtrack", "jei")
HEAD_SHARE = 0.25
"""Epochs of new heads behind the trained backbone, as a share of the recipe's, unless that has `head_epochs`."""


def check_methods(methods: Sequence[str]) -> None:
    """Refuses unknown names.

    Raises:
        UsageError: names it, and what there is.
    """
    for name in methods:
        if name not in METHODS:
            raise UsageError("--methods", f"received {name!r}", f"choose among {', '.join(METHODS)}")


def subjects(job: Job, recipe: Path, overrides: tuple[str, ...], methods: Sequence[str]) -> list[Subject]:
    """Trains what is not there yet; the recipe's own network always comes first.

    The other methods start from its backbone and last head, which stay as they are, and train the earlier
    heads anew.

    Args:
        job: of the recipe; its model/ is trained first.
        recipe: the recipe file.
        overrides: as given on the command line.
        methods: training methods to compare.
    """
    own = job.loaded.recipe.training.method
    train(job)
    found = [_subject(job, own)]
    if len(job.network.stages) < 2:
        return found
    training = job.loaded.recipe.training
    head_epochs = training.head_epochs or max(1, round(training.epochs * HEAD_SHARE))
    for method in methods:
        if method == own:
            continue
        changes = (
            f"training.method={method}",
            f"training.start={json.dumps(str(job.out.model.resolve()))}",
            "training.freeze=static",
            f"training.head_epochs={head_epochs}",
            "training.loss_weights=null",
        )
        loaded = load_recipe(recipe, (*overrides, *changes))
        other = Job(loaded, job.stem, OutFolder(job.out.path / "compare" / method), job.listener, job.force)
        other.out.path.mkdir(parents=True, exist_ok=True)
        other.__dict__["data"] = job.data  # the same samples: read once
        train(other)
        found.append(_subject(other, method))
    return found


def _subject(job: Job, method: str) -> Subject:
    return Subject(
        method, job.network, job.data, job.trained_gates, job.network_sha256, job.listener.progress
    )
