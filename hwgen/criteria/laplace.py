"""Criterion `laplace`: the largest probability under a Gaussian posterior of the head's last layer.

Meronen et al. (WACV 2024, arXiv 2302.06359); the posterior is in `kfac`. Instead of averaging softmaxes over
samples of the logits, the closed form of MacKay (1992) is used ("probit"): a sample of variance v has its
logits scaled by one factor, so its class stays,

    p = softmax(kappa * z / T),   kappa = 1 / sqrt(1 + pi/8 * v * u / T^2),   v = phi^T V^-1 phi.

In integers, with e the embedding (its low bits dropped beyond 16), A_r the quantised sqrt(g_r) * q_r:

    y_r = (b_r + sum_i A_ri * e_i) >> t_r        A_ri of 8 bits, y_r of at most 18
    v   = max(0, ((sum_i e_i^2) << c) + w - sum_r y_r^2)     (a right shift if c < 0)
    d_j' = (d_j * kappa[min(v >> m, N - 1)]) >> 10           N <= 256 entries of 11 bits

and then `score` on the d_j': leave iff S <= floor(2^Q / tau), S = sum_j E[d_j'].

Rounding: an entry of kappa is that of the largest v of its bin, rounded down, and the last entry (reached beyond
twice the largest v seen in calibration) is that of the largest v there is; d_j' is rounded down. Smaller distances
give larger E and S: all towards "continue", so a gate that leaves implies that `confidence`, which takes the same
kappa, reaches tau. A is rounded to the nearest and low bits of e are dropped: v as written above is the definition,
and all its sums are exact. Widths: |e|^2 scaled has at most 56 bits, v at most 60, d_j * kappa at most 52 + 10: all
fit an int64.

Fitted: the prior variance, by the negative log likelihood of the calibration samples at the exit's temperature.
Where there is nothing to fit on (no training samples, embeddings that are all zero, one class only) kappa is 1 and
the gate decides exactly as `score`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from hwgen.criteria.base import Criterion, FitSample, softmax
from hwgen.criteria.kfac import Posterior, fit_posterior
from hwgen.criteria.parts import Cost, ExitShape, Table
from hwgen.criteria.rtl_block import AHEAD, LOOK_UP, Form, RtlBlock, leader_levels, sum_levels
from hwgen.criteria.score import ScoreGate
from hwgen.criteria.seen import Seen
from hwgen.errors import RangeError
from hwgen.fixedpoint import FixedPoint, FloatArray, IntArray
from hwgen.recipe.layers import Strict

KAPPA_FRACTION = 10
"""Fraction bits of kappa; 2^10 stands for 1."""
KAPPA_ENTRIES = 256
"""Most entries of the table of kappa."""
COEFFICIENT_BITS = 8
"""Width of A_ri, signed."""
PER_WORD = 4
"""Coefficients of one word of the table: a dual-port memory then gives 8 rows per cycle."""
PRODUCTS = 72
"""Most products of elements in one cycle of the RTL: eight elements' with 8 rows and themselves."""
EMBEDDING_BITS = 16
"""Most bits of an element of the embedding; wider ones lose their lowest bits."""
PROJECTION_BITS = 18
"""Most bits of y_r, the width of a DSP's multiplier."""
MAX_NORM_BITS = 56
"""Most bits of the scaled |e|^2; with 16 squares of 36 bits, everything fits an int64."""
MAX_SIZE = 4096
"""Longest embedding: its factor is a square matrix, and the hardware takes a cycle per element."""
PRIOR_VARIANCES = tuple(10 ** (k / 2) for k in range(-12, 9))
"""Tried by `fit`, 1e-6 to 1e4."""
_STEEPEST = 12
"""Largest exponent of a row's scale: rows with tiny corrections stay coarse."""


class LaplaceSettings(Strict):
    """Options below `exits.settings.laplace`."""

    rank: int = Field(8, ge=1, le=16, description="Eigenvectors of the embedding's factor that are kept.")
    prior_variance: Annotated[float, Field(gt=0, le=1e9)] | Literal["fit"] = Field(
        "fit", description="Variance of the weights before training, or fit."
    )


def _narrow(embedding: FixedPoint) -> FixedPoint:
    """The format of e: at most `EMBEDDING_BITS`, the same integer bits."""
    dropped = max(0, embedding.width - EMBEDDING_BITS)
    return FixedPoint(embedding.width - dropped, embedding.integer, embedding.signed)


def plain_parameters(size: int) -> dict[str, Any]:
    """Parameters with kappa = 1: the gate decides as `score`."""
    return {
        "prior_variance": None,
        "rows": [[0] * size],
        "bias": [0],
        "shift": [0],
        "norm_shift": 0,
        "norm_offset": 0,
        "variance_shift": 0,
        "kappa": [1 << KAPPA_FRACTION],
    }


class Variance:
    """v of a sample in integers, and the widths it needs.

    Args:
        embedding: format of the embedding.
        size: its length, D.
        parameters: `rows`, `bias`, `shift`, `norm_shift` and `norm_offset`, as `fit` gives them.
    """

    def __init__(self, embedding: FixedPoint, size: int, parameters: Mapping[str, Any]) -> None:
        self.embedding = embedding
        self.narrow = _narrow(embedding)
        self.dropped = embedding.width - self.narrow.width
        self.rows: IntArray = np.array(parameters["rows"], dtype=np.int64)
        self.bias: IntArray = np.array(parameters["bias"], dtype=np.int64)
        self.shift: IntArray = np.array(parameters["shift"], dtype=np.int64)
        self.norm_shift = int(parameters["norm_shift"])
        self.norm_offset = int(parameters["norm_offset"])
        largest = max(-self.narrow.min_raw, self.narrow.max_raw)
        bound = np.abs(self.rows).sum(axis=1) * largest + np.abs(self.bias)
        self.sum_bits = int(bound.max()).bit_length() + 1
        self.projection_bits = int((bound >> self.shift).max()).bit_length() + 1
        norm = size * largest**2
        self.norm_bits = norm.bit_length()
        self.largest = self._scaled(norm) + self.norm_offset
        squares = len(self.rows) << 2 * (self.projection_bits - 1)
        self.bits = max(self.largest, norm, squares).bit_length() + 1

    def _scaled(self, norm: Any) -> Any:
        return norm << self.norm_shift if self.norm_shift >= 0 else norm >> -self.norm_shift

    def of(self, embedding: IntArray) -> IntArray:
        """v, int64 (n,), of raw embeddings, int64 (n, D).

        Raises:
            RangeError: a value does not fit its format.
        """
        self.embedding.check(embedding, "embedding")
        values = embedding >> self.dropped
        # Exact: every partial sum stays far below 2**53.
        sums = (values.astype(np.float64) @ self.rows.T.astype(np.float64)).astype(np.int64)
        projections = (sums + self.bias) >> self.shift
        norm = self._scaled(np.einsum("nd,nd->n", values, values)) + self.norm_offset
        found: IntArray = np.maximum(norm - (projections * projections).sum(axis=1), 0)
        return found


class LaplaceGate(ScoreGate):
    """`score` on distances scaled by kappa of the sample's variance."""

    distance_slack = 1

    def __init__(
        self, criterion: Criterion, shape: ExitShape, settings: Strict, parameters: Mapping[str, Any]
    ) -> None:
        super().__init__(criterion, shape)
        assert shape.embedding is not None
        self.settings = settings
        self.parameters = dict(parameters)
        self.size = shape.embedding.size
        self.variance = Variance(shape.embedding.format, self.size, parameters)
        self.kappa: IntArray = np.array(parameters["kappa"], dtype=np.int64)
        self.variance_shift = int(parameters["variance_shift"])

    def factors(self, seen: Seen) -> IntArray:
        """Factor kappa of each sample in steps of 2^-10, int64 (n,)."""
        assert seen.embedding is not None
        index = self.variance.of(seen.embedding) >> self.variance_shift
        found: IntArray = self.kappa[np.minimum(index, len(self.kappa) - 1)]
        return found

    def distances(self, seen: Seen) -> IntArray:
        """d_j', int64 (n, K)."""
        return self._differences(seen.logits) * self.factors(seen)[:, None] >> KAPPA_FRACTION

    def probabilities(self, seen: Seen) -> FloatArray:
        """The softmax of the logits scaled by kappa."""
        factors = self.factors(seen)[:, None] / (1 << KAPPA_FRACTION)
        return softmax(self._real(seen) * factors, self.temperature)

    @property
    def rank(self) -> int:
        """Rows of A."""
        return len(self.variance.rows)

    @property
    def macs(self) -> int:
        """One product per element and row, and the square."""
        return (self.rank + 1) * self.size

    def cost(self) -> Cost:
        """`score`; a multiplier per row and one for the square, a squarer per row, one multiplier per class."""
        plain, variance = super().cost(), self.variance
        width = variance.narrow.width + 1
        square = (variance.projection_bits, variance.projection_bits)
        return replace(
            plain,
            comparators=plain.comparators + 2,
            adders=plain.adders + 2 * self.rank + 2,
            multipliers=(
                *self.rank * ((COEFFICIENT_BITS, width),),
                (width, width),
                *self.rank * (square,),
                *self.classes * ((self.logits.width, KAPPA_FRACTION + 1),),
            ),
            table_bits=plain.table_bits
            + self.size * self._words * PER_WORD * COEFFICIENT_BITS
            + len(self.kappa) * (KAPPA_FRACTION + 1),
            levels=(*plain.levels, self.rank.bit_length() + 5),
            serial_cycles=self.size * -(-self._words // 2),
        )

    @property
    def _words(self) -> int:
        """Words of coefficients per element."""
        return -(-self.rank // PER_WORD)

    def tables(self) -> dict[str, Table]:
        rows = np.zeros((self._words * PER_WORD, self.size), dtype=np.int64)
        rows[: self.rank] = self.variance.rows & ((1 << COEFFICIENT_BITS) - 1)
        lanes = rows.reshape(self._words, PER_WORD, self.size)
        words = sum(lanes[:, lane] << np.int64(COEFFICIENT_BITS * lane) for lane in range(PER_WORD))
        return super().tables() | {
            "laplace_rows": Table(np.asarray(words).ravel(), PER_WORD * COEFFICIENT_BITS),
            "laplace_bias": Table(self.variance.bias, self.variance.sum_bits, signed=True),
            "laplace_shift": Table(self.variance.shift, 6),
            "laplace_kappa": Table(self.kappa, KAPPA_FRACTION + 1),
        }

    def rtl_front(self) -> RtlBlock:
        most = max(1, PRODUCTS // (self.rank + 1))
        steps = -(-self.size // most)
        elements = -(-self.size // steps)
        parts = np.zeros((steps * elements, self.rank), dtype=np.int64)
        parts[: self.size] = self.variance.rows.T & ((1 << COEFFICIENT_BITS) - 1)
        levels = sum_levels(self.rank)
        cycles = AHEAD + 6 + levels
        return RtlBlock(
            (*LOOK_UP, "ring.sv", "steps.sv", "variance.sv", "scaled_front.sv"),
            steps - 1 + cycles,
            steps,
            {"laplace_kappa": 1},
            {
                "elements": elements,
                "steps": steps,
                "step_bits": max(1, (steps - 1).bit_length()),
                "row_levels": levels,
                "leader_stages": leader_levels(self.classes),
                "front_stages": cycles,
            },
            {"laplace_parts": Table(parts.ravel(), COEFFICIENT_BITS)},
            steps,
        )

    def rtl(self, form: Form) -> RtlBlock | None:
        if form == "serial":
            return None
        levels = sum_levels(self.classes)
        return self.rtl_front().then(
            ("laplace.sv",), levels + 3, {"exp_table": self.classes}, {"sum_levels": levels}
        )

    def cpp_params(self) -> dict[str, int]:
        variance = self.variance
        return super().cpp_params() | {
            "embedding_signed": int(variance.embedding.signed),
            "embedding_dropped": variance.dropped,
            "laplace_rank": self.rank,
            "laplace_sum_bits": variance.sum_bits,
            "laplace_projection_bits": variance.projection_bits,
            "laplace_norm_bits": variance.norm_bits,
            "laplace_norm_up": max(variance.norm_shift, 0),
            "laplace_norm_down": max(-variance.norm_shift, 0),
            "laplace_norm_offset": variance.norm_offset,
            "laplace_variance_bits": variance.bits,
            "laplace_variance_shift": self.variance_shift,
            "kappa_entries": len(self.kappa),
            "kappa_fraction": KAPPA_FRACTION,
        }

    def manifest(self) -> dict[str, Any]:
        return super().manifest() | {
            "settings": self.settings.model_dump(mode="json"),
            "parameters": self.parameters,
        }


def _quantised(posterior: Posterior, prior_variance: float, fmt: FixedPoint, size: int) -> dict[str, Any]:
    """The integer rows of a posterior, each with the steepest scale 2^s that fits its coefficients.

    y_r is then brought to the common scale 2^c, the steepest with which no y_r and no |e|^2 is too wide.
    """
    weights = np.sqrt(posterior.corrections(prior_variance))[:, None] * posterior.vectors
    top = (1 << (COEFFICIENT_BITS - 1)) - 1
    largest = max(-fmt.min_raw, fmt.max_raw)
    rows, bias, scales, common = [], [], [], [_STEEPEST]
    for row in weights:
        peak = float(np.abs(row[:-1]).max())
        scale = min(_STEEPEST, math.floor(math.log2(top / peak))) if peak > 0 else _STEEPEST
        rows.append(np.rint(row[:-1] * 2.0**scale).astype(np.int64).tolist())
        bias.append(round(row[-1] * 2.0 ** (scale + fmt.fraction)))
        scales.append(scale)
        bound = sum(map(abs, rows[-1])) * largest + abs(bias[-1])
        common.append(scale - max(0, bound.bit_length() - (PROJECTION_BITS - 1)))
    common.append((MAX_NORM_BITS - (size * largest**2).bit_length()) // 2)
    common.append((MAX_NORM_BITS - 1) // 2 - fmt.fraction)
    exponent = min(common)
    return {
        "rows": rows or [[0] * size],
        "bias": bias or [0],
        "shift": [scale - exponent for scale in scales] or [0],
        "norm_shift": 2 * exponent,
        "norm_offset": round(2.0 ** (2 * (exponent + fmt.fraction))),
    }


class Laplace(Criterion):
    """Largest probability under a Gaussian posterior of the last layer."""

    name = "laplace"
    headers = ("argmax.h", "criteria/exp_sum.h", "criteria/laplace.h")
    summary = "largest probability under a last-layer Laplace posterior"
    reads_embedding = True
    reads_training = True
    ensembles = True
    Settings = LaplaceSettings

    def fit(self, shape: ExitShape, sample: FitSample, settings: Strict) -> dict[str, Any]:
        assert isinstance(settings, LaplaceSettings)
        assert shape.embedding is not None
        fmt, size = shape.embedding.format, shape.embedding.size
        if size > MAX_SIZE:
            raise RangeError(
                "embedding",
                f"holds {size} values, laplace reads at most {MAX_SIZE}",
                "put a dense or pooling layer before the head's last one",
            )
        training, here = sample.training_embedding, sample.seen.embedding
        if (
            training is None
            or sample.training_logits is None
            or here is None
            or not training.any()
            or len(np.unique(sample.labels)) < 2
        ):
            return plain_parameters(size)
        narrow = _narrow(fmt)
        dropped = fmt.width - narrow.width
        claimed = softmax(shape.logits.to_real(sample.training_logits), 1.0)
        posterior = fit_posterior(
            narrow.to_real(training >> dropped), claimed, max(sample.training_samples, 1), settings.rank
        )
        prior = settings.prior_variance
        if prior == "fit":
            prior = _best_prior(posterior, shape, sample, narrow.to_real(here >> dropped))
        parameters = _quantised(posterior, prior, narrow, size)
        return {
            "prior_variance": prior,
            **parameters,
            **_kappa_table(posterior, prior, shape, Variance(fmt, size, parameters), here),
        }

    def gate(
        self, shape: ExitShape, settings: Strict | None = None, parameters: Mapping[str, Any] | None = None
    ) -> LaplaceGate:
        size = shape.embedding.size if shape.embedding is not None else 0
        return LaplaceGate(self, shape, settings or LaplaceSettings(), parameters or plain_parameters(size))


def _kappa(variance: FloatArray, output_variance: float, temperature: float) -> FloatArray:
    kappa: FloatArray = 1 / np.sqrt(1 + math.pi / 8 * variance * output_variance / temperature**2)
    return kappa


def _best_prior(posterior: Posterior, shape: ExitShape, sample: FitSample, embedding: FloatArray) -> float:
    """The prior variance under which the calibration labels are likeliest; among equals the smallest."""
    squares = (embedding @ posterior.vectors[:, :-1].T + posterior.vectors[:, -1]) ** 2
    norm = (embedding**2).sum(axis=1) + 1
    logits = shape.logits.to_real(sample.seen.logits)
    rows = np.arange(len(sample.labels))

    def loss(prior: float) -> float:
        rest = posterior.precisions(prior)[1]
        variance = np.maximum(norm - squares @ posterior.corrections(prior), 0) / rest
        kappa = _kappa(variance, posterior.output_variance(prior), shape.temperature)
        own = softmax(logits * kappa[:, None], shape.temperature)[rows, sample.labels]
        return float(-np.log(np.maximum(own, np.finfo(np.float64).tiny)).mean())

    return min(PRIOR_VARIANCES, key=loss)


def _kappa_table(
    posterior: Posterior, prior: float, shape: ExitShape, variance: Variance, calibration: IntArray
) -> dict[str, Any]:
    """Table of kappa over v; its bins reach to twice the largest v of the calibration samples."""
    seen = int(variance.of(calibration).max(initial=0))
    shift = max(0, (2 * seen // KAPPA_ENTRIES).bit_length())
    entries = min(KAPPA_ENTRIES, (variance.largest >> shift) + 1)
    upper = np.arange(1, entries + 1, dtype=np.float64) * 2**shift - 1
    upper[-1] = variance.largest
    unit = 2.0 ** -(variance.norm_shift + 2 * variance.narrow.fraction) / posterior.precisions(prior)[1]
    kappa = _kappa(upper * unit, posterior.output_variance(prior), shape.temperature)
    return {
        "variance_shift": shift,
        "kappa": np.floor(kappa * (1 << KAPPA_FRACTION)).astype(np.int64).tolist(),
    }
