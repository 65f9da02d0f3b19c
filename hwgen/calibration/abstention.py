"""Abstention: a gate at the last exit whose "continue" means "I don't know".

`abstain.risk` is in `answered.py` and, proven, in `risk/answers.py`. `abstain.rate` counts all samples, not
only those that reach the last exit: with a rate of 5 % at most 5 % of the calibration samples are left
unanswered, whatever the policy. The least confident of those that reach the last exit abstain, as many as
the rate allows; equal confidences stay together. The threshold is the critical raw of the least confident
sample that is still answered: the strictest that changes nothing on the calibration samples, so it is
rounded towards "abstain". If the rate covers everybody who reaches the last exit, it lies one step beyond
the most confident of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from hwgen.calibration.answered import Answered, fewest_abstentions
from hwgen.calibration.problem import Outcome, Problem, Ranks, strictness
from hwgen.calibration.result import AbstainThreshold
from hwgen.calibration.risk.answers import certify_abstention
from hwgen.criteria import Gate, Seen
from hwgen.fixedpoint import IntArray
from hwgen.recipe.schema import Exits


@dataclass(frozen=True)
class Proof:
    """What it takes to prove `abstain.risk`.

    Args:
        halves: (search, certify), indices.
        policies: all that may be chosen for the budget, known before the certify half is looked at.
        delta: probability of a wrong proof.
    """

    halves: tuple[IntArray, IntArray]
    policies: Sequence[Ranks]
    delta: float


def abstention(
    problem: Problem,
    gates: Sequence[Gate | None],
    last: Seen,
    exits: Exits,
    outcome: Outcome,
    proof: Proof | None = None,
) -> AbstainThreshold | None:
    """The setting of the last exit under one policy; None without abstention.

    Args:
        problem: the calibration split, net losses.
        gates: one per exit.
        last: what reaches the last gate, of all samples.
        exits: section of the recipe.
        outcome: the policy.
        proof: how to prove `abstain.risk`; None: it is kept on the calibration split only.
    """
    gate = gates[-1]
    if exits.abstain is None or gate is None:
        return None
    reaching = problem.exit_taken(outcome.ranks) == problem.early_exits
    wrong = ~problem.right(outcome.ranks)
    found: Answered | None = None
    if exits.abstain.rate is not None:
        raw = abstain_raw(gate, last.take(reaching), problem.samples, exits.abstain.rate)
    elif exits.abstain.risk is not None:
        critical = gate.critical_raw(last)
        if proof is None:
            found = fewest_abstentions(gate, critical, reaching, wrong, exits.abstain.risk)
        else:
            policies = [
                (problem.exit_taken(ranks) == problem.early_exits, ~problem.right(ranks))
                for ranks in proof.policies
            ]
            found = certify_abstention(
                gate, critical, policies, proof.halves, exits.abstain.risk, proof.delta
            )
        raw = found.raw
    silent = np.zeros(problem.samples, dtype=bool)
    if raw is not None:
        silent = reaching & ~gate.leaves(last, raw)
    answered = problem.samples - int(silent.sum())
    return AbstainThreshold(
        enabled=raw is not None,
        real=None if raw is None else gate.to_real(raw),
        raw=raw,
        share=int(silent.sum()) / problem.samples,
        risk=int((wrong & ~silent).sum()) / answered if answered else None,
        reached=found.reached if found else None,
        p_value=found.p_value if found else None,
    )


def abstain_raw(gate: Gate, seen: Seen, samples: int, rate: float) -> int | None:
    """The raw threshold of the last exit.

    Args:
        gate: gate of the last exit.
        seen: the samples that reach the last exit.
        samples: number of all calibration samples.
        rate: share of them that may abstain.
    Returns:
        The raw threshold, or None (the last exit always answers) if no sample reaches the last exit.
    """
    if not len(seen):
        return None
    allowed = math.floor(Fraction(str(rate)) * samples)
    keys = np.sort(strictness(gate, gate.critical_raw(seen)))
    distinct, below = np.unique(keys, return_index=True)
    answered = distinct[below <= allowed][-1]
    threshold = answered + 1 if allowed >= len(keys) else answered
    return int(strictness(gate, threshold))
