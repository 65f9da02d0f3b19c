"""From a folder of runs to figures with their source; what failed, or is of other firmware, gives none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hwgen.errors import ReportError, UsageError
from hwgen.vendor.reports import parse_report
from hwgen.vendor.rows import cosim_rows, csynth_rows, resources_row, whole_row
from hwgen.vendor.status import DONE, OUTDATED, Status, statuses, written
from hwgen.vendor.status import FOLDER as STATUS
from hwgen.vendor.versions import PIPELINE, REPORT_FOLDERS

FOLDER, FILE = "synthesis", "vendor.json"
"""Below an output folder: what was imported."""
TOP = "hwgen_pipeline"
SOURCES = {"synth": "vivado_synth", "impl": "vivado_routed"}
"""Step in Vivado -> source of its figures."""
REPORTS = {
    "synth": {"utilisation_synth.rpt": "utilisation"},
    "impl": {
        "utilisation_routed.rpt": "utilisation",
        "timing_routed.rpt": "timing",
        "power_routed.rpt": "power",
    },
}
"""Step -> what scripts/vivado.tcl writes below `reports/` before it says that the step is done, and of which kind."""
STATES = {"synth": "synthesised", "impl": "routed"}
"""Step -> state of the design in Vivado."""
_DEPTHS = (".", "*", "*/*", "*/*/*")
_AGAIN = "run the step again"


def run_folders(folder: Path) -> list[Path]:
    """Folders of runs at or up to three levels below a folder: those that hold a status."""
    found = {path.parent for depth in _DEPTHS for path in folder.glob(f"{depth}/{STATUS}") if path.is_dir()}
    return sorted(found)


def _parsed(path: Path, root: Path, kind: str) -> dict[str, Any]:
    where = str(path.relative_to(root))
    try:
        text = path.read_text(errors="replace")
    except OSError as error:
        raise ReportError(where, f"cannot be read ({error.strerror})", _AGAIN) from error
    found = parse_report(text, where)
    if found["kind"] != kind:
        raise ReportError(where, f"is a report of {found['kind']}, not of {kind}", _AGAIN)
    return found


def _bare(part: str) -> str:
    """A part as tools write it in their different ways: xc7z020-clg400-1, xc7z020clg400-1, 7z020clg400-1."""
    return re.sub(r"^x[acq]|-", "", part.lower())


def _check_part(where: str, found: str | None, part: str) -> None:
    """Timing reports leave the speed grade out, so a beginning is enough."""
    if found and not _bare(part).startswith(_bare(found)) and not _bare(found).startswith(_bare(part)):
        raise ReportError(where, f"is of part {found}, the firmware is for {part}", _AGAIN)


def _report(folder: Path, block: str, name: str) -> Path:
    """A report of a block; both roads may have left something in its folder."""
    paths = [folder / block / solution / name for solution in REPORT_FOLDERS.values()]
    return next((path for path in paths if path.is_file()), paths[0])


def _csynth(folder: Path, root: Path, block: str, part: str) -> dict[str, Any]:
    path = _report(folder, block, f"syn/report/{block}_csynth.xml")
    found = _parsed(path, root, "csynth")
    where = str(path.relative_to(root))
    if found["top"] != block:
        raise ReportError(where, f"is of the top {found['top']}, not of {block}", _AGAIN)
    _check_part(where, found["part"], part)
    return csynth_rows(found, block)


def _cosim(folder: Path, root: Path, block: str) -> dict[str, Any]:
    path = _report(folder, block, f"sim/report/{block}_cosim.rpt")
    return cosim_rows(_parsed(path, root, "cosim"), block)


def _instance_rows(where: str, found: Mapping[str, Any], source: str) -> list[dict[str, Any]]:
    """Blocks of the pipeline are the instances in its top; the top's own logic is the entrance."""
    rows = []
    for entry in found["instances"]:
        if entry["depth"] == 1:
            own = entry["instance"].startswith("(")
            name = "entrance" if own else entry["instance"].removesuffix("_i")
            rows.append(resources_row(entry["resources"], name, source, PIPELINE))
    if not rows:
        raise ReportError(where, "is not by instance", "write it with -hierarchical")
    return rows


def _vivado(folder: Path, root: Path, step: str, part: str) -> dict[str, Any]:
    read: dict[str, Any] = {"resources": [], "timing": []}
    source, state = SOURCES[step], STATES[step]
    for name, kind in REPORTS[step].items():
        path = folder / "reports" / name
        where = str(path.relative_to(root))
        found = _parsed(path, root, kind)
        _check_part(where, found["part"], part)
        if found["design"] != TOP:
            raise ReportError(where, f"is of the design {found['design']}, not of {TOP}", _AGAIN)
        if found["state"] not in ("", state):  # old timing reports do not say it
            raise ReportError(where, f"is of a design that was {found['state']}, not {state}", _AGAIN)
        if kind == "utilisation":
            read["resources"] += _instance_rows(where, found, source)
            continue
        row = whole_row(found, PIPELINE, source)
        read[kind] = [row] if kind == "timing" else row
    return read


def _refuse_foreign(found: Sequence[tuple[Path, Status]], firmware: str) -> None:
    for folder, status in found:
        if status.firmware != firmware:
            raise ReportError(
                str(folder / STATUS / status.name),
                f"is of firmware {status.firmware[:16]}, this tree is {firmware[:16]}",
                "run its scripts again, or name the folder of this tree's runs",
            )


def _refuse_twice(found: Sequence[tuple[Path, Status]]) -> None:
    first: dict[str, Path] = {}
    for folder, status in found:
        other = first.setdefault(status.name, folder)
        if other != folder:
            raise UsageError(
                str(folder / STATUS / status.name), f"was run in {other} too", "name one of the two folders"
            )


def _outdated(
    found: Sequence[tuple[Path, Status]], keys: Mapping[str, str], needs: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """Names of the steps run by hwgen whose input is other now -> why. Copies of runs by hand keep no times."""
    ran = {status.name: status for _, status in found if status.key}
    times = {status.name: written(runs, status.name) for runs, status in found}
    reasons: dict[str, str] = {}

    def known(name: str) -> Iterator[str]:
        for need in needs.get(name, ()):
            if need in times:
                yield need
            else:  # a synthesis takes away the export that rested on the one before
                yield from known(need)

    def look(name: str) -> None:
        before = list(known(name))
        for need in before:
            look(need)
        if name in ran and keys.get(name, ran[name].key) != ran[name].key:
            reasons[name] = "the firmware was edited since"
        elif name in ran:
            newer = [need for need in before if need in reasons or times[need] > times[name]]
            if newer:
                reasons[name] = f"{newer[0].replace('.', ' ')} was run again since, or is outdated"

    for name in ran:
        look(name)
    return reasons


def import_runs(
    folder: Path,
    firmware: str,
    part: str,
    keys: Mapping[str, str] | None = None,
    needs: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Any]:
    """Figures of all steps below a folder that are done.

    Args:
        folder: where scripts ran, or up to three levels above.
        firmware: hash that the tree states of its inputs.
        part: that the firmware is for.
        keys: what a step that hwgen ran would read now, as a hash, by `block.step`: an edited tree has others.
        needs: names of the steps whose results such a step reads, by `block.step`.
    Returns:
        `runs` (block, step, state, tool, message), `resources` (block, lut, ff, dsp, bram_18k, source, of: the
        design that the block was built in), `latency` (block, min, max, interval in cycles, clock_ns, source),
        `timing`, `power`, `cosim` (block, passed). A step that failed, was cancelled, is running or outdated is
        listed in `runs` alone.
    Raises:
        UsageError: nothing was run there, or no step is done.
        ReportError: a run is of other firmware, or its report is missing, damaged, or of something else; nothing
            is imported then.
    """
    found = [(runs, status) for runs in run_folders(folder) for status in statuses(runs)]
    if not found:
        raise UsageError(
            str(folder),
            "holds no runs of the firmware's scripts",
            f"they leave a folder {STATUS}/ beside their results; other reports are shown without --out",
        )
    _refuse_foreign(found, firmware)
    _refuse_twice(found)
    document: dict[str, Any] = {
        "runs": [],
        "resources": [],
        "latency": [],
        "timing": [],
        "power": None,
        "cosim": [],
    }
    outdated = _outdated(found, keys or {}, needs or {})
    for runs, status in found:
        state, message = status.state, status.message
        if state == DONE and status.name in outdated:
            state, message = OUTDATED, outdated[status.name]
        about = {"block": status.block, "step": status.step, "state": state, "tool": status.tool}
        document["runs"].append({**about, "message": message})
        if state != DONE:
            continue
        read: dict[str, Any] = {}
        if status.step == "csynth":
            read = _csynth(runs, folder, status.block, part)
        elif status.step == "cosim":
            read = _cosim(runs, folder, status.block)
        elif status.step in REPORTS:
            read = _vivado(runs, folder, status.step, part)
        for name, value in read.items():
            document[name] = value if name == "power" else document[name] + value
    if not any(run["state"] == DONE for run in document["runs"]):
        first = document["runs"][0]
        raise UsageError(
            str(folder),
            f"no step is done: {first['block']} {first['step']} is {first['state']}",
            "nothing is read from a run that did not end well",
        )
    return document
