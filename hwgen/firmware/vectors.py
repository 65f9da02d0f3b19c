"""Golden vectors for the test benches of the tree: `tb_data/*.txt`.

Format: rows, columns, then rows * columns raw integers, row by row. The reference made them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hwgen.calibration import Calibration
from hwgen.criteria.base import Gate
from hwgen.fixedpoint import IntArray
from hwgen.reference.executor import execute
from hwgen.reference.network import IntegerNetwork

SAMPLES = 24
"""Samples in the vectors: enough to leave at every exit, few enough for a co-simulation."""


def table_text(values: npt.ArrayLike) -> bytes:
    """A two-dimensional integer array in the vectors' format."""
    table = np.atleast_2d(np.asarray(values, dtype=np.int64))
    lines = [f"{table.shape[0]} {table.shape[1]}"]
    lines += [" ".join(map(str, row)) for row in table.tolist()]
    return ("\n".join(lines) + "\n").encode()


def choose_samples(exits: IntArray, stages: int) -> IntArray:
    """Indices of up to `SAMPLES` samples, in order, with every exit that occurs among them.

    Args:
        exits: int64 (n,), the exit each sample takes, 1 = first.
        stages: number of exits.
    """
    share = -(-SAMPLES // stages)
    chosen = [np.flatnonzero(exits == number)[:share] for number in range(1, stages + 1)]
    first = np.unique(np.concatenate(chosen))[:SAMPLES]
    rest = np.setdiff1d(np.arange(len(exits)), first)[: SAMPLES - len(first)]
    return np.sort(np.concatenate([first, rest]))


def gate_settings(gate: Gate, thresholds: list[tuple[int, int]], logits: IntArray) -> list[tuple[int, int]]:
    """(raw threshold, enable) pairs a gate is tested with.

    The policies' own, disabled, and for three samples the threshold at which the sample just
    leaves, one step below and one above: the places where an off-by-one shows.
    """
    settings = [*thresholds, (thresholds[0][0], 0)]
    for critical in np.unique(gate.critical_raw(logits))[:: max(len(logits) // 3, 1)][:3].tolist():
        settings += [(raw, 1) for raw in (critical - 1, critical, critical + 1) if 0 <= raw <= gate.max_raw]
    return [*settings, (1 << gate.threshold_bits, 1)]


def gate_answers(gate: Gate, setting: tuple[int, int], logits: IntArray) -> npt.NDArray[np.bool_]:
    """What the gate must answer, an over-wide threshold included (it never lets a sample leave)."""
    raw, enable = setting
    if not enable or raw > gate.max_raw:
        return np.zeros(len(logits), dtype=bool)
    return gate.leaves(logits, raw)


def vector_files(
    network: IntegerNetwork, gates: list[Gate | None], calibration: Calibration, raw: IntArray
) -> dict[str, bytes]:
    """All files of `tb_data/`.

    Args:
        network: the integer network.
        gates: gate of each exit, or None.
        calibration: policies and thresholds.
        raw: int64 (n, *shape), samples to choose from.
    """
    everything = [values.logits for values in execute(network, raw)]
    decisions = calibration.decide(everything, calibration.active)
    samples = raw[choose_samples(decisions.exit, len(network.stages))]
    values = execute(network, samples)
    logits = [stage.logits for stage in values]
    files = {"input.txt": table_text(samples.reshape(len(samples), -1))}
    registers = [calibration.registers(policy) for policy in range(len(calibration.policies))]
    for index, (stage, result) in enumerate(zip(network.stages, values, strict=True)):
        if index < len(network.stages) - 1:
            files[f"{stage.name}_features.txt"] = table_text(result.features.reshape(len(samples), -1))
        files[f"{stage.name}_logits.txt"] = table_text(result.logits)
    for number, gate in enumerate(gates, 1):
        if gate is None:
            continue
        settings = gate_settings(gate, [policy[number - 1] for policy in registers], logits[number - 1])
        labels = logits[number - 1].argmax(axis=1)
        answers = [np.stack([labels, gate_answers(gate, setting, logits[number - 1])], axis=1) for setting in settings]
        files[f"gate{number}_settings.txt"] = table_text(settings)
        files[f"gate{number}_decisions.txt"] = table_text(np.concatenate(answers))
    slots = [pair for policy in registers for pair in (policy or [(0, 0)])]
    files["kernel_settings.txt"] = table_text(slots)
    rows = [calibration.decide(logits, policy) for policy in range(len(calibration.policies))]
    rows.append(calibration.decide(logits, None))
    files["kernel_results.txt"] = table_text(
        np.concatenate([np.stack([row.label, row.exit, row.abstain], axis=1) for row in rows])
    )
    return {f"tb_data/{name}": content for name, content in files.items()}
