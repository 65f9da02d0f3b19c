"""Reports that no run of the firmware's scripts vouches for: what they say, and nothing more.

Nobody knows which firmware they are of, so they are shown and never become figures of a recipe.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hwgen.errors import ReportError, UsageError
from hwgen.vendor.reports import PARSERS, kind_of, parse_report
from hwgen.vendor.rows import SECTIONS, cosim_rows, csynth_rows, resources_row, whole_row
from hwgen.vendor.status import FOLDER as STATUS
from hwgen.vendor.status import statuses

SOURCES = {
    "synthesised": "vivado_synth",
    "optimised": "vivado_opt",
    "placed": "vivado_placed",
    "routed": "vivado_routed",
    "": "vivado",
}
"""State of a design in Vivado -> source of its figures; timing reports before 2021 do not say the state."""
_SUFFIXES = (".rpt", ".xml", ".app", ".txt")
_NAMES = {"csynth.xml": r"csynth\.xml$", "csynth.rpt": r"csynth\.rpt$", "cosim.rpt": r"cosim\.rpt$"}
"""Report -> names that the tools give to nothing else."""


def _refuse_runs(path: Path) -> None:
    """The status of a run says whether its reports can be used; here nobody would look at it."""
    below = path.rglob(STATUS) if path.is_dir() else ()
    above = (folder / STATUS for folder in path.resolve().parents)
    for folder in (*below, *above):
        try:
            found = statuses(folder.parent)
        except (ReportError, OSError):  # another program's folder of this name
            continue
        if found:
            raise UsageError(str(path), "belongs to a run of the firmware's scripts", f"name {folder.parent}")


def _parsed(path: Path, where: str, *, named: bool) -> dict[str, Any] | None:
    """The report in a file; None if it is none and nothing says that it should be one."""
    try:
        text = path.read_text(errors="replace")
    except OSError as error:
        raise ReportError(where, f"cannot be read ({error.strerror})", "make it readable") from error
    if kind_of(text) is None:
        meant = next((kind for kind, name in _NAMES.items() if re.search(name, path.name)), None)
        if not text.strip() and (named or meant is not None or path.suffix == ".rpt"):
            raise ReportError(where, "is empty", "run the tool again")
        if meant is not None:
            return PARSERS[meant][1](text, where)
        if not named:
            return None
    return parse_report(text, where)


def _rows(found: dict[str, Any], name: str) -> tuple[str | None, dict[str, list[dict[str, Any]]]]:
    """Source of the figures, and the rows by section."""
    kind = found["kind"]
    block = found.get("top") or found.get("design") or re.sub(r"_?(cosim|csynth)\.\w+$", "", name) or name
    if kind == "csynth":
        return kind, csynth_rows(found, block)
    if kind == "cosim":
        return kind, cosim_rows(found, block)
    if kind == "project":
        return None, {}
    source = SOURCES[found["state"]]
    if kind == "utilisation":
        return source, {"resources": [resources_row(found["resources"], block, source, block)]}
    return source, {kind: [whole_row(found, block, source)]}


def read_loose(path: Path) -> dict[str, Any]:
    """What reports say, whatever made them.

    Args:
        path: one report, or a folder with any number of them below.
    Returns:
        `firmware_sha256` None; `reports` (file, kind, source, tool, version, part, top); the sections of `vendor.json`
        (`resources`, with `uram` too, `latency`, `timing`, `power`, `cosim`: all of them lists), each row with its
        `file`; `unrecognised`: files named like reports that are none of those known here; `refused` (file, problem,
        remedy): cut short, damaged or too old, so that nothing is read of them.
    Raises:
        ReportError: the one file cannot be used.
        UsageError: no such file or folder, no report, or reports of runs whose status is to be read.
    """
    if not path.exists():
        raise UsageError(str(path), "is not there", "name a folder or a report")
    _refuse_runs(path)
    whole = path.is_dir()
    files = sorted(file for file in path.rglob("*") if file.suffix in _SUFFIXES) if whole else [path]
    document: dict[str, Any] = {"firmware_sha256": None, "reports": [], **{name: [] for name in SECTIONS}}
    document |= {"unrecognised": [], "refused": []}
    for file in filter(Path.is_file, files):
        where = file.relative_to(path).as_posix() if whole else str(path)
        try:
            found = _parsed(file, where, named=not whole)
        except ReportError as error:
            if not whole:
                raise
            document["refused"].append({"file": where, "problem": error.problem, "remedy": error.remedy})
            continue
        if found is None:
            if file.suffix == ".rpt":
                document["unrecognised"].append(where)
            continue
        source, rows = _rows(found, file.name)
        about = {key: found.get(key) for key in ("tool", "version", "part")}
        top = found.get("top") or found.get("design")
        document["reports"].append(
            {"file": where, "kind": found["kind"], "source": source, **about, "top": top}
        )
        for row in rows.get("resources", ()):
            row["uram"] = found["resources"]["uram"]
        for section, entries in rows.items():
            document[section] += [{**row, "file": where} for row in entries]
    if not document["reports"] and not document["refused"]:
        raise UsageError(
            str(path),
            "holds neither runs of the firmware's scripts nor a report of the vendor's tools",
            f"known are {', '.join(PARSERS)}",
        )
    return document
