"""Reference values and QKeras's verdict are asked for once, and again when anything they depend on changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwgen.reference.executor import execute
from hwgen.reference.network import IntegerNetwork
from hwgen.simulation import remembered
from hwgen.simulation.remembered import qkeras_verdict, reference_values
from tests.networks import samples, tabular


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows whenever the reference computes."""
    calls: list[int] = []

    def counted(network: IntegerNetwork, raw: Any, **wanted: Any) -> Any:
        calls.append(len(raw))
        return execute(network, raw, **wanted)

    monkeypatch.setattr(remembered, "execute", counted)
    return calls


def test_the_same_values_come_back(asked: list[int], tmp_path: Path) -> None:
    network = tabular(stages=2)
    raw = samples(network, 20)
    first = reference_values(network, raw, tmp_path)
    again = reference_values(network, raw, tmp_path)
    assert asked == [20]
    for one, other in zip(first, again, strict=True):
        assert np.array_equal(one.features, other.features) and one.features.shape == other.features.shape
        assert np.array_equal(one.logits, other.logits)
        assert other.logits.dtype == np.int64 and other.features.dtype == np.int64


def test_other_samples_or_another_network_are_computed(asked: list[int], tmp_path: Path) -> None:
    network = tabular(stages=2)
    raw = samples(network, 20)
    reference_values(network, raw, tmp_path)
    reference_values(network, raw[:10], tmp_path)
    reference_values(tabular(stages=3), raw[:10], tmp_path)
    assert asked == [20, 10, 10]
    assert len(list(tmp_path.glob("reference-*"))) == 1, "old values pile up"


def test_an_agreement_is_remembered_and_a_difference_is_not(tmp_path: Path) -> None:
    network = tabular(stages=2)
    raw = samples(network, 5)
    answers: list[dict[str, Any]] = [
        {"samples": 5, "mismatches": {"logits": 3}},
        {"samples": 0, "reason": "TensorFlow is missing"},
        {"samples": 5, "mismatches": {"logits": 0}},
    ]

    def ask() -> dict[str, Any]:
        return answers.pop(0)

    verdicts = [qkeras_verdict(network, raw, b"weights", tmp_path, ask) for _ in range(4)]
    assert [verdict.get("mismatches") for verdict in verdicts] == [
        {"logits": 3},
        None,
        {"logits": 0},
        {"logits": 0},
    ]
    answers.append({"samples": 5, "mismatches": {"logits": 0}})
    qkeras_verdict(network, raw, b"other weights", tmp_path, ask)
    assert not answers
