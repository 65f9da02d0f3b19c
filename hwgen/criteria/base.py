"""What every criterion provides: a float definition to read, an integer gate to build.

The float definition (`Gate.confidence`) says what is meant. The integer definition (`Gate.leaves`) says
what is right: Python, C++ and RTL agree with it bit for bit. Whatever a gate rounds, it rounds towards
"continue"; where a criterion cannot promise that, its docstring says so.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from hwgen.criteria.parts import Cost, ExitShape, Table
from hwgen.criteria.rtl_block import Form, RtlBlock
from hwgen.criteria.seen import Seen
from hwgen.errors import RangeError
from hwgen.fixedpoint import FloatArray, IntArray
from hwgen.recipe.layers import Strict
from hwgen.reference.executor import classify

BoolArray = npt.NDArray[np.bool_]

MAX_LOGIT_BITS = 52
"""Widest logits: every difference is then exact in a float64, so thresholds convert without loss."""
TEMPERATURES = (0.05, 20.0)
"""Smallest and largest temperature a gate is built for."""


class Gate(ABC):
    """Integer decision of one exit: leave or continue.

    Args:
        criterion: the criterion it belongs to.
        shape: the exit it is built for.
        threshold_bits: width of the unsigned raw threshold.
    Raises:
        RangeError: logits too wide, fewer than two classes, or a temperature outside `TEMPERATURES`.
    """

    stricter_up: ClassVar[bool]
    """True: a larger raw threshold lets fewer samples leave. False: a smaller one does."""
    signed_real: ClassVar[bool] = False
    """Whether real thresholds may be negative."""
    carries: bool = False
    """Whether sums travel with the sample from exit to exit."""
    before_bits: int = 0
    """Bits of each sum that reaches the gate; 0 if none does."""
    carried_bits: int = 0
    """Bits of each sum that travels on."""

    def __init__(self, criterion: Criterion, shape: ExitShape, threshold_bits: int) -> None:
        if shape.logits.width > MAX_LOGIT_BITS:
            raise RangeError(
                "logits",
                f"are {shape.logits.width} bits wide, a gate reads at most {MAX_LOGIT_BITS}",
                "narrow the weights or activations of the exit head",
            )
        if shape.classes < 2:
            raise RangeError("classes", f"received {shape.classes}", "a gate compares at least 2")
        if not TEMPERATURES[0] <= shape.temperature <= TEMPERATURES[1]:
            raise RangeError(
                "temperature",
                f"received {shape.temperature}",
                f"must be in {TEMPERATURES[0]}..{TEMPERATURES[1]}",
            )
        self.owner = criterion
        self.criterion = criterion.name
        self.block = criterion.name
        self.headers = criterion.headers
        self.reads_embedding = criterion.reads_embedding
        self.shape = shape
        self.logits = shape.logits
        self.classes = shape.classes
        self.temperature = float(shape.temperature)
        self.threshold_bits = threshold_bits

    @property
    def max_raw(self) -> int:
        """Largest raw threshold."""
        return (1 << self.threshold_bits) - 1

    @property
    def never_raw(self) -> int:
        """A raw threshold that no sample passes."""
        return self.max_raw if self.stricter_up else 0

    def to_raw(self, real: float) -> int:
        """The raw threshold of a real one, rounded towards "continue", saturated to the register.

        Args:
            real: threshold in the criterion's unit; infinity never lets a sample leave.
        Raises:
            RangeError: `real` is not a number, or negative where every confidence is positive.
        """
        if math.isnan(real) or (real < 0 and not self.signed_real):
            raise RangeError("threshold", f"received {real}", "must be 0 or more")
        if math.isinf(real):
            return self.never_raw if real > 0 else self.max_raw - self.never_raw
        return max(0, min(self._round(Fraction(real)), self.max_raw))

    @abstractmethod
    def _round(self, real: Fraction) -> int:
        """The strictest-rounded raw threshold of an exact real one; may lie outside 0..max_raw."""

    @abstractmethod
    def to_real(self, raw: int) -> float:
        """A real threshold for which `to_raw(to_real(raw)) == raw`.

        Raises:
            RangeError: `raw` does not fit the threshold register.
        """

    @abstractmethod
    def critical_raw(self, seen: Seen) -> IntArray:
        """The strictest raw threshold at which each sample still leaves.

        Returns:
            int64 (n,), each in 0..max_raw.
        Raises:
            RangeError: a value does not fit its format.
        """

    @abstractmethod
    def leaves(self, seen: Seen, raw: int) -> BoolArray:
        """The rule of the hardware, written as the hardware computes it.

        Args:
            seen: what reaches the gate.
            raw: threshold, 0..max_raw.
        Returns:
            bool (n,): true where the sample leaves.
        Raises:
            RangeError: a value or the threshold does not fit its format.
        """

    def labels(self, seen: Seen) -> IntArray:
        """The class each sample is given here, int64 (n,)."""
        return classify(seen.logits)

    def carry(self, seen: Seen) -> IntArray:
        """The sums that travel on from here, int64 (n, K); only where `carries`."""
        raise NotImplementedError(self.criterion)

    @abstractmethod
    def confidence(self, seen: Seen) -> FloatArray:
        """The float definition with this gate's parameters, float64 (n,); larger is more confident."""

    def reaches(self, seen: Seen, real: float) -> BoolArray:
        """The float decision: whether the confidence reaches a real threshold, bool (n,)."""
        return self.confidence(seen) >= real

    def probabilities(self, seen: Seen) -> FloatArray:
        """The float probabilities the exit claims, float64 (n, K): the softmax at its temperature."""
        return softmax(self.logits.to_real(seen.logits), self.temperature)

    def undecided_raw(self) -> int:
        """The critical raw of a sample whose logits are all equal: no threshold may be as loose."""
        return int(self.critical_raw(self._silent_sample())[0])

    def _silent_sample(self) -> Seen:
        size = self.shape.embedding.size if self.shape.embedding is not None else 0
        zeros = np.zeros((1, self.classes), dtype=np.int64)
        return Seen(zeros, np.zeros((1, size), dtype=np.int64), zeros if self.carries else None)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one decision with weights: 0 for most gates."""
        return 0

    @abstractmethod
    def cost(self) -> Cost:
        """Operators of the gate."""

    def tables(self) -> dict[str, Table]:
        """Look-up tables by the name of the C++ function that reads them."""
        return {}

    def cpp_params(self) -> dict[str, int]:
        """Constants of the C++ block's CONFIG, in the names the header uses."""
        params = {
            "classes": self.classes,
            "logit_bits": self.logits.width,
            "threshold_bits": self.threshold_bits,
        }
        if self.reads_embedding and self.shape.embedding is not None:
            params["embedding_size"] = self.shape.embedding.size
            params["embedding_bits"] = self.shape.embedding.format.width
        return params

    def rtl(self, form: Form) -> RtlBlock | None:
        """The SystemVerilog block that decides as this gate does; None if there is none in that form."""
        return None

    def manifest(self) -> dict[str, Any]:
        """All constants of the decision, ready for JSON; enough to build the gate again."""
        return {
            "criterion": self.criterion,
            **self.shape.to_dict(),
            "threshold_bits": self.threshold_bits,
            "stricter": "larger" if self.stricter_up else "smaller",
        }

    def _check_raw(self, raw: int) -> int:
        if not 0 <= raw <= self.max_raw:
            raise RangeError("raw threshold", f"received {raw}", f"must be in 0..{self.max_raw}")
        return int(raw)

    def _differences(self, logits: IntArray) -> IntArray:
        """d_j = z_max - z_j >= 0, int64 (n, classes)."""
        self.logits.check(logits, "logits")
        differences: IntArray = logits.max(axis=1, keepdims=True) - logits
        return differences

    def _real(self, seen: Seen) -> FloatArray:
        """The logits as real numbers, float64 (n, K)."""
        return self.logits.to_real(seen.logits)


@dataclass(frozen=True)
class FitSample:
    """What the parameters of a gate are fitted on.

    Args:
        seen: calibration samples that the thresholds' proof does not use.
        labels: int64 (n,), their classes.
        training_embedding: int64 (m, D), embeddings of training samples; None unless the criterion asks.
        training_logits: int64 (m, K), logits of the same samples.
        training_samples: number of samples the network was trained on.
        trained: what training found for this gate; None if it trains no gates.
        seed: of the recipe.
    """

    seen: Seen
    labels: IntArray
    training_embedding: IntArray | None = None
    training_logits: IntArray | None = None
    training_samples: int = 0
    trained: Mapping[str, Any] | None = None
    seed: int = 0


class NoSettings(Strict):
    """Of a criterion without options."""


class Criterion(ABC):
    """A confidence measure. It holds no state: parameters live in the gate."""

    name: ClassVar[str]
    """The name in a recipe; also the C++ struct's name."""
    headers: ClassVar[tuple[str, ...]]
    """Files below `firmware_templates/hls` that the C++ block needs; its own header is the last."""
    summary: ClassVar[str]
    """One line for lists and reports."""
    reads_embedding: ClassVar[bool] = False
    """Whether the gate reads what enters the head's last dense layer."""
    reads_training: ClassVar[bool] = False
    """Whether `fit` needs embeddings of training samples."""

    ensembles: ClassVar[bool] = False
    """Whether its probabilities can be summed over exits; its gate is then an `ExpGate`."""

    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """Settings that `hwgen compare` tries beside the recipe's, by the name it shows."""

    Settings: ClassVar[type[Strict]] = NoSettings
    """Options below `exits.settings.<name>` of a recipe."""

    @property
    def header(self) -> str:
        """The C++ block's own header."""
        return self.headers[-1]

    def fit(self, shape: ExitShape, sample: FitSample, settings: Strict) -> dict[str, Any]:
        """Parameters of the gate, integers, ready for JSON; empty for a criterion without any.

        Args:
            shape: the exit, its head included.
            sample: what to fit on.
            settings: options of the recipe, an object of `Settings`.
        """
        return {}

    @abstractmethod
    def gate(
        self, shape: ExitShape, settings: Strict | None = None, parameters: Mapping[str, Any] | None = None
    ) -> Gate:
        """The integer definition.

        Args:
            shape: the exit.
            settings: options of the recipe; default: `Settings()`.
            parameters: what `fit` returned.
        """

    def from_manifest(self, manifest: Mapping[str, Any]) -> Gate:
        """Builds a gate again from its `manifest`; ensembling is put around it elsewhere."""
        settings = self.Settings(**manifest.get("settings", {}))
        return self.gate(ExitShape.from_dict(manifest), settings, manifest.get("parameters"))


def second_smallest(differences: IntArray) -> IntArray:
    """d_(2): distance from the largest logit to the runner-up, int64 (n,); 0 for a tie."""
    return np.partition(differences, 1, axis=1)[:, 1]


def softmax(logits_real: FloatArray, temperature: float) -> FloatArray:
    """Softmax of each row, float64 (n, K)."""
    scaled = logits_real / temperature
    weights: FloatArray = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def levels_of(inputs: int) -> int:
    """Levels of a tree of two-input operators."""
    return math.ceil(math.log2(max(inputs, 2)))
