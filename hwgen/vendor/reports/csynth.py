"""`<top>_csynth.xml` and `csynth.xml`: what C synthesis estimates, by Vivado HLS and Vitis HLS.

The first has one top; the second, from Vitis HLS, all modules as well. Names of tags that changed with the
versions: DSP48E became DSP, DataflowPipelineThroughput and PipelineInitiationInterval say the interval again.
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as Xml

from hwgen.errors import ReportError
from hwgen.vendor.reports.text import NO_LIMIT, broken, check_version, foreign, real, span, whole

KIND = "csynth.xml of Vivado HLS or Vitis HLS"
RESOURCES = {
    "lut": ("LUT",),
    "ff": ("FF",),
    "dsp": ("DSP", "DSP48E"),
    "bram_18k": ("BRAM_18K",),
    "uram": ("URAM",),
}
"""Our column -> tags, newest first."""
_FIRST_VITIS_HLS = "2020.2"


def read_xml(where: str, text: str, kind: str) -> Xml.Element:
    """The root of a document without a type declaration.

    Raises:
        ReportError: it is no such document, or cut short.
    """
    stripped = text.lstrip("\ufeff \t\r\n")
    if not stripped.startswith("<"):
        raise foreign(where, kind)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise foreign(where, kind)  # no tool writes one, and entities can be made to fill the memory
    try:
        return Xml.fromstring(stripped)  # noqa: S314 - documents with entities were refused above
    except (Xml.ParseError, ValueError) as error:
        raise broken(where, f"no well-formed XML ({error})") from error


def _text(node: Xml.Element | None, path: str) -> str | None:
    found = None if node is None else node.find(path)
    return None if found is None else (found.text or "").strip()


def resources(where: str, node: Xml.Element | None) -> dict[str, int | None]:
    """LUT, FF, DSP, BRAM of 18 kbit, URAM; None for what is missing."""
    found: dict[str, int | None] = {}
    for column, tags in RESOURCES.items():
        values = {value for tag in tags if (value := whole(where, tag, _text(node, tag))) is not None}
        if len(values) > 1:
            raise broken(where, f"{' and '.join(tags)} differ")
        found[column] = values.pop() if values else None
    return found


def _summary(where: str, node: Xml.Element | None) -> dict[str, Any]:
    """Latency and interval of one module."""
    summary = None if node is None else node.find("PerformanceEstimates/SummaryOfOverallLatency")

    def cycles(*tags: str, end: int = 0) -> int | None:
        values = (span(where, tag, _text(summary, tag))[end] for tag in tags)
        return next((value for value in values if value is not None), None)

    again = ("DataflowPipelineThroughput", "PipelineInitiationInterval")
    latency = {
        "best": cycles("Best-caseLatency"),
        "average": cycles("Average-caseLatency"),
        "worst": cycles("Worst-caseLatency", end=1),
    }
    known = [figure for figure in latency.values() if figure is not None]
    if known != sorted(known):
        raise broken(where, "the best latency is above the worst")
    return {
        "latency_cycles": latency,
        "interval_cycles": {
            "min": cycles("Interval-min", *again),
            "max": cycles("Interval-max", *again, end=1),
        },
        "pipeline_depth": cycles("PipelineDepth"),
    }


def _module(where: str, node: Xml.Element) -> dict[str, Any]:
    estimated = _text(node, "PerformanceEstimates/SummaryOfTimingAnalysis/EstimatedClockPeriod")
    return {
        "name": _text(node, "Name"),
        "estimated_clock_ns": real(where, "EstimatedClockPeriod", estimated),
        **_summary(where, node),
        "resources": resources(where, node.find("AreaEstimates/Resources")),
    }


def _ports(where: str, root: Xml.Element) -> list[dict[str, Any]]:
    for port in root.iterfind("InterfaceSummary/RtlPorts"):
        if len({child.tag for child in port}) < len(port):
            raise broken(where, "two ports have run into one")
    return [
        {
            "name": _text(port, "name"),
            "direction": _text(port, "Dir"),
            "bits": whole(where, "Bits", _text(port, "Bits")),
            "protocol": _text(port, "IOProtocol"),
            "argument": _text(port, "Object"),
        }
        for port in root.iterfind("InterfaceSummary/RtlPorts")
    ]


def parse_csynth(text: str, where: str = "csynth.xml") -> dict[str, Any]:
    """What C synthesis estimates.

    Args:
        text: of the file.
        where: its name, for messages.
    Returns:
        `kind` csynth, `tool`, `version`, `top`, `part`, `family`, `clock` (`target_ns`, `uncertainty_ns`,
        `estimated_ns`), `pipeline`, `latency_cycles` (best, average, worst), `interval_cycles` (min, max),
        `pipeline_depth`, `target_interval`, `resources` and `available` (lut, ff, dsp, bram_18k, uram), `modules`
        (the same of each module, where the file has them), `ports`. None for what the tool does not know.
    Raises:
        ReportError: it is no such file, cut short, damaged, or too old.
    """
    root = read_xml(where, text, KIND)
    area, performance = root.find("AreaEstimates"), root.find("PerformanceEstimates")
    if root.tag != "profile" or area is None or performance is None:
        raise foreign(where, KIND)
    version = check_version(where, _text(root, "ReportVersion/Version"))
    user = root.find("UserAssignments")
    target = whole(where, "TargetInitiationInterval", _text(user, "TargetInitiationInterval"))
    found = {
        "kind": "csynth",
        "tool": None if version is None else "Vitis HLS" if version >= _FIRST_VITIS_HLS else "Vivado HLS",
        "version": version,
        "top": _text(user, "TopModelName") or None,
        "part": _text(user, "Part") or None,
        "family": _text(user, "ProductFamily") or None,
        "clock": {
            "target_ns": real(where, "TargetClockPeriod", _text(user, "TargetClockPeriod")),
            "uncertainty_ns": real(where, "ClockUncertainty", _text(user, "ClockUncertainty")),
            "estimated_ns": real(
                where,
                "EstimatedClockPeriod",
                _text(performance, "SummaryOfTimingAnalysis/EstimatedClockPeriod"),
            ),
        },
        "pipeline": _text(performance, "PipelineType") or None,
        **_summary(where, root),
        "target_interval": None if target == NO_LIMIT else target,
        "resources": resources(where, area.find("Resources")),
        "available": resources(where, area.find("AvailableResources")),
        "modules": [_module(where, node) for node in root.iterfind("ModuleInformation/Module")],
        "ports": _ports(where, root),
    }
    if all(value is None for value in found["resources"].values()):
        raise ReportError(where, "holds no resources", "run C synthesis to its end")
    return found


def parse_project(text: str, where: str = "vitis_hls.app") -> dict[str, Any]:
    """The project file (`vivado_hls.app`, `hls.app`).

    Returns:
        `kind` project, `project`, `top`, `solutions`.
    Raises:
        ReportError: it is no such file.
    """
    kind = "project file of Vivado HLS or Vitis HLS"
    root = read_xml(where, text, kind)
    if root.tag.rpartition("}")[2] != "project" or "com.autoesl.autopilot.project" not in text:
        raise foreign(where, kind)
    solutions = [node.get("name") for node in root.iter() if node.tag.rpartition("}")[2] == "solution"]
    return {"kind": "project", "project": root.get("name"), "top": root.get("top"), "solutions": solutions}
