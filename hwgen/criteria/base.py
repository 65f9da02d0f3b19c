"""What every criterion provides: a float definition to read, an integer gate to build.

The float definition (`Criterion.confidence`) says what is meant. The integer definition (`Gate`) says
what is right: Python, C++ and RTL agree with it bit for bit. A gate leaves only where the float
confidence reaches the real threshold too, because everything it rounds is rounded towards "continue".
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from hwgen.errors import RangeError
from hwgen.fixedpoint import FixedPoint, FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]

MAX_LOGIT_BITS = 52
"""Widest logits: every difference is then exact in a float64, so thresholds convert without loss."""
TEMPERATURES = (0.05, 20.0)
"""Smallest and largest temperature a gate is built for."""


class Gate(ABC):
    """Integer decision of one exit: leave or continue.

    Args:
        criterion: registered name of the criterion.
        logits: format of the logits the gate reads.
        classes: number of logits, at least 2.
        temperature: divides the logits before the softmax.
        threshold_bits: width of the unsigned raw threshold.
    Raises:
        RangeError: logits too wide, fewer than two classes, or a temperature outside `TEMPERATURES`.
    """

    stricter_up: ClassVar[bool]
    """True: a larger raw threshold lets fewer samples leave. False: a smaller one does."""

    def __init__(
        self, criterion: str, logits: FixedPoint, classes: int, temperature: float, threshold_bits: int
    ) -> None:
        if logits.width > MAX_LOGIT_BITS:
            raise RangeError(
                "logits",
                f"are {logits.width} bits wide, a gate reads at most {MAX_LOGIT_BITS}",
                "narrow the weights or activations of the exit head",
            )
        if classes < 2:
            raise RangeError("classes", f"received {classes}", "a gate compares at least 2")
        if not TEMPERATURES[0] <= temperature <= TEMPERATURES[1]:
            raise RangeError(
                "temperature", f"received {temperature}", f"must be in {TEMPERATURES[0]}..{TEMPERATURES[1]}"
            )
        self.criterion = criterion
        self.logits = logits
        self.classes = classes
        self.temperature = float(temperature)
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
            real: threshold in units of `Criterion.confidence`; infinity never lets a sample leave.
        Raises:
            RangeError: `real` is not a number, or negative (every confidence passes that).
        """
        if math.isnan(real) or real < 0:
            raise RangeError("threshold", f"received {real}", "must be 0 or more")
        if math.isinf(real):
            return self.never_raw
        return min(self._round(Fraction(real)), self.max_raw)

    @abstractmethod
    def _round(self, real: Fraction) -> int:
        """The strictest-rounded raw threshold of an exact real one; may exceed `max_raw`."""

    @abstractmethod
    def to_real(self, raw: int) -> float:
        """A real threshold for which `to_raw(to_real(raw)) == raw`.

        Raises:
            RangeError: `raw` does not fit the threshold register.
        """

    @abstractmethod
    def critical_raw(self, logits: IntArray) -> IntArray:
        """The strictest raw threshold at which each sample still leaves.

        Args:
            logits: int64 (n, classes), raw values of `self.logits`.
        Returns:
            int64 (n,), each in 0..max_raw.
        Raises:
            RangeError: a logit does not fit the format.
        """

    @abstractmethod
    def leaves(self, logits: IntArray, raw: int) -> BoolArray:
        """The rule of the hardware, written as the hardware computes it.

        Args:
            logits: int64 (n, classes), raw values of `self.logits`.
            raw: threshold, 0..max_raw.
        Returns:
            bool (n,): true where the sample leaves.
        Raises:
            RangeError: a logit or the threshold does not fit its format.
        """

    def table(self) -> IntArray | None:
        """The exponential table, int64 (N,), or None if the gate has none."""
        return None

    def cpp_params(self) -> dict[str, int]:
        """Constants of the C++ block's CONFIG, in the names the header uses."""
        return {
            "classes": self.classes,
            "logit_bits": self.logits.width,
            "threshold_bits": self.threshold_bits,
        }

    def manifest(self) -> dict[str, Any]:
        """All constants of the decision, ready for JSON; enough to build the gate again."""
        return {
            "criterion": self.criterion,
            "logits": self.logits.to_dict(),
            "classes": self.classes,
            "T": self.temperature,
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


class Criterion(ABC):
    """A confidence measure. It holds no state: parameters live in the gate."""

    name: ClassVar[str]
    """The name in a recipe; also the C++ struct's name."""
    headers: ClassVar[tuple[str, ...]]
    """Files below `firmware_templates/hls` that the C++ block needs; its own header is the last."""
    summary: ClassVar[str]
    """One line for lists and reports."""

    @property
    def header(self) -> str:
        """The C++ block's own header."""
        return self.headers[-1]

    @abstractmethod
    def confidence(self, logits_real: FloatArray, temperature: float = 1.0) -> FloatArray:
        """The float definition, for readers and plots; decisions never use it.

        Args:
            logits_real: float64 (n, K).
            temperature: divides the logits.
        Returns:
            float64 (n,); larger is more confident.
        """

    @abstractmethod
    def gate(self, logits: FixedPoint, classes: int, temperature: float = 1.0) -> Gate:
        """The integer definition for logits of one format."""


def second_smallest(differences: IntArray) -> IntArray:
    """d_(2): distance from the largest logit to the runner-up, int64 (n,); 0 for a tie."""
    return np.partition(differences, 1, axis=1)[:, 1]


def softmax(logits_real: FloatArray, temperature: float) -> FloatArray:
    """Softmax of each row, float64 (n, K)."""
    scaled = logits_real / temperature
    weights: FloatArray = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)
