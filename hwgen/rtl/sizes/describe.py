"""What the sizes are computed from: timing, widths and shares of a pipeline's stages.

Time of a core counts in clock cycles from the handshake of its first input beat (cycle 0): a core with
`logits = 1` offers logits in the cycle after it. Shares are fractions of the samples that reach an exit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hwgen.errors import RecipeError

DOOR = 1
"""Cycles from the admission of a beat to the core: the shell's register (stage_shell.sv)."""
FETCH = 2
"""Cycles from a decision to continue to the admission to the next stage: the committed FIFO and the
output register of the feature buffer (feature_buffer.sv)."""
RESULT = 2
"""Cycles from a decision to leave to the output: exit FIFO and output FIFO (result_merge.sv)."""


@dataclass(frozen=True)
class StageTiming:
    """One stage, its exit head and its gate.

    Args:
        name: `stage1`, ...
        interval: cycles between the first beats of two samples, at least.
        logits: cycle in which the core offers the logits; not before the last feature beat.
        gate_latency: cycles from logits to decision, registers of the exit router included; >= 1.
        gate_interval: cycles between two decisions.
        first_feature: cycle of the first feature beat. None: as `last_feature`, minus the other beats.
        last_feature: cycle of the last feature beat. None: as `logits`.
        in_beats: beats of one sample into the stage.
        feature_beats: beats of its features.
        feature_bits: bits of one feature beat.
        meta_bits: bits of the sideband that travels with a sample.
        kept_meta_bits: the same of a sample that goes on. None: as `meta_bits`.
        continues: share of the samples reaching this exit that go on; 0 at the last one.
    Raises:
        RecipeError: a value that no hardware can have; names stage and field.
    """

    name: str
    interval: int
    logits: int
    gate_latency: int
    continues: float
    gate_interval: int = 1
    first_feature: int | None = None
    last_feature: int | None = None
    in_beats: int = 1
    feature_beats: int = 1
    feature_bits: int = 1
    meta_bits: int = 1
    kept_meta_bits: int | None = None

    def __post_init__(self) -> None:
        whole = ("interval", "logits", "gate_latency", "gate_interval", "in_beats", "feature_beats")
        for field in (*whole, "feature_bits", "meta_bits"):
            if getattr(self, field) < 1:
                raise self._error(field, getattr(self, field), "give 1 or more")
        if not 0 <= self.continues <= 1:
            raise self._error("continues", self.continues, "give a fraction from 0 to 1")
        beats = max(self.in_beats, self.feature_beats)
        if self.interval < beats:
            raise self._error("interval", self.interval, f"its {beats} beats take as many cycles")
        if self.logits < self.in_beats:
            raise self._error("logits", self.logits, f"they follow the last of {self.in_beats} input beats")
        if not 1 <= self.features_from <= self.features_until <= self.logits:
            raise self._error(
                "last_feature",
                (self.features_from, self.features_until),
                f"features lie between cycle 1 and the logits in cycle {self.logits}",
            )

    def _error(self, field: str, value: object, remedy: str) -> RecipeError:
        return RecipeError(f"{self.name}.{field}", f"is {value}", remedy)

    @property
    def features_until(self) -> int:
        """Cycle of the last feature beat."""
        return self.logits if self.last_feature is None else self.last_feature

    @property
    def features_from(self) -> int:
        """Cycle of the first feature beat."""
        if self.first_feature is not None:
            return self.first_feature
        return max(1, self.features_until - self.feature_beats + 1)

    @property
    def pace(self) -> int:
        """Cycles between samples when nothing outside the stage holds it up."""
        return max(self.interval, self.gate_interval)

    @property
    def decision(self) -> int:
        """Cycle in which the decision is taken, counted from admission.

        The buffer takes it from the cycle after the last feature beat on.
        """
        return DOOR + max(self.logits + self.gate_latency, self.features_until + 1)


@dataclass(frozen=True)
class Pipeline:
    """Stages in order.

    Args:
        stages: at least one; the last one's `continues` is 0.
        result_bits: bits of one result, sideband included.
        reorder: whether results leave in the order of admission.
    Raises:
        RecipeError: no stage, or samples that continue after the last one.
    """

    stages: tuple[StageTiming, ...]
    result_bits: int = 32
    reorder: bool = False

    def __post_init__(self) -> None:
        if not self.stages:
            raise RecipeError("pipeline.stages", "the list is empty", "give at least one stage")
        last = self.stages[-1]
        if last.continues:
            raise RecipeError(
                f"{last.name}.continues", f"is {last.continues}", "nothing follows the last stage"
            )

    @property
    def visits(self) -> list[float]:
        """Share of all samples that enter each stage."""
        shares = [1.0]
        for stage in self.stages[:-1]:
            shares.append(shares[-1] * stage.continues)
        return shares

    @property
    def exits(self) -> list[float]:
        """Share of all samples that leave at each exit; sums to 1."""
        return [visit * (1 - stage.continues) for visit, stage in zip(self.visits, self.stages, strict=True)]

    @property
    def ideal(self) -> float:
        """Samples per cycle with buffers without end: the slowest stage at its share of visits."""
        used = [visit * stage.pace for visit, stage in zip(self.visits, self.stages, strict=True)]
        return 1 / max(*used, 1.0)

    def shifted(self, points: float) -> Pipeline:
        """The same pipeline when `points` percentage points more continue at every exit but the last."""
        moved = [
            replace(stage, continues=min(1.0, max(0.0, round(stage.continues + points / 100, 12))))
            for stage in self.stages[:-1]
        ]
        return replace(self, stages=(*moved, self.stages[-1]))


def continues_from_exits(shares: list[float]) -> list[float]:
    """From shares of all samples that leave at each exit to shares that continue of those that reach it.

    Args:
        shares: one per exit, >= 0; any positive sum (counts will do).
    Returns:
        One per exit, the last one 0; 0 too where no sample arrives.
    """
    left, answer = float(sum(shares)), []
    for share in shares[:-1]:
        stays = max(0.0, left - share)
        answer.append(stays / left if left > 0 else 0.0)
        left = stays
    return [*answer, 0.0]
