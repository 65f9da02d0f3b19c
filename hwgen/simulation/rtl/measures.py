"""Latency, throughput and occupancy of a run."""

from __future__ import annotations

from typing import Any

import numpy as np

from hwgen.fixedpoint import IntArray
from hwgen.simulation.rtl import SOURCE
from hwgen.simulation.rtl.bench import Run


def _spread(cycles: IntArray) -> dict[str, Any]:
    values, counts = np.unique(cycles, return_counts=True)
    ranked = np.sort(cycles)

    def quantile(share: float) -> int:  # the smallest latency that this share of the samples keeps
        return int(ranked[max(0, int(np.ceil(share * len(ranked))) - 1)])

    return {
        "samples": len(cycles),
        "mean": float(cycles.mean()),
        "best": int(ranked[0]),
        "p50": quantile(0.5),
        "p99": quantile(0.99),
        "worst": int(ranked[-1]),
        "histogram": [[int(value), int(count)] for value, count in zip(values, counts, strict=True)],
    }


def latency(run: Run) -> dict[str, Any]:
    """Cycles from the edge that takes a sample's first beat to the edge that hands out its result.

    Returns:
        `per_exit` (one entry per exit, None if nothing left there) and `overall`: samples, mean, best, p50, p99,
        worst in cycles, histogram as [cycles, samples]; `source`.
    """
    done = run.results[run.results[:, 0] >= 0]
    cycles, exits = done[:, 6] - done[:, 5], done[:, 3]
    per_exit = [
        _spread(cycles[exits == number]) if (exits == number).any() else None
        for number in range(1, len(run.summary["exits"]) + 1)
    ]
    return {
        "per_exit": per_exit,
        "overall": _spread(cycles) if len(cycles) else None,
        "unit": "cycles",
        "source": SOURCE,
    }


def throughput(run: Run) -> dict[str, Any]:
    """Samples per cycle between the first and the last sample, and what held them up.

    Returns:
        `samples_per_cycle`, from the entries (n - 1 intervals, so that filling and draining do not count);
        `door_closed_cycles`, in which a beat waited for the pipeline; `output_stalled_cycles`, in which a result
        waited for the sink; `cycles`; `source`.
    """
    entered = np.sort(run.sends[run.sends[:, 2] > 0, 0])
    span = int(entered[-1] - entered[0]) if len(entered) > 1 else 0
    return {
        "samples_per_cycle": (len(entered) - 1) / span if span else None,
        "samples": len(entered),
        "cycles": run.summary["cycles"],
        "door_closed_cycles": run.summary["door_closed_cycles"],
        "output_stalled_cycles": run.summary["stalled_cycles"],
        "source": SOURCE,
    }


def occupancy(run: Run) -> dict[str, Any]:
    """Samples inside at once: `mean` and `most`, `cycles` per number of samples inside; `source`."""
    cycles = np.array(run.summary["occupancy"], dtype=np.int64)
    used = int(np.flatnonzero(cycles).max(initial=0))
    return {
        "mean": float((cycles * np.arange(len(cycles))).sum() / max(1, cycles.sum())),
        "most": used,
        "cycles": cycles[: used + 1].tolist(),
        "source": SOURCE,
    }


def stages(run: Run) -> dict[str, Any]:
    """Per stage: samples started and answered, cycles at work and gated, and their shares of all cycles."""
    summary, total = run.summary, max(1, run.summary["cycles"])
    return {
        "stages": [
            {
                "starts": starts,
                "answers": answers,
                "active_cycles": active,
                "gated_cycles": gated,
                "active_share": active / total,
                "gated_share": gated / total,
            }
            for starts, answers, active, gated in zip(
                summary["starts"],
                summary["exits"],
                summary["active_cycles"],
                summary["gated_cycles"],
                strict=True,
            )
        ],
        "cycles": summary["cycles"],
        "source": SOURCE,
    }


def timeline(run: Run) -> dict[str, Any]:
    """When each watched sample was in which stage.

    Returns:
        `samples`, in the order of their entry: send, exit (None if it did not come out), cycle in, cycle out, and
        `stages`: [stage from 1, first cycle, cycle of the decision]; `source`.
    """
    first, end = run.settings.watch
    exits = dict(zip(run.results[:, 0].tolist(), run.results[:, 3].tolist(), strict=True))
    samples = []
    for send in range(first, min(end, len(run.sends))):
        events = run.timeline[run.timeline[:, 0] == send]
        spans: list[list[int | None]] = []
        for _, stage, event, cycle in events.tolist():
            if event == 0:
                spans.append([stage + 1, cycle, None])
            elif spans and spans[-1][0] == stage + 1:
                spans[-1][2] = cycle
        begin, out = int(run.sends[send, 0]), int(run.sends[send, 1])
        samples.append(
            {
                "send": send,
                "exit": exits.get(send),
                "in": begin if begin >= 0 else None,
                "out": out if out >= 0 else None,
                "stages": spans,
            }
        )
    samples.sort(key=lambda sample: (sample["in"] is None, sample["in"]))
    return {"samples": samples, "unit": "cycles", "source": SOURCE}
