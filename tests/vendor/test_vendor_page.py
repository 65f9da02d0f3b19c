"""docs/vendor-flow.md says what the code does: its tables are printed from the one definition."""

from __future__ import annotations

import re
from pathlib import Path

from hwgen.firmware.scripts import FIXED
from hwgen.material import material
from hwgen.vendor.imports import REPORTS, SOURCES
from hwgen.vendor.reports.text import OLDEST
from hwgen.vendor.tools import OVERRIDES
from hwgen.vendor.versions import STEPS, UNIFIED_KEYS, table_rows

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "vendor-flow.md").read_text()


def block(name: str) -> list[list[str]]:
    """Cells of the table between two marks, without its head."""
    text = re.search(rf"<!-- {name}:begin -->\n(.*?)<!-- {name}:end -->", PAGE, re.DOTALL)
    assert text is not None
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text[1].strip().splitlines()][
        2:
    ]


def test_the_table_of_versions_is_the_one_in_the_code() -> None:
    assert block("versions") == [list(row) for row in table_rows()]


def test_the_keys_of_the_configuration_file() -> None:
    assert block("keys") == [[f"`{tcl}`", f"`{key}`"] for tcl, key in UNIFIED_KEYS.items()]


def test_names_on_the_page_exist() -> None:
    for name in (*FIXED, "unified.sh", "design.tcl", "Makefile"):
        assert f"`{name}`" in PAGE
    for variable in OVERRIDES.values():
        assert f"`{variable}`" in PAGE
    for step in STEPS:
        assert f"`{step}`" in PAGE
    for reports in REPORTS.values():
        for report in reports:
            assert f"`{report}`" in PAGE
    for source in (*SOURCES.values(), "csynth", "cosim"):
        assert f"| `{source}` |" in PAGE
    assert f"older than {OLDEST[0]}.{OLDEST[1]}" in PAGE


def test_the_calls_of_both_drivers_are_there() -> None:
    folder = material("firmware_templates") / "rtl" / "generated"
    header, python = ((folder / f"host_driver{end}.j2").read_text() for end in (".h", ".py"))
    pairs = re.findall(r"\| `(hwgen_\w+)` \| `(\w+)` \|", PAGE)
    assert len(pairs) == 7
    for c, name in pairs:
        assert re.search(rf"\b{c}\(", header) and f"def {name}(" in python and c == f"hwgen_{name}"
    declared = set(re.findall(r"^\w+ (hwgen_(?!mmio)\w+)\(", header, re.MULTILINE))
    assert declared == {c for c, _ in pairs}
    assert {
        f"hwgen_{name}" for name in re.findall(r"^    def ([a-z]\w+)\(", python, re.MULTILINE)
    } == declared


def test_no_path_is_cut_anywhere() -> None:
    """What the page says of clocks holds for every script and template."""
    folder = material("firmware_templates")
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix in (".tcl", ".j2", ".xdc"):
            for command in ("set_false_path", "set_clock_groups", "set_multicycle_path"):
                assert command not in path.read_text(), path
