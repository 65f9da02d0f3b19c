"""From the integer network and its gates to the generated tree."""

from hwgen.firmware.plan import MANIFEST, edited_files, firmware_key, plan_firmware

__all__ = ["MANIFEST", "edited_files", "firmware_key", "plan_firmware"]
