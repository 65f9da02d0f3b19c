"""What is proven of the controller's blocks, and faults that the proofs must find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hwgen.material import material

RTL = material("firmware_templates") / "rtl"
FORMAL = material("sim") / "formal"
CONTROLLER = (
    "fifo", "clock_gate", "feature_buffer", "stage_shell", "exit_router", "result_merge", "reorder", "watchdog",
    "entrance_beat",
)  # fmt: skip
BLOCKS = (
    *CONTROLLER, "vendor/beat_adapter", "vendor/beat_fork", "vendor/element_join", "vendor/sample_count",
)  # fmt: skip


@dataclass(frozen=True)
class Proof:
    """One module of sim/formal with its parameters; unbounded."""

    wrapper: str
    parameters: Mapping[str, int] = field(default_factory=dict)
    edges: bool = False

    def __str__(self) -> str:
        return "-".join([self.wrapper, *(f"{name}{value}" for name, value in self.parameters.items())])

    @property
    def top(self) -> str:
        return f"formal_{self.wrapper}"


@dataclass(frozen=True)
class Mutant:
    """A fault: `old` becomes `new` in a block, and then `assertion` of `proof` fails."""

    name: str
    block: str
    old: str
    new: str
    proof: Proof
    assertion: str

    def __str__(self) -> str:
        return f"{Path(self.block).name}-{self.name.replace(' ', '-')}"


def sources(proof: Proof, replaced: Mapping[str, Path] | None = None) -> list[Path]:
    """All files a proof reads; some blocks may be replaced."""
    blocks = [(replaced or {}).get(name, RTL / f"{name}.sv") for name in BLOCKS]
    core = material("sim") / "rtl" / "toy_core.sv"
    return [*blocks, core, FORMAL / "stream.sv", FORMAL / "progress.sv", FORMAL / f"{proof.wrapper}.sv"]


FIFO = Proof("fifo", {"DEPTH": 3})
BUFFER = Proof("feature_buffer", {"SLOTS": 2, "BEATS": 1})
BEATS = Proof("feature_buffer", {"SLOTS": 2, "BEATS": 2})
SHELL = Proof("stage_shell", {"GATING": 2, "WAKE": 1, "HYSTERESIS": 1})
SHELL_BEATS = Proof("stage_shell", {"GATING": 2, "WAKE": 0, "IN_BEATS": 2})
ROUTER = Proof("exit_router", {"LAST": 0})
LAST_ROUTER = Proof("exit_router", {"LAST": 1})
MERGE = Proof("result_merge", {"EXITS": 2, "EXIT_DEPTH": 2, "OUT_DEPTH": 2})
REORDER = Proof("reorder", {"DEPTH": 3})
WATCHDOG = Proof("watchdog", {"LIMIT": 3})
CLOCK_GATE = Proof("clock_gate", edges=True)
STAGE = Proof("stage", {"GATING": 2, "WAKE": 1})
SHELL_CLOCK = Proof("shell_clock", {"WAKE": 1, "HYSTERESIS": 1}, edges=True)
JOIN = Proof("element_join", {"HOLDS": 2})
GATHER = Proof("beats", {"S_BEATS": 2, "M_BEATS": 1})
ENTRANCE = Proof("entrance_beat", {"BEATS": 3})
SPLIT = Proof("beats", {"S_BEATS": 1, "M_BEATS": 2})

PROOFS = (
    *(Proof("fifo", {"DEPTH": depth}) for depth in (1, 2, 3, 4)),
    # As deep as a buffer between two stages becomes (MOST_SLOTS), and in between; without the words.
    *(Proof("fifo", {"DEPTH": depth, "WIDTH": 1, "WORDS": 0}) for depth in (5, 16, 33, 64)),
    ROUTER,
    LAST_ROUTER,
    CLOCK_GATE,
    Proof("stage_shell", {"GATING": 0}),
    Proof("stage_shell", {"GATING": 0, "IN_FLIGHT": 1, "IN_BEATS": 3}),
    Proof("stage_shell", {"GATING": 2, "HAS_BUFFER": 0}),
    Proof("stage_shell", {"GATING": 2, "WAKE": 2, "HYSTERESIS": 2, "IN_FLIGHT": 3}),
    SHELL,
    SHELL_BEATS,
    # Every phase of coming up and of running on: none, one cycle, several; one longer than the other.
    *(
        Proof("stage_shell", {"GATING": 2, "WAKE": wake, "HYSTERESIS": hysteresis})
        for wake in (0, 1, 3)
        for hysteresis in (0, 2, 3)
    ),
    *(
        Proof("shell_clock", {"WAKE": wake, "HYSTERESIS": hysteresis}, edges=True)
        for wake, hysteresis in ((0, 0), (3, 0), (0, 3), (2, 3))
    ),
    SHELL_CLOCK,
    BUFFER,
    BEATS,
    Proof("feature_buffer", {"SLOTS": 1, "BEATS": 3}),
    Proof("feature_buffer", {"SLOTS": 3, "BEATS": 1}),
    Proof("result_merge", {"EXITS": 1}),
    Proof("result_merge", {"EXITS": 2, "EXIT_DEPTH": 1, "OUT_DEPTH": 1}),
    MERGE,
    Proof("result_merge", {"EXITS": 3, "EXIT_DEPTH": 1, "OUT_DEPTH": 2}),
    *(Proof("reorder", {"DEPTH": depth}) for depth in (1, 2, 3, 4)),
    Proof("watchdog", {"LIMIT": 1}),
    WATCHDOG,
    Proof("entrance_beat", {"BEATS": 2}),
    ENTRANCE,
    Proof("entrance_beat", {"BEATS": 36}),
    JOIN,
    Proof("element_join", {"HOLDS": 3, "IN_BEATS": 2}),
    GATHER,
    SPLIT,
    *(Proof("beats", {"S_BEATS": beats, "M_BEATS": others}) for beats, others in ((4, 1), (1, 4))),
    Proof("stage", {"GATING": 0, "WAKE": 0}),
    STAGE,
)

MUTANTS = (
    Mutant("counts on after an early end", "entrance_beat", "next_beat = (last_beat | tlast) ? '0 : sound_beat + 1'b1",
           "next_beat = last_beat ? '0 : sound_beat + 1'b1", ENTRANCE, "knows_the_beat"),
    Mutant("drops a whole sample", "entrance_beat", "if (flush) next_dropping = ~first_beat", "if (flush) next_dropping = 1'b1",
           ENTRANCE, "drops_what_is_broken"),
    Mutant("never ends dropping", "entrance_beat", "else if (taken & (last_beat | tlast)) next_dropping", "else if (taken & tlast) next_dropping",
           ENTRANCE, "drops_what_is_broken"),
    Mutant("last beat cuts short", "entrance_beat", "cut_short = taken & tlast & ~last_beat", "cut_short = taken & tlast",
           ENTRANCE, "cut_short_if_early"),
    Mutant("full too late", "fifo", "s_ready = count != COUNT_BITS'(DEPTH)", "s_ready = count <= COUNT_BITS'(DEPTH)",
           FIFO, "low_only_when_full"),
    Mutant("full too early", "fifo", "s_ready = count != COUNT_BITS'(DEPTH)", "s_ready = count < COUNT_BITS'(DEPTH - 1)",
           FIFO, "low_only_when_full"),
    Mutant("wrong pointer after the turn", "fifo", "next_write = (write_at == LAST) ? '0", "next_write = (write_at == LAST) ? 1",
           FIFO, "in_order_unchanged"),
    Mutant("moves without ready", "fifo", "assign pop = m_valid & m_ready", "assign pop = m_valid", FIFO, "counts"),
    Mutant("valid waits for ready", "fifo", "assign m_valid = count != '0", "assign m_valid = (count != '0) & m_ready",
           FIFO, "offered_at_once"),
    Mutant("stale after reset", "fifo", "if (!rst_n) count <= '0;\n        else count", "count", FIFO, "counts"),
    Mutant("stays counts as leaves", "exit_router", "assign k_keep = ~d_leave", "assign k_keep = d_leave", ROUTER, "opposite"),
    Mutant("both ways", "exit_router", "assign r_valid = d_valid & d_leave & ~r_done", "assign r_valid = d_valid & ~r_done",
           ROUTER, "result_iff_it_leaves"),
    Mutant("result twice", "exit_router", "assign r_valid = d_valid & d_leave & ~r_done", "assign r_valid = d_valid & d_leave",
           ROUTER, "never_twice"),
    Mutant("lost ready", "exit_router", "(~d_leave | r_done | r_ready)", "(~d_leave | r_ready)", ROUTER, "never_waits_for_nothing"),
    Mutant("result not waited for", "exit_router", "(~d_leave | r_done | r_ready) & ", "", ROUTER, "result_iff_it_leaves"),
    Mutant("abstains when it leaves", "exit_router", "d_enable & ~d_leave", "d_enable", LAST_ROUTER, "contents"),
    Mutant("enable cuts a pulse", "clock_gate", "gclk = clk & open", "gclk = clk & enable", CLOCK_GATE, "whole_phase"),
    Mutant("latch open in the wrong phase", "clock_gate", "if (!clk) open", "if (clk) open", CLOCK_GATE, "whole_phase"),
    Mutant("enable cuts a pulse of the core", "clock_gate", "gclk = clk & open", "gclk = clk & enable", SHELL_CLOCK, "same_register"),
    Mutant("no gate at all", "clock_gate", "gclk = clk & open", "gclk = clk", SHELL_CLOCK, "same_register"),
    Mutant("takes while it is full", "vendor/beat_adapter", "s_ready = ~m_valid | m_ready", "s_ready = 1'b1", GATHER, "offer_stands"),
    Mutant("a beat skipped", "vendor/beat_adapter", "sample <= sample >> BITS", "sample <= sample", SPLIT, "own_beats"),
    Mutant("offered again", "vendor/beat_fork", "s_ready ? '0 : taken | m_ready", "'0", GATHER, "never_twice"),
    Mutant("one taker is enough", "vendor/beat_fork", "s_ready = &(taken | m_ready)", "s_ready = |(taken | m_ready)", GATHER, "to_all"),
    Mutant("offered half", "vendor/element_join", "m_valid = &there", "m_valid = |there", JOIN, "offered_when_complete"),
    Mutant("one sample too many", "vendor/sample_count", "(answers != COUNT_BITS'(HOLDS)) &", "", JOIN, "inside_at_most"),
    Mutant("not busy while it waits", "vendor/sample_count", "~first | (answers != '0)", "~first | (answers > 1)", JOIN, "tells"),
    Mutant("sample lost on the way to the core", "stage_shell", "next_waiting = take | (waiting & ~give)", "next_waiting = take", STAGE, "its_class"),
    Mutant("clock off too early", "stage_shell", "assign needed = take | active", "assign needed = take | core_busy",
           SHELL_BEATS, "runs_while_busy"),
    Mutant("clock off before the core has ended", "stage_shell", "active = waiting | meta_valid | core_busy",
           "active = waiting | meta_valid", SHELL_BEATS, "tells"),
    Mutant("clock never off", "stage_shell", "end else if (needed) begin", "end else if (needed | on) begin", SHELL, "stops"),
    Mutant("beat before the clock is up", "stage_shell", "core_s_valid = waiting & awake", "core_s_valid = waiting", SHELL,
           "warm"),
    Mutant("clock off in reset", "stage_shell", "core_clk_on = on | ~rst_n", "core_clk_on = on", SHELL, "runs_in_reset"),
    Mutant("beat overwritten", "stage_shell", "s_ready = (~waiting | give)", "s_ready = (~waiting | core_s_ready)", SHELL,
           "in_order_unchanged"),
    Mutant("operands move", "stage_shell", "if (take) core_s_data", "if (s_valid) core_s_data", SHELL, "operands_stand"),
    Mutant("two reservations", "stage_shell", " & room & ~held", " & room", SHELL, "one_each"),
    Mutant("no reservation", "stage_shell", "assign place = held | reserve_ready", "assign place = 1'b1", SHELL, "reserved"),
    Mutant("meta of every beat", "stage_shell", ".s_valid(take & first)", ".s_valid(take)", SHELL_BEATS, "tells"),
    Mutant("dropped slot not freed", "feature_buffer", "if (drop && decide_slot", "if (decide && d_keep && decide_slot", BUFFER,
           "refused_only_when_all_are_used"),
    Mutant("committed slot freed", "feature_buffer", "if (drop && decide_slot", "if (decide && decide_slot", BUFFER, "refused_only_when_all_are_used"),
    Mutant("read slot stays taken", "feature_buffer", "if (fetched && read_slot", "if (1'b0 && read_slot", BUFFER,
           "refused_only_when_all_are_used"),
    Mutant("freed at the first beat", "feature_buffer", "if (fetched && read_slot", "if (fetch && read_slot", BEATS,
           "refused_only_when_all_are_used"),
    Mutant("output overwritten", "feature_buffer", "fetch = read_valid & (~m_valid | m_ready)", "fetch = read_valid", BUFFER,
           "own_features"),
    Mutant("dropped is committed", "feature_buffer", ".s_valid(decide & d_keep)", ".s_valid(decide)", BUFFER, "refused_only_when_all_are_used"),
    Mutant("complete at the first beat", "feature_buffer", "written = write & (write_beat == LAST_BEAT)", "written = write", BEATS,
           "decided_only_when_complete"),
    Mutant("read in the wrong slot", "feature_buffer", "memory[address(read_slot, read_beat)]",
           "memory[address(decide_slot, read_beat)]", BUFFER, "own_features"),
    Mutant("fixed priority", "result_merge", "waiting[k-1] & after[k-1]", "waiting[k-1] & ~waiting[k-1]", MERGE, "in_time"),
    Mutant("grants without room", "result_merge", ".m_ready(grant[k] & ready)", ".m_ready(grant[k])", MERGE, "in_order_unchanged"),
    Mutant("admits one too many", "reorder", "admit_ready = ~out[i]", "admit_ready = ~out[i] | here[i]", REORDER,
           "number_is_its_own"),
    Mutant("overtakes", "reorder", "if (head == SEQ_BITS'(i)) m_valid = here[i]", "if (s_seq == SEQ_BITS'(i)) m_valid = here[i]", REORDER,
           "at_once"),
    Mutant("head does not turn", "reorder", "next_head = leave ? after(head)", "next_head = leave ? head + 1'b1", REORDER,
           "at_once"),
    Mutant("counts blocked cycles", "watchdog", "still = busy & ~moved & ~blocked", "still = busy & ~moved", WATCHDOG,
           "not_too_early"),
    Mutant("forgets", "watchdog", "stuck <= (clear ? '0 : stuck)", "stuck <= '0", WATCHDOG, "stays"),
    Mutant("flush stays", "watchdog", "flush <= ~flush & (", "flush <= (", WATCHDOG, "says_so"),
    Mutant("one tick too early", "watchdog", "tick ? (quiet & still) : '0", "tick ? still : '0", WATCHDOG, "not_too_early"),
    Mutant("drops when it should keep", "exit_router", "assign k_keep = ~d_leave", "assign k_keep = d_leave", STAGE, "none_lost"),
    Mutant("clock off under a stalled core", "stage_shell", "assign needed = take | active", "assign needed = take", STAGE,
           "runs_while_busy"),
    Mutant("decides twice", "exit_router", "assign k_valid = d_valid & ~k_done", "assign k_valid = d_valid", STAGE, "its_features"),
    Mutant("leaves and goes on", "exit_router", "assign r_valid = d_valid & d_leave & ~r_done", "assign r_valid = d_valid & ~r_done", STAGE,
           "result_once"),
    Mutant("lost valid", "stage_shell", "z_valid = core_z_valid & meta_valid", "z_valid = core_z_valid & meta_valid & s_valid", STAGE, "its_features"),
)  # fmt: skip
