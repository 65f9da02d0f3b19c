"""What a stage core looks like to the pipeline, wherever its RTL comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Core:
    """Ports and timing of `<stage>_core`. Cycles count from the one that takes a sample's first beat.

    Args:
        stage: name of the stage.
        last: whether it is the last stage: no feature port.
        in_beats, in_bits: beats of a sample, and their width.
        feature_beats, feature_bits: the same of its features; 0 in the last stage.
        z_bits: logits, class 0 lowest, and above them the embedding if the gate reads one.
        interval: cycles between the first beats of two samples.
        feature_cycles: until the first feature beat; 0 in the last stage.
        logit_cycles: until the logits.
        source: where the timing comes from: `estimate` or `rtl_simulation`.
        files: RTL by path; empty for a core that somebody else builds.
    """

    stage: str
    last: bool
    in_beats: int
    in_bits: int
    feature_beats: int
    feature_bits: int
    z_bits: int
    interval: int
    feature_cycles: int
    logit_cycles: int
    source: str
    files: Mapping[str, bytes] = field(default_factory=dict)
