"""Control registers of the pipeline: from one SystemRDL source to RTL, C header, driver and page."""

from hwgen.rtl.control.files import control_files
from hwgen.rtl.control.shape import ControlShape

__all__ = ["ControlShape", "control_files"]
