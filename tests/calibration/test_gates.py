"""Options of criteria and temperatures: what is refused, what is fitted, what is built again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hwgen.calibration import check_exits, fit_gates
from hwgen.calibration.temperature import fit_temperature, negative_log_likelihood
from hwgen.criteria.base import TEMPERATURES
from hwgen.errors import RecipeError
from hwgen.recipe.schema import Exits
from hwgen.reference.executor import execute
from tests.networks import samples, tabular


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            {"settings": {"distribution": {"by": "rnk"}}},
            "exits.settings.distribution.by: received 'rnk'; must be 'rank' or 'class'",
        ),
        (
            {"settings": {"distribution": {"modl": "mlp"}}},
            "exits.settings.distribution.modl: unknown key; did you mean 'model'?",
        ),
        ({"settings": {"score": {"x": 1}}}, "exits.settings.score.x: unknown key; known keys: none"),
        (
            {"settings": {"mc_dropout": {"passes": 3}}},
            "exits.settings.mc_dropout.passes: received 3; must be a power of two",
        ),
        ({"settings": {"marjin": {}}}, "exits.settings: unknown criterion 'marjin'; did you mean 'margin'?"),
        (
            {"criterion": "margin", "ensemble": True},
            "exits.criterion: 'margin' cannot be ensembled over exits; use score or laplace, or ensemble: false",
        ),
    ],
)
def test_what_is_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        check_exits(Exits.model_validate(keys), 2)
    assert str(caught.value) == message


def test_the_temperature_is_the_one_with_the_smallest_likelihood() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, 3000)
    logits = rng.normal(0, 1, (3000, 4))
    logits[np.arange(3000), labels] += 1.5
    for scale in (0.3, 1.0, 4.0):
        found = fit_temperature(scale * logits, labels)
        best = negative_log_likelihood(scale * logits, labels, found)
        for near in (0.97, 1.03):
            assert negative_log_likelihood(scale * logits, labels, near * found) > best
        assert found == pytest.approx(scale * fit_temperature(logits, labels), rel=1e-3)


def test_temperatures_stay_within_their_bounds() -> None:
    labels = np.zeros(10, dtype=np.int64)
    sure = np.tile([0.001, 0.0], (10, 1))
    assert fit_temperature(sure, labels) == TEMPERATURES[0], "always right, barely said so"
    assert fit_temperature(-sure, labels) == TEMPERATURES[1], "always wrong"
    assert fit_temperature(np.zeros((10, 2)), labels) == 1.0, "logits that say nothing"
    assert fit_temperature(np.zeros((0, 2)), labels[:0]) == 1.0


def test_fitted_temperatures_are_in_the_gates() -> None:
    network = tabular()
    values = execute(network, samples(network, 80))
    labels = values[-1].logits.argmax(axis=1)
    gates = fit_gates(network, Exits(temperature="fit"), values, labels)
    for gate, stage, value in zip(gates[:-1], network.stages, values, strict=False):
        assert gate is not None
        wanted = fit_temperature(stage.logits.format.to_real(value.logits), labels)
        assert gate.temperature == gate.manifest()["T"] == wanted
    plain = fit_gates(network, Exits(temperature=0.5), values, labels)
    assert [gate.temperature for gate in plain if gate is not None] == [0.5, 0.5]
