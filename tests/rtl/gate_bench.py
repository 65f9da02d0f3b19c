"""Gates side by side in one compiled simulation, through which samples are streamed."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hwgen.criteria import Gate, Seen
from hwgen.criteria.rtl_block import Form
from hwgen.eda import verilator
from hwgen.rtl.gates import RtlGate, rtl_gate

MAIN = Path(__file__).with_name("gate_bench.cpp")
META_BITS = 32


@dataclass(frozen=True)
class Variant:
    """One gate of a bench.

    Args:
        gate: its definition.
        form: parallel or serial.
        edits: file of the RTL, `GATE` for the generated one -> (what to find there, what to write instead): a
            seeded fault.
    """

    gate: Gate
    form: Form = "parallel"
    edits: Mapping[str, tuple[str, str]] | None = None


@dataclass(frozen=True)
class Answer:
    """What came out, one entry per sample; carried: int64 (n, K), no columns where nothing is."""

    meta: np.ndarray
    label: np.ndarray
    leave: np.ndarray
    enable: np.ndarray
    entered: np.ndarray
    shown: np.ndarray
    carried: np.ndarray

    @property
    def lost(self) -> np.ndarray:
        """Samples a reset threw away."""
        return self.meta == 0xFFFFFFFF


def _renamed(text: str, suffix: str) -> str:
    """Every hwgen module of a text with another name: faulty copies live beside sound ones."""
    return text.replace("hwgen_", f"hwgen{suffix}_")


def _planes(values: np.ndarray, bits: int) -> np.ndarray:
    """The lowest bits of each value, one after another, uint8 (n, columns * bits)."""
    shifted = values.astype(np.uint64)[:, :, None] >> np.arange(bits, dtype=np.uint64)
    return (shifted & np.uint64(1)).astype(np.uint8).reshape(len(values), -1)


def _sample_bits(item: RtlGate) -> int:
    return item.logits_bits + item.embedding_bits + item.before_bits


def _top(planned: Sequence[RtlGate], words: int, sums: int) -> str:
    """The bench's top module: every gate on common ports, `gate` says which one is asked."""
    count = len(planned)
    lines = [
        "module bench (input wire clk, input wire rst_n, input wire [15:0] gate,",
        "  input wire s_valid, output logic s_ready,",
        f"  input wire [{32 * words - 1}:0] s_sample, input wire [63:0] s_threshold, input wire s_enable,",
        f"  input wire [{META_BITS - 1}:0] s_meta, output logic m_valid, input wire m_ready,",
        "  output logic [15:0] m_class, output logic m_leave, output logic m_enable,",
        f"  output logic [{META_BITS - 1}:0] m_meta, output logic [{32 * sums - 1}:0] m_carried);",
        f"  logic [{count - 1}:0] ready, valid, leave, enable;",
        f"  logic [15:0] label[{count}]; logic [{META_BITS - 1}:0] meta[{count}];",
        f"  logic [{32 * sums - 1}:0] carried[{count}];",
    ]
    for index, item in enumerate(planned):
        logits, embedding, end = item.logits_bits, item.logits_bits + item.embedding_bits, _sample_bits(item)
        given = f"gate == {index} ? s_sample"
        more = f", .s_embedding({given}[{embedding - 1}:{logits}] : '0)" if embedding > logits else ""
        more += f", .s_carried({given}[{end - 1}:{embedding}] : '0)" if end > embedding else ""
        if item.carried_bits:
            more += f", .m_carried(carried[{index}][{item.carried_bits - 1}:0])"
        if item.carried_bits < 32 * sums:
            lines.append(f"  assign carried[{index}][{32 * sums - 1}:{item.carried_bits}] = '0;")
        # A clock of its own: only the gate that is asked takes time.
        lines.append(
            f"  {item.name} #(.META_BITS({META_BITS})) g{index} (.clk(clk && gate == {index}), .rst_n,"
            f" .s_valid(s_valid && gate == {index}), .s_ready(ready[{index}]),"
            f" .s_logits({given}[{logits - 1}:0] : '0), .s_threshold, .s_enable, .s_meta,"
            f" .m_valid(valid[{index}]), .m_ready(m_ready && gate == {index}),"
            f" .m_class(label[{index}][{item.class_bits - 1}:0]), .m_leave(leave[{index}]),"
            f" .m_enable(enable[{index}]), .m_meta(meta[{index}]){more});"
        )
        if item.class_bits < 16:
            lines.append(f"  assign label[{index}][15:{item.class_bits}] = '0;")
    lines += [
        "  assign s_ready = ready[gate]; assign m_valid = valid[gate]; assign m_leave = leave[gate];",
        "  assign m_enable = enable[gate]; assign m_class = label[gate]; assign m_meta = meta[gate];",
        "  assign m_carried = carried[gate];",
        "endmodule",
    ]
    return "\n".join(lines) + "\n"


class GateBench:
    """A compiled bench.

    Args:
        folder: where it is built.
        variants: its gates.
    """

    def __init__(self, folder: Path, variants: Sequence[Variant]) -> None:
        self.folder = folder
        self.variants = list(variants)
        self.planned: list[RtlGate] = []
        files: dict[str, bytes] = {}
        for index, variant in enumerate(variants):
            planned = rtl_gate(variant.gate, f"gate{index + 1}", "// bench", variant.form)
            self.planned.append(planned)
            suffix = f"{index + 1}" if variant.edits else ""
            for name, content in planned.files.items():
                text = content.decode()
                if variant.edits:
                    file = "GATE" if name == f"{planned.name}.sv" else Path(name).name
                    old, new = variant.edits.get(file, ("", ""))
                    assert text.count(old) >= 1, (name, old)
                    text = _renamed(text.replace(old, new) if old else text, suffix)
                if suffix and name.startswith("gate/"):
                    name = f"fault{suffix}/{Path(name).name}"
                files[name] = text.encode()
        self.words = max(-(-max(map(_sample_bits, self.planned)) // 32), 3)
        self.sums = max(-(-max(item.carried_bits for item in self.planned) // 32), 3)
        files["bench.sv"] = _top(self.planned, self.words, self.sums).encode()
        sources = []
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            sources.append(path)
        self.program = verilator.build(
            sources,
            "bench",
            [MAIN],
            folder / "build",
            compiler_flags=[f"-DBENCH_WORDS={self.words}", f"-DBENCH_SUMS={self.sums}"],
            flags=["-Wno-fatal"],
            timeout=300,
        )

    def run(
        self,
        index: int,
        seen: Seen,
        raws: np.ndarray,
        *,
        enable: np.ndarray | None = None,
        stall_in: float = 0.0,
        stall_out: float = 0.0,
        gap: int = -1,
        seed: int = 1,
        reset_after: int = 0,
        check: bool = True,
    ) -> Answer:
        """Streams samples through one gate.

        Args:
            index: of the gate.
            seen: n samples.
            raws: uint64 (n,), the 64-bit threshold words.
            enable: bool (n,); default: all.
            stall_in: share of cycles in which no sample is offered.
            stall_out: share of cycles in which no answer is taken.
            gap: idle cycles between an answer and the next sample; -1: back to back.
            seed: of the stalls.
            reset_after: samples after which the gate is reset; 0: never.
            check: whether a broken handshake is an error here; otherwise everything counts as lost.
        """
        item, n = self.planned[index], len(seen)
        gate = self.variants[index].gate
        flat = _planes(seen.logits, gate.logits.width)
        if item.embedding_bits and gate.shape.embedding is not None and seen.embedding is not None:
            flat = np.hstack([flat, _planes(seen.embedding, gate.shape.embedding.format.width)])
        if item.before_bits and seen.carried is not None:
            flat = np.hstack([flat, _planes(seen.carried, gate.before_bits)])
        padded = np.zeros((n, 32 * self.words), dtype=np.uint8)
        padded[:, : flat.shape[1]] = flat
        assert flat.shape[1] == _sample_bits(item)
        packed = np.packbits(padded, axis=1, bitorder="little").view("<u4")
        raws = np.asarray(raws, dtype=np.uint64)
        sample = np.empty((n, 4 + self.words), dtype="<u4")
        sample[:, 0] = np.arange(n)
        sample[:, 1] = 1 if enable is None else enable
        sample[:, 2] = raws & np.uint64(0xFFFFFFFF)
        sample[:, 3] = raws >> np.uint64(32)
        sample[:, 4:] = packed
        head = np.array(
            [index, n, round(256 * stall_in), round(256 * stall_out), seed, gap & 0xFFFFFFFF, reset_after],
            dtype="<u4",
        )
        request, answer = self.folder / "request.bin", self.folder / "answer.bin"
        request.write_bytes(head.tobytes() + sample.tobytes())
        result = subprocess.run([self.program, request, answer], capture_output=True, text=True, timeout=120)
        if result.returncode and not check:
            words = np.full((n, 4 + self.sums), 0xFFFFFFFF, dtype="<u4")
        else:
            assert result.returncode == 0, result.stderr
            words = np.fromfile(answer, dtype="<u4").reshape(n, 4 + self.sums)
        word = words[:, 1]
        sums = np.unpackbits(words[:, 4:].copy().view(np.uint8), axis=1, bitorder="little")
        bits = gate.carried_bits
        carried = sums[:, : gate.classes * bits].reshape(n, -1, bits) if bits else sums[:, :0, None]
        return Answer(
            words[:, 0],
            (word & 0xFFFF).astype(np.int64),
            (word >> 16 & 1).astype(bool),
            (word >> 17 & 1).astype(bool),
            words[:, 2].astype(np.int64),
            words[:, 3].astype(np.int64),
            carried @ (1 << np.arange(carried.shape[2], dtype=np.int64)),
        )
