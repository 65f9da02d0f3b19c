"""Method `joint`: all exits are trained at once on the weighted sum of their cross entropies."""

from __future__ import annotations

from hwgen.data import DataSet
from hwgen.errors import RecipeError
from hwgen.recipe.schema import Recipe
from hwgen.training.course import Course, Run, float_epochs
from hwgen.training.freezing import Trainable
from hwgen.training.loop import Progress
from hwgen.training.method import Result
from hwgen.training.network import KerasNetwork
from hwgen.training.steps import weighted_sum


def train_joint(
    network: KerasNetwork, free: Trainable, data: DataSet, recipe: Recipe, progress: Progress
) -> Result:
    """Trains `network` in place.

    Args:
        network: built, and with the weights it starts from.
        free: which layers may change; heads that may not take no part.
        data: only `data.train` is used.
        recipe: seed and training.
        progress: told after each step.
    Raises:
        NetworkError: the loss or a weight became NaN or infinite; names the layer.
        RecipeError: the training section does not fit the network.
    """
    training = recipe.training
    exits = len(network.stages)
    weights = training.loss_weights or [1.0] * exits
    if len(weights) != exits:
        raise RecipeError(
            "training.loss_weights", f"lists {len(weights)} entries", f"write {exits}, one per exit"
        )
    course = Course(network, data, recipe, progress, training.epochs)
    present = tuple(number for number, head in enumerate(free.heads) if head)
    if present:
        trained = free.names()
        before = float_epochs(training, network, trained)
        objective = weighted_sum([weights[number] for number in present])
        course.teach(Run("", trained, present, training.epochs, before, objective))
    return Result(course.history)
