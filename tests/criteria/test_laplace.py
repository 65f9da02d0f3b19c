"""The last-layer posterior: its factors, the integer variance, the scaled distances."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from hwgen.criteria import ExitShape, FitSample, Seen, get_criterion
from hwgen.criteria.kfac import Posterior, fit_posterior, largest_eigenpairs
from hwgen.criteria.laplace import LaplaceGate, LaplaceSettings, Variance
from hwgen.errors import RangeError
from hwgen.fixedpoint import FixedPoint
from hwgen.reference.network import Tensor
from tests.criteria.gate_program import Variant, compile_gates
from tests.criteria.test_gate_cpp import differences, telling_thresholds

LOGITS = FixedPoint(12, 5)
BYTE = FixedPoint(8, 2, signed=False)


def softmax(logits: np.ndarray) -> np.ndarray:
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def problem(
    size: int, embedding: FixedPoint = BYTE, logits: FixedPoint = LOGITS, classes: int = 4, seed: int = 0
) -> tuple[ExitShape, FitSample]:
    """Classes as directions of the embedding, some of it noise, as a trained head sees them."""
    rng = np.random.default_rng(seed)
    samples = 300
    labels = np.arange(samples) % classes
    centres = rng.normal(size=(classes, size))
    values = (
        (embedding.max_raw - embedding.min_raw)
        / 8
        * (centres[labels] + 0.7 * rng.normal(size=(samples, size)))
    )
    raw = np.clip(np.rint(values), embedding.min_raw, embedding.max_raw).astype(np.int64)
    scores = (centres[labels] @ centres.T / size + 0.3 * rng.normal(size=(samples, classes))) * logits.max_raw
    z = np.clip(np.rint(scores), logits.min_raw, logits.max_raw).astype(np.int64)
    shape = ExitShape(logits, classes, 1.0, Tensor((size,), embedding))
    return shape, FitSample(Seen(z, raw), labels, raw, z, 20_000)


def fitted(shape: ExitShape, sample: FitSample, **options: Any) -> LaplaceGate:
    criterion = get_criterion("laplace")
    chosen = LaplaceSettings(**options)
    gate = criterion.gate(shape, chosen, criterion.fit(shape, sample, chosen))
    assert isinstance(gate, LaplaceGate)
    return gate


def exact_variance(gate: LaplaceGate, embedding: list[int]) -> int:
    """v of one sample as the definition says, in unbounded integers."""
    parameters = gate.parameters
    dropped = max(0, gate.shape.embedding.format.width - 16)  # type: ignore[union-attr]
    e = [value >> dropped for value in embedding]
    norm = sum(value * value for value in e)
    c = parameters["norm_shift"]
    found = (norm << c if c >= 0 else norm >> -c) + parameters["norm_offset"]
    for row, bias, shift in zip(parameters["rows"], parameters["bias"], parameters["shift"], strict=True):
        found -= ((bias + sum(a * b for a, b in zip(row, e, strict=True))) >> shift) ** 2
    return max(0, found)


def posterior_of(sample: FitSample, rank: int) -> Posterior:
    assert sample.training_embedding is not None
    assert sample.training_logits is not None
    claimed = softmax(LOGITS.to_real(sample.training_logits))
    return fit_posterior(BYTE.to_real(sample.training_embedding), claimed, sample.training_samples, rank)


def float_variance(sample: FitSample, embedding: FixedPoint, prior_variance: float) -> np.ndarray:
    """phi^T V^-1 phi with the whole inverse."""
    assert sample.training_embedding is not None
    phi = np.concatenate([embedding.to_real(sample.training_embedding), np.ones((len(sample.labels), 1))], 1)
    factor = math.sqrt(sample.training_samples) * phi.T @ phi / len(phi)
    factor += prior_variance**-0.5 * np.eye(len(factor))
    return np.einsum("nd,de,ne->n", phi, np.linalg.inv(factor), phi)


class TestFactors:
    @pytest.mark.parametrize("size", [3, 40])
    def test_eigenpairs_are_the_largest_ones(self, size: int) -> None:
        rng = np.random.default_rng(size)
        basis = np.linalg.qr(rng.normal(size=(size, size)))[0]
        matrix = basis @ np.diag(2.0 ** -np.arange(size)) @ basis.T
        values, vectors = largest_eigenpairs(matrix, 3)
        assert np.allclose(values, [1, 0.5, 0.25])
        assert np.allclose(vectors @ matrix, values[:, None] * vectors)
        assert np.allclose(vectors @ vectors.T, np.eye(3))

    def test_a_singular_factor_is_held_by_the_prior(self) -> None:
        embedding = np.zeros((50, 6))
        embedding[:, 0] = np.arange(50)
        certain = np.tile([1.0, 0.0, 0.0], (50, 1))
        posterior = fit_posterior(embedding, certain, 50, 4)
        kept, rest = posterior.precisions(4.0)
        assert (kept >= 0.5).all()
        assert rest >= 0.5
        assert posterior.output_variance(4.0) == pytest.approx(2.0)

    def test_the_trace_stays_right(self) -> None:
        rng = np.random.default_rng(0)
        embedding = rng.random((80, 30))
        posterior = fit_posterior(embedding, softmax(rng.normal(size=(80, 3))), 80, 5)
        trace = (embedding**2).sum(axis=1).mean() + 1
        others = 31 - len(posterior.values)
        assert posterior.values.sum() + others * posterior.rest == pytest.approx(trace)

    def test_u_is_half_the_mean_variance_of_a_difference_of_logits(self) -> None:
        rng = np.random.default_rng(1)
        claimed = softmax(rng.normal(size=(60, 5)))
        posterior = fit_posterior(rng.random((60, 3)), claimed, 900, 2)
        factor = 30 * (np.diag(claimed.mean(axis=0)) - claimed.T @ claimed / 60) + 0.5 * np.eye(5)
        inverse = np.linalg.inv(factor)
        pairs = [
            inverse[i, i] + inverse[j, j] - 2 * inverse[i, j] for i in range(5) for j in range(5) if i != j
        ]
        assert posterior.output_variance(4.0) == pytest.approx(np.mean(pairs) / 2)


class TestVariance:
    def test_with_enough_eigenvectors_it_is_the_full_closed_form(self) -> None:
        """Two strong directions, the others equal: nothing is lost but the rounding of the coefficients."""
        shape, sample = problem(size=30)
        rng = np.random.default_rng(2)
        raw = (rng.integers(-20, 21, (300, 30)) + 60 * rng.integers(0, 3, (300, 1))).clip(0, 255)
        sample = replace(sample, training_embedding=raw, seen=Seen(sample.seen.logits, raw))
        gate = fitted(shape, sample, rank=2, prior_variance=1.0)
        posterior = posterior_of(sample, 2)
        unit = 2.0 ** -(gate.variance.norm_shift + 2 * BYTE.fraction) / posterior.precisions(1.0)[1]
        wanted = float_variance(sample, BYTE, 1.0)
        found = gate.variance.of(raw) * unit
        assert found.mean() == pytest.approx(wanted.mean(), rel=0.05)
        assert np.corrcoef(found, wanted)[0, 1] > 0.8

    def test_the_integers_follow_the_real_low_rank_form(self) -> None:
        shape, sample = problem(size=60)
        gate = fitted(shape, sample, prior_variance=1.0)
        posterior = posterior_of(sample, 8)
        assert sample.seen.embedding is not None
        phi = np.concatenate([BYTE.to_real(sample.seen.embedding), np.ones((300, 1))], axis=1)
        wanted = (phi**2).sum(axis=1) - (phi @ posterior.vectors.T) ** 2 @ posterior.corrections(1.0)
        found = gate.variance.of(sample.seen.embedding) * 2.0 ** -(
            gate.variance.norm_shift + 2 * BYTE.fraction
        )
        assert np.allclose(found, wanted, rtol=0.1)
        kappa = 1 / np.sqrt(
            1 + math.pi / 8 * wanted / posterior.precisions(1.0)[1] * posterior.output_variance(1.0)
        )
        assert np.abs(gate.factors(sample.seen) / 1024 - kappa).max() < 0.01

    def test_no_eigenvector_is_kept_that_would_leave_too_little(self) -> None:
        rng = np.random.default_rng(0)
        embedding = rng.normal(size=(90, 1)) * 10 + 0.01 * rng.normal(size=(90, 12))
        assert len(fit_posterior(embedding, softmax(rng.normal(size=(90, 3))), 90, 8).values) == 0
        assert len(fit_posterior(rng.random((90, 12)), softmax(rng.normal(size=(90, 3))), 90, 8).values) == 8

    def test_a_few_eigenvectors_keep_its_order(self) -> None:
        shape, sample = problem(size=60)
        assert sample.seen.embedding is not None
        found = fitted(shape, sample, prior_variance=1.0).variance.of(sample.seen.embedding)
        assert np.corrcoef(found, float_variance(sample, BYTE, 1.0))[0, 1] > 0.5

    @settings(max_examples=60, deadline=None)
    @given(
        size=st.integers(1, 12),
        width=st.integers(1, 30),
        integer=st.integers(-8, 20),
        signed=st.booleans(),
        rank=st.integers(1, 16),
        prior=st.sampled_from([1e-6, 1.0, 1e9]),
        seed=st.integers(0, 1000),
    )
    def test_integers_are_exact_and_fit_their_widths(
        self, size: int, width: int, integer: int, signed: bool, rank: int, prior: float, seed: int
    ) -> None:
        fmt = FixedPoint(width, integer, signed)
        shape, sample = problem(size, fmt, seed=seed)
        gate = fitted(shape, sample, rank=rank, prior_variance=prior)
        rng = np.random.default_rng(seed)
        vectors = rng.integers(fmt.min_raw, fmt.max_raw + 1, (8, size))
        vectors[0], vectors[1] = fmt.min_raw, fmt.max_raw
        found = gate.variance.of(vectors)
        assert found.tolist() == [exact_variance(gate, vector) for vector in vectors.tolist()]
        variance = gate.variance
        assert found.max() <= variance.largest < 2 ** (variance.bits - 1)
        assert variance.projection_bits <= 18
        assert variance.bits <= 60
        assert np.abs(variance.rows).max() <= 127

    def test_values_outside_their_format_are_refused(self) -> None:
        variance = fitted(*problem(size=3)).variance
        with pytest.raises(RangeError, match=r"^embedding\[0, 1\]: raw value 256 is outside 0\.\.255"):
            variance.of(np.array([[0, 256, 0]]))

    def test_the_widest_embedding_of_the_longest_exit_fits(self) -> None:
        size = 4096
        parameters = {
            "rows": [[127] * size] * 16,
            "bias": [0] * 16,
            "shift": [18] * 16,
            "norm_shift": 56 - 44,
            "norm_offset": 1 << 54,
        }
        variance = Variance(FixedPoint(16, 4), size, parameters)
        found = variance.of(np.full((1, size), -(2**15)))
        assert found[0] == (size * 2**30 << 12) + 2**54 - 16 * ((127 * size * 2**15) >> 18) ** 2


class TestRule:
    def test_the_definition_in_rational_arithmetic(self) -> None:
        shape, sample = problem(size=5)
        gate = fitted(shape, sample)
        manifest, table = gate.manifest(), gate.tables()["exp_table"].values
        assert sample.seen.embedding is not None
        for row in range(0, 300, 7):
            logits, embedding = sample.seen.logits[row].tolist(), sample.seen.embedding[row].tolist()
            kappas = manifest["parameters"]["kappa"]
            index = exact_variance(gate, embedding) >> manifest["parameters"]["variance_shift"]
            kappa = Fraction(kappas[min(index, len(kappas) - 1)], 1024)
            scaled = [math.floor((max(logits) - value) * kappa) for value in logits]
            total = sum(int(table[min(d >> manifest["s"], manifest["N"] - 1)]) for d in scaled)
            for real in (0.3, 0.5, 0.9, 0.99):
                leaves = gate.leaves(sample.seen.take(slice(row, row + 1)), gate.to_raw(real))[0]
                assert leaves == (total <= math.floor(Fraction(2**16) / Fraction(real)))

    @settings(max_examples=40, deadline=None)
    @given(size=st.integers(1, 9), seed=st.integers(0, 1000), real=st.floats(0.2, 1))
    def test_a_gate_leaves_only_where_the_float_confidence_reaches_the_threshold(
        self, size: int, seed: int, real: float
    ) -> None:
        shape, sample = problem(size, seed=seed)
        gate = fitted(shape, sample)
        leaving = gate.leaves(sample.seen, gate.to_raw(real))
        assert (gate.confidence(sample.seen)[leaving] >= real - 1e-12).all()

    @pytest.mark.parametrize("prior", [0.01, 100.0])
    def test_kappa_is_never_above_the_closed_form(self, prior: float) -> None:
        shape, sample = problem(size=20)
        gate = fitted(shape, sample, prior_variance=prior)
        assert sample.seen.embedding is not None
        posterior = posterior_of(sample, 8)
        unit = 2.0 ** -(gate.variance.norm_shift + 2 * BYTE.fraction) / posterior.precisions(prior)[1]
        v = gate.variance.of(np.random.default_rng(0).integers(0, 256, (500, 20)))
        kappa = 1 / np.sqrt(1 + math.pi / 8 * v * unit * posterior.output_variance(prior))
        index = np.minimum(v >> gate.variance_shift, len(gate.kappa) - 1)
        assert (gate.kappa[index] <= 1024 * kappa + 1e-6).all()
        assert (np.diff(gate.kappa) <= 0).all()

    def test_less_is_claimed_for_what_lies_far_from_the_training_samples(self) -> None:
        shape, sample = problem(size=40)
        gate = fitted(shape, sample, prior_variance=10.0)
        strange = np.random.default_rng(0).integers(0, 2, (300, 40)) * 255
        assert sample.seen.logits is not None
        usual, far = gate.factors(sample.seen), gate.factors(Seen(sample.seen.logits, strange))
        assert np.median(far) < np.median(usual)

    def test_the_class_is_that_of_the_logits(self) -> None:
        shape, sample = problem(size=4)
        gate = fitted(shape, sample)
        assert np.array_equal(gate.labels(sample.seen), sample.seen.logits.argmax(axis=1))


class TestFit:
    def test_the_prior_variance_is_the_one_under_which_the_labels_are_likeliest(self) -> None:
        shape, sample = problem(size=10)

        def loss(prior: float | str) -> float:
            claimed = fitted(shape, sample, prior_variance=prior).probabilities(sample.seen)
            return float(-np.log(claimed[np.arange(300), sample.labels]).mean())

        assert loss("fit") <= min(loss(prior) for prior in (1e-6, 1e-3, 1.0, 1e3)) + 1e-3

    def test_the_same_samples_give_the_same_integers(self) -> None:
        shape, sample = problem(size=30)
        assert fitted(shape, sample).parameters == fitted(shape, sample).parameters

    @pytest.mark.parametrize("case", ["no training samples", "zero embeddings", "one class", "no samples"])
    def test_with_nothing_to_fit_on_it_decides_as_score(self, case: str) -> None:
        shape, sample = problem(size=4)
        training, labels, seen = sample.training_embedding, sample.labels, sample.seen
        if case == "no training samples":
            training = None
        elif case == "zero embeddings":
            training = np.zeros((300, 4), dtype=np.int64)
        elif case == "one class":
            labels = np.zeros(300, dtype=np.int64)
        else:
            labels, seen = labels[:0], seen.take(slice(0))
        gate = fitted(shape, FitSample(seen, labels, training, sample.training_logits, 20_000))
        score = get_criterion("score").gate(shape)
        assert np.array_equal(gate.critical_raw(sample.seen), score.critical_raw(sample.seen))

    @pytest.mark.parametrize("case", ["constant embeddings", "certain logits", "equal logits", "few samples"])
    def test_degenerate_samples_give_a_gate_that_works(self, case: str) -> None:
        shape, sample = problem(size=4)
        embedding, logits, labels = sample.training_embedding, sample.training_logits, sample.labels
        assert embedding is not None
        assert logits is not None
        if case == "constant embeddings":
            embedding = np.full_like(embedding, 7)
        elif case == "certain logits":
            logits = np.where(np.arange(4) == labels[:, None], LOGITS.max_raw, LOGITS.min_raw)
        elif case == "equal logits":
            logits = np.zeros_like(logits)
        else:
            embedding, logits, labels = embedding[:2], logits[:2], labels[:2]
        gate = fitted(shape, FitSample(Seen(logits, embedding), labels, embedding, logits, 20_000))
        assert (gate.kappa >= 0).all()
        assert (gate.kappa <= 1024).all()
        assert np.isfinite(gate.confidence(sample.seen)).all()

    def test_an_embedding_too_long_is_refused(self) -> None:
        shape = ExitShape(LOGITS, 4, 1.0, Tensor((4097,), BYTE))
        _, sample = problem(size=4)
        message = r"^embedding: holds 4097 values, laplace reads at most 4096; put a dense or pooling layer"
        with pytest.raises(RangeError, match=message):
            get_criterion("laplace").fit(shape, sample, LaplaceSettings())

    @pytest.mark.parametrize(
        "options", [{"rank": 0}, {"rank": 17}, {"prior_variance": 0}, {"form": "probit"}]
    )
    def test_options_outside_their_range_are_refused(self, options: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            LaplaceSettings(**options)

    def test_a_manifest_rebuilds_the_gate(self) -> None:
        shape, sample = problem(size=4)
        gate = fitted(shape, sample, rank=3)
        manifest = json.loads(json.dumps(gate.manifest()))
        again = get_criterion("laplace").from_manifest(manifest)
        assert again.manifest() == gate.manifest()
        assert np.array_equal(again.critical_raw(sample.seen), gate.critical_raw(sample.seen))

    def test_cost_counts_rows_and_elements(self) -> None:
        shape, sample = problem(size=30)
        gate = fitted(shape, sample, rank=8)
        assert gate.macs == 9 * 30
        assert gate.cost().serial_cycles == 30
        assert fitted(shape, sample, rank=12).cost().serial_cycles == 60
        assert len(gate.cost().multipliers) == 8 + 1 + 8 + 4


# (size, format of the embedding, format of the logits, classes, rank)
CASES = [
    (7, BYTE, LOGITS, 4, 8),
    (1, FixedPoint(1, 1, signed=False), FixedPoint(4, 2), 2, 1),
    (33, FixedPoint(9, 3), FixedPoint(52, 20), 3, 16),
    (5, FixedPoint(30, 4), FixedPoint(16, 6), 10, 3),
    (12, FixedPoint(6, -9, signed=False), FixedPoint(20, 8), 26, 5),
    (300, FixedPoint(16, 20), FixedPoint(19, 7), 10, 8),
]


@pytest.mark.gxx
def test_cpp_agrees_for_all_kinds_of_embeddings(tmp_path: Path) -> None:
    gates = []
    for size, embedding, logits, classes, rank in CASES:
        shape, sample = problem(size, embedding, logits, classes)
        gates.append((fitted(shape, sample, rank=rank, prior_variance=100.0), sample))
    program = compile_gates(tmp_path, [Variant(gate, serial=k % 2 == 1) for k, (gate, _) in enumerate(gates)])
    assert program.warnings == []
    for index, (gate, sample) in enumerate(gates):
        rng = np.random.default_rng(index)
        fmt = gate.variance.embedding
        wild = rng.integers(fmt.min_raw, fmt.max_raw + 1, (300, gate.size))
        wild[0], wild[1] = fmt.min_raw, fmt.max_raw
        seen = Seen.join([sample.seen, Seen(sample.seen.logits, wild)])
        assert differences(program, index, gate, seen, telling_thresholds(gate, seen, 12)) == 0


LAPLACE = "criteria/laplace.h"
DAMAGE = [
    (LAPLACE, "sums[r] = CONFIG::laplace_bias(r)", "sums[r] = 0"),
    (LAPLACE, "CONFIG::embedding_signed && ", "!CONFIG::embedding_signed && "),
    (LAPLACE, "whole >> CONFIG::embedding_dropped", "whole >> (CONFIG::embedding_dropped + 1)"),
    (LAPLACE, "r / 4 * CONFIG::embedding_size + i", "i"),
    (LAPLACE, "(r % 4 * 8)", "(r % 2 * 8)"),
    (LAPLACE, "const ap_int<8> coefficient", "const ap_uint<8> coefficient"),
    (LAPLACE, "found <<= CONFIG::laplace_norm_up", "found <<= CONFIG::laplace_norm_up + 1"),
    (LAPLACE, "found >>= CONFIG::laplace_norm_down", "found >>= CONFIG::laplace_norm_down + 1"),
    (LAPLACE, "found += CONFIG::laplace_norm_offset;", ""),
    (LAPLACE, "sums[r] >> CONFIG::laplace_shift(r).to_uint()", "sums[r]"),
    (LAPLACE, "found -= y * y", "found += y * y"),
    (LAPLACE, "found < 0 ? variance_t(0) : found", "found < 0 ? variance_t(-found) : found"),
    (LAPLACE, "CONFIG::laplace_variance_shift;", "(CONFIG::laplace_variance_shift + 1);"),
    (LAPLACE, "bin < last ? bin.to_uint() : last", "bin < last ? bin.to_uint() : 0"),
    (LAPLACE, "return product >> CONFIG::kappa_fraction", "return distance"),
    (LAPLACE, "s.sum <= threshold", "s.sum < threshold"),
]


@pytest.mark.gxx
def test_every_damage_is_found_out(tmp_path: Path) -> None:
    """With a norm that counts too little, so that many v are below 0 and some beyond the table."""
    shape, sample = problem(9, FixedPoint(24, 3), FixedPoint(16, 6))
    parameters = dict(fitted(shape, sample, rank=6, prior_variance=1e4).parameters)
    parameters["norm_shift"] -= 3
    parameters["norm_offset"] += 1 << 26
    parameters["variance_shift"] = 20
    parameters["kappa"] = list(range(1023, 0, -4))
    parameters["bias"] = [4_000_000] * len(parameters["rows"])
    gate = get_criterion("laplace").gate(shape, LaplaceSettings(), parameters)
    assert isinstance(gate, LaplaceGate)
    assert gate.rank > 4
    program = compile_gates(tmp_path, [Variant(gate, {file: (old, new)}) for file, old, new in DAMAGE])
    rng = np.random.default_rng(0)
    wild = rng.integers(-(2**23), 2**23, (300, 9))
    seen = Seen.join([sample.seen, Seen(sample.seen.logits, wild)])
    for index, damage in enumerate(DAMAGE):
        found = differences(program, index, gate, seen, telling_thresholds(gate, seen, 40))
        assert found > 0, damage
