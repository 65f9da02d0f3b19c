"""Golden vectors for the test benches of the tree: `tb_data/*.txt`.

Format: rows, columns, then rows * columns raw integers, row by row. The reference made them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hwgen.calibration import Calibration
from hwgen.criteria import Gate, Seen, observe, read_embeddings
from hwgen.criteria.ensemble import EnsembleGate
from hwgen.criteria.exp_table import FRACTION
from hwgen.firmware.registers import Register, decide_policy, register_bank, registers
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
        exits: int64 (n,), the exit each sample takes, 0 = first.
        stages: number of exits.
    """
    share = -(-SAMPLES // stages)
    chosen = [np.flatnonzero(exits == number)[:share] for number in range(stages)]
    first = np.unique(np.concatenate(chosen))[:SAMPLES]
    rest = np.setdiff1d(np.arange(len(exits)), first)[: SAMPLES - len(first)]
    return np.sort(np.concatenate([first, rest]))


def gate_settings(gate: Gate, thresholds: list[Register], seen: Seen) -> list[Register]:
    """(raw threshold, enable) pairs a gate is tested with.

    The policies' own, disabled, and for three samples the threshold at which the sample just
    leaves, one step below and one above: the places where an off-by-one shows. Last, one that is
    too wide for the register, and would let every sample leave if its upper bits were lost.
    """
    settings = [*thresholds, (thresholds[0][0], 0)]
    critical = np.unique(gate.critical_raw(seen))
    for raw in critical[:: max(len(critical) // 3, 1)][:3].tolist():
        settings += [(near, 1) for near in (raw - 1, raw, raw + 1) if 0 <= near <= gate.max_raw]
    loosest = 0 if gate.stricter_up else gate.max_raw
    return [*settings, (1 << gate.threshold_bits | loosest, 1)]


def edge_cases(gate: Gate) -> Seen:
    """What a test set rarely holds: all logits equal, ties of neighbours at the top, both ends of the format.

    Embeddings alternate between zeros, both ends of their format and noise; carried sums likewise.

    Returns:
        2 * classes + 2 samples.
    """
    low, high, count = gate.logits.min_raw, gate.logits.max_raw, gate.classes
    tied = np.full((count, count), low, dtype=np.int64)
    np.fill_diagonal(tied, high)
    tied[np.arange(count), (np.arange(count) + 1) % count] = high
    close = np.where(np.eye(count, dtype=bool), high, high - 1)
    logits = np.concatenate([tied, close, np.full((1, count), low), np.full((1, count), high)])
    embedding = carried = None
    if gate.reads_embedding and gate.shape.embedding is not None:
        fmt = gate.shape.embedding.format
        embedding = _extremes(len(logits), gate.shape.embedding.size, fmt.min_raw, fmt.max_raw)
    if isinstance(gate, EnsembleGate):
        carried = _extremes(len(logits), count, 0, sum(gate.weights[:-1]) << FRACTION)
    return Seen(logits, embedding, carried)


def _extremes(rows: int, columns: int, low: int, high: int) -> IntArray:
    """Rows of zeros, of the lowest, of the highest value, and random ones in turn."""
    values = np.random.default_rng(rows * columns).integers(low, high + 1, (rows, columns))
    for offset, constant in enumerate((0, low, high)):
        values[offset::4] = constant
    return values


def gate_answers(gate: Gate, setting: Register, seen: Seen) -> npt.NDArray[np.bool_]:
    """What the gate must answer, an over-wide threshold included (it never lets a sample leave)."""
    raw, enable = setting
    if not enable or raw > gate.max_raw:
        return np.zeros(len(seen), dtype=bool)
    return gate.leaves(seen, raw)


def vector_files(network: IntegerNetwork, calibration: Calibration, raw: IntArray) -> dict[str, bytes]:
    """All files of `tb_data/`.

    Args:
        network: the integer network.
        calibration: gates, policies and thresholds.
        raw: int64 (n, *shape), samples to choose from.
    """
    values = execute(network, raw, embeddings=read_embeddings(calibration.gates))
    observed = observe(calibration.gates, values)
    chosen = choose_samples(calibration.decide(observed).exit, len(network.stages))
    samples = raw[chosen]
    seen = [here.take(chosen) for here in observed]
    files = {"input.txt": table_text(samples.reshape(len(samples), -1))}
    for stage, result in zip(network.stages, values, strict=True):
        if stage is not network.stages[-1]:
            files[f"{stage.name}_features.txt"] = table_text(
                result.features[chosen].reshape(len(samples), -1)
            )
        files[f"{stage.name}_logits.txt"] = table_text(result.logits[chosen])
        if result.embedding is not None:
            files[f"{stage.name}_embedding.txt"] = table_text(result.embedding[chosen])
    policies = range(len(calibration.policies))
    numbers = [number for number, gate in enumerate(calibration.gates) if gate is not None]
    for slot, number in enumerate(numbers):
        gate = calibration.gates[number]
        assert gate is not None
        settings = gate_settings(
            gate, [registers(calibration, policy)[slot] for policy in policies], seen[number]
        )
        labels = gate.labels(seen[number])
        answers = [
            np.stack([labels, gate_answers(gate, setting, seen[number])], axis=1) for setting in settings
        ]
        before = seen[number].carried
        if before is not None:
            files[f"gate{number + 1}_carried.txt"] = table_text(before)
            files[f"gate{number + 1}_sums.txt"] = table_text(gate.carry(seen[number]))
        files[f"gate{number + 1}_settings.txt"] = table_text(settings)
        files[f"gate{number + 1}_decisions.txt"] = table_text(np.concatenate(answers))
    files["kernel_settings.txt"] = table_text(register_bank(calibration))
    # The last block of rows is an unknown policy.
    rows = [decide_policy(calibration, seen, policy) for policy in (*policies, len(policies))]
    files["kernel_results.txt"] = table_text(
        np.concatenate([np.stack([row.class_, row.exit + 1, row.abstain], axis=1) for row in rows])
    )
    return {f"tb_data/{name}": content for name, content in files.items()}
