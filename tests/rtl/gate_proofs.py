"""What is proven of the gates and of the tournament in them, and faults that the proofs must find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal, localcontext
from pathlib import Path

from hwgen.criteria import Gate, get_criterion
from hwgen.criteria.exp_table import FRACTION, ExpTable, exp_table
from hwgen.criteria.rtl_block import Form
from hwgen.criteria.score import ScoreGate
from hwgen.fixedpoint import FixedPoint
from hwgen.rtl.gates import rtl_gate
from tests.gates import example_gate, exit_shape
from tests.rtl.formal import Verdict, prove
from tests.rtl.formal_logic import prove_logic
from tests.rtl.proofs import FORMAL, RTL

NODES = ("leader_node", "pick", "top_two_merge")
RULES = {"logit_margin": 0, "score": 1, "margin": 2}
Replaced = Mapping[str, tuple[str, str]]
"""By the name of a file, what is found in it once, and what takes its place."""


@dataclass(frozen=True)
class NodeProof:
    """A module of sim/formal about nodes of the tournament, for all widths up to `most`."""

    wrapper: str
    count: int
    most: int

    def __str__(self) -> str:
        return f"{self.wrapper}-{self.count}-up-to-{self.most}"

    def run(self, folder: Path, replaced: Replaced | None = None) -> Verdict:
        """Proves it, or a damaged copy."""
        texts = {f"{name}.sv": (RTL / "gate" / f"{name}.sv").read_text() for name in NODES}
        files = [*_write(texts, folder, replaced), FORMAL / f"{self.wrapper}.sv"]
        parameters = {"COUNT": self.count, "LEAST": 1, "MOST": self.most}
        return prove_logic(files, f"formal_{self.wrapper}", parameters, folder)


class ShortScore(ScoreGate):
    """`score` with few bits."""

    def _build_table(self) -> ExpTable:
        return exp_table(self.logits, self.temperature, "up", self.fraction)


@dataclass(frozen=True)
class GateProof:
    """A generated gate against its rule.

    Args:
        wrapper: `gate` (in time) or `gate_decision` (registers taken for wires).
        criterion: name.
        classes: K.
        logits: format.
        form: parallel or serial.
        fraction: Q, of `score` only.
        decision: False: the handshake alone.
    """

    wrapper: str
    criterion: str
    classes: int
    logits: FixedPoint
    form: Form = "parallel"
    fraction: int = FRACTION
    decision: bool = True

    def __str__(self) -> str:
        what = "" if self.decision else "-handshake"
        sign = "" if self.logits.signed else "u"
        size = f"{self.classes}x{sign}{self.logits.width}"
        return f"{self.wrapper}-{self.criterion}-{size}-{self.form}-Q{self.fraction}{what}"

    def gate(self) -> Gate:
        """The integer gate."""
        if self.fraction == FRACTION:
            return example_gate(self.criterion, self.logits, self.classes)
        kind = type("Gate", (ShortScore,), {"fraction": self.fraction})
        gate = kind(get_criterion("score"), exit_shape("score", self.logits, self.classes))
        assert isinstance(gate, ScoreGate)
        return gate

    def raw_bits(self) -> int:
        """Width of the raw threshold, by the table of docs/decision.md."""
        if self.criterion == "logit_margin":
            return self.logits.width + 1
        return (self.classes << self.fraction).bit_length() if self.criterion == "score" else FRACTION + 1

    def table(self) -> list[int]:
        """E by distance: ceil(2^Q * exp(-d * u)), at least 1; empty if the rule reads none."""
        if self.criterion == "logit_margin":
            return []
        with localcontext() as context:
            context.prec = 50
            lsb = Decimal(2) ** -self.logits.fraction
            exact = (2**self.fraction * (-lsb * d).exp() for d in range(1 << self.logits.width))
            return [int(value.to_integral_value(ROUND_CEILING)) for value in exact]

    def run(self, folder: Path, replaced: Replaced | None = None) -> Verdict:
        """Proves it, or a damaged copy."""
        planned = rtl_gate(self.gate(), "gate", "// Gate of a proof.", self.form)
        texts = {Path(name).name: text.decode() for name, text in planned.files.items()}
        rules = [FORMAL / f"{name}.sv" for name in ("stream", "progress", "gate_rule", self.wrapper)]
        files = [*_write(texts, folder, replaced), *rules]
        table, bits = self.table(), self.fraction + 1
        packed = sum(entry << (bits * distance) for distance, entry in enumerate(table))
        defines = {"TABLE": f"{bits * len(table)}'h{packed:x}"} if table else {}
        parameters = {
            "CLASSES": self.classes,
            "BITS": self.logits.width,
            "SIGNED": int(self.logits.signed),
            "RULE": RULES[self.criterion],
            "RAW_BITS": self.raw_bits(),
            "ENTRIES": max(1, len(table)),
            "Q": self.fraction,
        }
        top = f"formal_{self.wrapper}"
        if self.wrapper == "gate_decision":
            return prove_logic(files, top, parameters, folder, defines=defines)
        parameters |= {
            "SERIAL": int(self.form == "serial"),
            "LATENCY": planned.latency,
            "DECISION": int(self.decision),
        }
        return prove(files, top, parameters, folder, defines=defines)


@dataclass(frozen=True)
class GateMutant:
    """A fault: `old` becomes `new` in a file, and then one of `assertions` of `proof` fails."""

    name: str
    file: str
    old: str
    new: str
    proof: NodeProof | GateProof
    assertions: tuple[str, ...] = field(default=("right_decision",))

    def __str__(self) -> str:
        return f"{self.file}-{self.name.replace(' ', '-')}"


def _write(texts: Mapping[str, str], folder: Path, replaced: Replaced | None) -> list[Path]:
    """Writes sources, some of them damaged; an error if a damage changes nothing."""
    assert set(replaced or {}) <= set(texts)
    files = []
    for name, text in texts.items():
        old, new = (replaced or {}).get(name, ("", ""))
        if old:
            assert text.count(old) == 1, f"{old!r} is in {name} {text.count(old)} times"
            assert old != new
            text = text.replace(old, new)
        files.append(folder / name)
        files[-1].write_text(text)
    return files


def _small(width: int) -> FixedPoint:
    return FixedPoint(width, width - 1)


NODE = NodeProof("leader_node", 3, 3)
MERGE = NodeProof("top_two_merge", 3, 4)
WHOLE = GateProof("gate_decision", "logit_margin", 3, FixedPoint(5, 3))
TREE = GateProof("gate_decision", "logit_margin", 5, FixedPoint(4, 3))
SCORE = GateProof("gate_decision", "score", 3, FixedPoint(5, 3))
FLOW = GateProof("gate", "logit_margin", 3, _small(3))
SERIAL = GateProof("gate", "logit_margin", 3, _small(2), "serial")
SCORE_SERIAL = GateProof("gate", "score", 3, FixedPoint(2, 1), "serial", 2)

PROOFS: tuple[NodeProof | GateProof, ...] = (
    *(NodeProof("leader_node", count, 24) for count in (1, 2, 3, 4)),
    *(NodeProof("top_two_merge", count, 12) for count in (2, 3, 4)),
    *(GateProof("gate_decision", "logit_margin", classes, FixedPoint(4, 3)) for classes in (2, 3, 4, 5, 6)),
    GateProof("gate_decision", "logit_margin", 3, FixedPoint(4, 3, signed=False)),
    WHOLE,
    SCORE,
    GateProof("gate_decision", "score", 4, FixedPoint(3, 2)),
    FLOW,
    SERIAL,
    GateProof("gate", "score", 3, FixedPoint(2, 1), "parallel", 2),
    SCORE_SERIAL,
    GateProof("gate", "logit_margin", 10, FixedPoint(16, 9), decision=False),
)

MUTANTS = (
    GateMutant("a tie goes to the last", "leader_node.sv", "value[j] > value[i]", "value[j] >= value[i]", NODE, ("lowest_index",)),
    GateMutant("the last is never second", "leader_node.sv", "losses[3] == 2'd1};", "1'b0};", NodeProof("leader_node", 4, 3),
               ("second_to_none", "second_is_another")),
    GateMutant("the second is the first", "leader_node.sv", "m_second  = value[runner_up]", "m_second  = value[m_place]", NODE,
               ("second_is_another",)),
    GateMutant("second lost when the leader changes", "top_two_merge.sv", "beaten_held > own_held ? beaten_held : own_held", "own_held",
               MERGE, ("second_to_none",)),
    GateMutant("the winner's own second lost", "top_two_merge.sv", "beaten_held > own_held ? beaten_held : own_held", "beaten_held",
               MERGE, ("second_to_none",)),
    GateMutant("another group's second", "top_two_merge.sv", ".s_values(s_seconds[3*g*BITS+:SIZE*BITS])",
               ".s_values(s_values[3*g*BITS+:SIZE*BITS])", MERGE, ("second_to_none", "one_that_came")),
    GateMutant("number of another group", "pick.sv", "values[place*BITS+:BITS]", "values[(place ^ 2'd1)*BITS+:BITS]", MERGE,
               ("largest", "lowest_index", "is_its_value", "one_that_came", "second_to_none")),
    GateMutant("more than instead of at least", "logit_margin.sv", "(distance) >= threshold", "(distance) > threshold", WHOLE),
    GateMutant("signs ignored", "logit_margin.sv", "{SIGNED, {", "{1'b0, {", WHOLE, ("right_class", "right_decision")),
    GateMutant("second lost in the tree", "top_two_merge.sv", "beaten_held > own_held ? beaten_held : own_held", "own_held", TREE),
    GateMutant("enable ignored", "gate.sv", "s_enable && s_threshold[63", "s_threshold[63", WHOLE),
    GateMutant("wide threshold cut", "gate.sv", "s_threshold[63:THRESHOLD_BITS] == '0", "1'b1", WHOLE),
    GateMutant("less than instead of at most", "score.sv", "sum <= threshold", "sum < threshold", SCORE),
    GateMutant("one class not added", "sum.sv", "low + high", "low", SCORE),
    GateMutant("the next entry", "bin_index.sv", "INDEX_BITS'(distance >> SHIFT)", "INDEX_BITS'(distance >> SHIFT) + 1'b1", SCORE),
    GateMutant("moves without room", "pace.sv", "ready[i+1] || !valid[i]", "1'b1", FLOW,
               ("in_order_unchanged", "offer_stands", "right_decision", "right_class", "no_overflow", "right_enable")),
    GateMutant("lost while it waits", "pace.sv", "(valid & ~ready)", "'0", FLOW,
               ("in_order_unchanged", "offer_stands", "refused_only_when_full", "in_time")),
    GateMutant("ready lost", "pace.sv", "ready[STAGES-1] = m_ready || !valid[STAGES-1]", "ready[STAGES-1] = m_ready && valid[STAGES-1]",
               FLOW, ("in_time", "refused_only_when_full")),
    GateMutant("loads at any time", "delay.sv", "if (load[i])", "if (1'b1)", FLOW,
               ("in_order_unchanged", "offer_stands", "right_class", "right_decision", "right_enable")),
    GateMutant("threshold of the next sample", "logit_margin.sv", "load[LATENCY-1]", "load[LATENCY-2]", FLOW,
               ("right_class", "right_decision", "offer_stands")),
    GateMutant("last of a tie", "logit_margin_serial.sv", "value > first", "value >= first", SERIAL, ("right_class",)),
    GateMutant("second lost when it leads", "logit_margin_serial.sv", "leads ? first : value", "value", SERIAL),
    GateMutant("second overwritten", "logit_margin_serial.sv", "(leads || value > second)", "1'b1", SERIAL),
    GateMutant("taken before it is decided", "logit_margin_serial.sv", "s_ready   = m_valid && m_ready", "s_ready   = m_ready", SERIAL,
               ("taken_with_its_decision",)),
    GateMutant("decision before the last entry", "scan_serial.sv", "moves[1:0] == 2'b00", "1'b1", SCORE_SERIAL),
    GateMutant("sum not started again", "exp_sum_serial.sv", "if (clears) m_sum <= SUM_BITS'(SUM_START);\n        else if", "if", SCORE_SERIAL),
)  # fmt: skip
