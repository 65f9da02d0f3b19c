"""From the integer network and its gates to the generated tree."""

from hwgen.firmware.plan import edited_files, firmware_key, plan_firmware

__all__ = ["edited_files", "firmware_key", "plan_firmware"]
