"""Stages as real RTL: da4ml turns small ones, fully unrolled, into adders and multiplexers.

`build_core` takes a stage of the integer network and gives the files of `<stage>_core`, its ports and its
latencies. Nothing outside this package imports da4ml, and this package does so only when a core is built.
"""

from hwgen.rtl.stages.core import StageCore, build_core
from hwgen.rtl.stages.size import LIMIT, check_size, nonzero_macs

__all__ = ["LIMIT", "StageCore", "build_core", "check_size", "nonzero_macs"]
