"""Method `backtrack`: the backbone with the last head first, then each earlier head on the frozen backbone.

Source: Berestizshevsky and Even, "Dynamically sacrificing accuracy for reduced computation: cascaded
inference based on softmax confidence", 2019, arXiv 1805.10982.
"""

from __future__ import annotations

from hwgen.data import DataSet
from hwgen.recipe.schema import Recipe, Training
from hwgen.training.course import Course, Run, float_epochs
from hwgen.training.freezing import Trainable
from hwgen.training.loop import Progress
from hwgen.training.method import Result
from hwgen.training.network import KerasNetwork
from hwgen.training.steps import Objective, weighted_sum


def head_epochs(training: Training) -> int:
    """Epochs of the earlier heads: the recipe's, or as many as the backbone's."""
    return training.head_epochs or training.epochs


def backbone_run(network: KerasNetwork, free: Trainable, training: Training) -> Run | None:
    """The first run: the backbone with the last head, or what of them may change; None if nothing may."""
    last = len(network.stages) - 1
    trained = free.backbone | free.heads[last]
    if not trained:
        return None
    before = float_epochs(training, network, trained)
    return Run("backbone", trained, (last,), training.epochs, before, weighted_sum([1.0]))


def heads_run(
    network: KerasNetwork,
    free: Trainable,
    training: Training,
    name: str,
    exits: tuple[int, ...],
    objective: Objective,
) -> Run:
    """A run of some earlier heads; of its epochs the same share comes before quantisation as of `epochs`.

    Args:
        network: the network, its backbone trained.
        free: which layers may change.
        training: the recipe's training.
        name: of the run.
        exits: the exits whose heads are trained together, from 0.
        objective: what is minimised.
    """
    trained = frozenset[str]().union(*(free.heads[number] for number in exits))
    epochs = head_epochs(training)
    share = float_epochs(training, network, trained) / training.epochs
    return Run(name, trained, exits, epochs, min(epochs - 1, round(epochs * share)), objective)


def train_backtrack(
    network: KerasNetwork, free: Trainable, data: DataSet, recipe: Recipe, progress: Progress
) -> Result:
    """Trains `network` in place.

    Args:
        network: built, and with the weights it starts from.
        free: which layers may change; a head that may not is left out.
        data: only `data.train` is used.
        recipe: seed and training.
        progress: told after each step.
    Raises:
        NetworkError: the loss or a weight became NaN or infinite; names the layer.
        RecipeError: the training section does not fit the network.
    """
    training = recipe.training
    first = backbone_run(network, free, training)
    runs = [] if first is None else [first]
    runs += [
        heads_run(network, free, training, f"exit{number + 1}", (number,), weighted_sum([1.0]))
        for number in early_exits(free)
    ]
    course = Course(network, data, recipe, progress, sum(run.epochs for run in runs))
    for run in runs:
        course.teach(run)
    return Result(course.history)


def early_exits(free: Trainable) -> tuple[int, ...]:
    """Numbers of the earlier exits, from 0, whose heads may change."""
    return tuple(number for number, head in enumerate(free.heads[:-1]) if head)
