"""Depths and sizes of the gated pipeline: computed, costed, and checked by an independent cycle model."""

from hwgen.rtl.sizes.bounds import check_tag_bits, deadlock_slots, decision_slots, in_flight, meta_depth
from hwgen.rtl.sizes.choose import Plan, Sizes, choose_sizes, cost_of, pipeline_rate, plan_sizes
from hwgen.rtl.sizes.cycles import Run, Stream, draw_exits, run_cycles
from hwgen.rtl.sizes.describe import Pipeline, StageTiming, continues_from_exits
from hwgen.rtl.sizes.memory import Memory, memory
from hwgen.rtl.sizes.table import POINTS, Row, rows

__all__ = [
    "POINTS",
    "Memory",
    "Pipeline",
    "Plan",
    "Row",
    "Run",
    "Sizes",
    "StageTiming",
    "Stream",
    "check_tag_bits",
    "choose_sizes",
    "continues_from_exits",
    "cost_of",
    "deadlock_slots",
    "decision_slots",
    "draw_exits",
    "in_flight",
    "memory",
    "meta_depth",
    "pipeline_rate",
    "plan_sizes",
    "rows",
    "run_cycles",
]
