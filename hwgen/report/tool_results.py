"""What synthesis tools said of this firmware, and of no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hwgen.errors import UsageError
from hwgen.synth import load_results, resource_rows
from hwgen.synth.results import FILE, FOLDER
from hwgen.vendor.imports import FILE as VENDOR_FILE
from hwgen.vendor.results import read_vendor

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class ToolResults:
    """Results that lie in an output folder.

    Args:
        rows: of the open tool, one per block; None without.
        vendor: content of vendor.json; None without.
        current: whether the firmware is of the recipe that is reported, so that its estimates can be compared.
        warnings: about results that are left out.
    """

    rows: Rows | None = None
    vendor: dict[str, Any] | None = None
    current: bool = True
    warnings: list[str] = field(default_factory=list)


def read_tool_results(out: Path, is_current: Callable[[], bool] = lambda: True) -> ToolResults:
    """Reads them.

    Args:
        out: holds `firmware` and, after `hwgen synth` or `hwgen import-reports`, `synthesis`.
        is_current: answers `ToolResults.current`; asked only if there is something to compare.
    """
    warnings: list[str] = []

    def kept(what: str, name: str, read: Callable[[], dict[str, Any] | None]) -> dict[str, Any] | None:
        try:
            return read()
        except UsageError as error:
            warnings.append(f"{what}: {FOLDER}/{name} {error.problem} and is left out; {error.remedy}")
            return None

    counted = kept("resources", FILE, lambda: load_results(out, out / "firmware" / "pipeline"))
    vendor = kept("vendor", VENDOR_FILE, lambda: read_vendor(out))
    current = vendor is None or is_current()
    if not current:
        warnings.append(
            "vendor: firmware/ is of other inputs than this recipe, so nothing is compared with estimates"
        )
    return ToolResults(None if counted is None else resource_rows(counted), vendor, current, warnings)
