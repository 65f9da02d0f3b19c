"""Compares what a pipeline answered with what is right, and names the rules it broke."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwgen.fixedpoint import IntArray
from hwgen.simulation.compare import Comparison
from hwgen.simulation.rtl.bench import ANSWERED, CUT_BY_RESET, Run

COMPARED = ("class", "exit", "abstain")
"""What a run of the whole pipeline compares; wrong tags count as `class`, as they do in the C simulation."""


@dataclass(frozen=True)
class Switch:
    """One execution of a switch of policy: cycles of its start and end."""

    start: int
    done: int
    policy: int


def executed_switches(run: Run) -> list[Switch]:
    """Switches in the order they were executed; a reset executes them again."""
    switches = run.script.numbered_switches()
    started: dict[int, int] = {}
    found = []
    for command, _, start, done, _ in run.summary["script"]:
        started[command] = start
        if command in switches:
            first, policy = switches[command]
            if done == -2:  # cut off by a reset
                continue
            found.append(Switch(started[first], done if done >= 0 else 1 << 62, policy))
    return found


def _possible(run: Run, entered: IntArray) -> tuple[IntArray, IntArray, list[int]]:
    """First and last switch whose policy a sample that entered at a cycle may have, and their policies."""
    switches = executed_switches(run)
    policies = [0, *(switch.policy for switch in switches)] if not switches else [s.policy for s in switches]
    starts = np.array([switch.start for switch in switches] or [-1])
    ends = np.array([switch.done for switch in switches] or [-1])
    # The policy is taken when a sample is offered, which may be as early as right after the one before entered.
    offered = np.concatenate([entered[:1], entered[:-1]])
    low = np.maximum(np.searchsorted(ends, offered, side="left") - 1, 0)
    high = np.maximum(np.searchsorted(starts, entered, side="right") - 1, low)
    return low, high, policies


def policies_of(run: Run, wrong: IntArray, entered: IntArray) -> IntArray:
    """The policy each sample was under.

    Where a switch was under way either policy is possible; of those the ones are taken that never go back to an
    old policy and make the fewest answers wrong.

    Args:
        run: the run.
        wrong: int64 (policies, n), whether an answer is wrong under each policy.
        entered: int64 (n,), cycles at which the samples entered, ascending.
    Returns:
        int64 (n,).
    """
    low, high, policies = _possible(run, entered)
    chosen = low.copy()
    open_ = np.flatnonzero(low != high)
    groups = np.split(open_, np.flatnonzero(np.diff(open_) > 1) + 1) if len(open_) else []
    for group in groups:
        first, last = int(low[group].min()), int(high[group].max())
        numbers = np.arange(first, last + 1)
        allowed = (numbers >= low[group][:, None]) & (numbers <= high[group][:, None])
        costs = wrong[np.array(policies)[numbers]][:, group].T + np.where(allowed, 0, len(group) + 1)
        total, origin = costs[0].copy(), np.zeros_like(costs)
        for row in range(1, len(group)):
            best = np.minimum.accumulate(total)
            # The latest switch that is as cheap: it leaves the most room for the rest.
            origin[row] = np.maximum.accumulate(np.where(total == best, np.arange(len(total)), 0))
            total = best + costs[row]
        step = int(np.argmin(total))
        for row in range(len(group) - 1, -1, -1):
            chosen[group[row]] = numbers[step]
            step = int(origin[row][step])
    return np.array(policies)[chosen]


def compare_run(
    run: Run, expected: Sequence[IntArray], block: str = "rtl", against: str = "reference"
) -> Comparison:
    """Compares every answer of a run.

    Samples cut off by a reset need no answer; everything else needs exactly one. Answers that no sample in flight
    waits for count once each.

    Args:
        run: the run.
        expected: per policy, int64 (samples, 3): class, exit (from 1), abstain of each sample.
        block: name in the list of mismatches.
        against: what `expected` comes from.
    """
    comparison = Comparison(block, against)
    samples = run.stimuli.samples
    right = np.stack([np.asarray(policy, dtype=np.int64) for policy in expected])
    matched = run.results[run.results[:, 0] >= 0]
    matched = matched[np.argsort(matched[:, 5], kind="stable")]
    sample, got = matched[:, 0] % samples, matched[:, 2:5]
    wrong = (right[:, sample] != got[None]).any(axis=2).astype(np.int64)
    policy = policies_of(run, wrong, matched[:, 5])
    wanted = right[policy, sample]
    states = run.sends[:, 3]
    lost = np.flatnonzero((states != ANSWERED) & (states != CUT_BY_RESET))
    numbers = np.concatenate([sample, lost % samples])
    nothing = np.full((len(lost), 3), -1, dtype=np.int64)
    got = np.concatenate([got, nothing])
    wanted = np.concatenate([wanted, right[0, lost % samples]])
    for column, key in enumerate(COMPARED):
        comparison.compare(key, got[:, column], wanted[:, column], f"{block}/{key}", samples=numbers)
    strays = run.results[run.results[:, 0] < 0, 1]
    comparison.compare("class", strays, strays[:0], f"{block}/tag", note="answers nobody waits for")
    return comparison


def faults(run: Run) -> list[str]:
    """Rules that the pipeline broke, as sentences; empty if none."""
    found, summary = [], run.summary
    if summary["ended"] != "drained":
        why = "no handshake for too long" if summary["ended"] == "hang" else "limit of cycles reached"
        inside = ", ".join(str(send) for send in summary["waiting"]) or "none"
        found.append(f"given up in cycle {summary['cycles']} ({why}); samples inside: {inside}")
    for key, text in (
        ("valid_withdrawn", "m_axis_tvalid fell before its result was taken"),
        ("data_changed", "m_axis changed while it waited"),
        ("not_last", "m_axis_tlast was low"),
        ("refused", "the register block refused an access"),
        ("impossible_events", "a stage reported a sample that cannot be there"),
        ("active_at_end", "stages are at work though nothing is inside, by bits"),
    ):
        if summary[key] and (key != "active_at_end" or summary["ended"] == "drained"):
            found.append(f"{text}: {summary[key]}")
    if summary["ended"] == "drained" and not run.script.resets:
        answers = np.bincount(run.results[:, 3], minlength=len(summary["exits"]) + 1)[1:].tolist()
        if answers != summary["exits"]:
            found.append(
                f"answers per exit {answers} are not the results that the exits reported: {summary['exits']}"
            )
    return found
