"""Method `jei`: backbone and last head first; then the earlier heads and a learned gate per early exit.

Source: Regol, Chataoui and Coates, "Jointly-learned exit and inference for a dynamic neural network:
JEI-DNN", ICLR 2024, arXiv 2310.09163. Other than there: Adam instead of SGD, turns no longer than half an
epoch, positive weights from training samples, and at the end the gates alone, so that they fit the heads.
"""

from __future__ import annotations

import numpy as np

from hwgen.data import DataSet
from hwgen.recipe.schema import Recipe
from hwgen.training.backtrack import backbone_run, early_exits, head_epochs, heads_run
from hwgen.training.check import check_stages
from hwgen.training.course import Course, fine_rate, finiteness, parts_of
from hwgen.training.float_phase import float_network
from hwgen.training.freezing import Trainable
from hwgen.training.gates_file import Gates
from hwgen.training.jei_steps import LinearGates, Turns
from hwgen.training.loop import Phase, Progress
from hwgen.training.method import Result
from hwgen.training.network import KerasNetwork
from hwgen.training.steps import Chain, weighted_sum

TURN = 200
"""Steps of one turn of the gates or the heads."""
GATE_RATE = 0.05
"""Largest learning rate of the gates."""


def train_jei(
    network: KerasNetwork, free: Trainable, data: DataSet, recipe: Recipe, progress: Progress
) -> Result:
    """Trains `network` in place, and gates with it.

    Args:
        network: built, and with the weights it starts from.
        free: which layers may change; heads that may not get gates all the same.
        data: only `data.train` is used.
        recipe: seed and training.
        progress: told after each step.
    Raises:
        NetworkError: the loss or a weight became NaN or infinite; names the layer.
        RecipeError: the training section does not fit the network.
    """
    training, exits = recipe.training, len(network.stages)
    check_stages(training, exits)
    early, epochs = early_exits(free), head_epochs(training)
    runs = [run for run in [backbone_run(network, free, training)] if run is not None]
    if early:  # the earlier a head, the more it counts
        warm = weighted_sum([float(exits - number) for number in early])
        runs.append(heads_run(network, free, training, "heads", early, warm))
    half = max(1, epochs // 2)
    left = half * (2 if early else 1)
    course = Course(network, data, recipe, progress, sum(run.epochs for run in runs) + left)
    for run in runs:
        course.teach(run)
    return Result(course.history, _alternate(course, free, half, training.jei.cost))


def _alternate(course: Course, free: Trainable, epochs: int, cost: float) -> Gates:
    """`epochs` in which gates and heads take turns, if a head may change, and as many for the gates alone."""
    network = course.network
    early = early_exits(free)
    trained = frozenset[str]().union(*free.heads[:-1])
    everyone = tuple(range(len(network.stages)))
    stages = float_network(network, ())
    chain, gates = Chain(parts_of(stages, trained, everyone)), LinearGates(len(everyone))
    macs = np.array(network.export().exit_macs(), np.float64)
    costs = (macs / macs[-1]).astype(np.float32)
    turns = Turns(chain, gates, costs, cost, course.samples)
    finite = finiteness(stages, trained)

    def check() -> None:
        turns.check()  # gates that are not finite spoil the heads
        finite()

    if early:
        rate = fine_rate(network, trained, course.training.learning_rate)
        step = turns.alternating(min(TURN, -(-course.steps_per_epoch // 2)), GATE_RATE / rate)
        course.phase(Phase("heads and gates", everyone, epochs, rate, False, step, check, turns.record))
    step = turns.gates_only()
    course.phase(Phase("gates", everyone, epochs, GATE_RATE, False, step, check, turns.record))
    return gates.exported()
