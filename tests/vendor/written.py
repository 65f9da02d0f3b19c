"""Reports as the tools lay them out, with any figures: for parsers without a licensed real file, and for mock tools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

RULE = "=" * 64


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table between rules."""
    lines = [[str(cell) for cell in row] for row in (*([header] if header else []), *rows)]
    widths = [max(len(row[column]) for row in lines) for column in range(len(lines[0]))]
    rule = "+" + "+".join("-" * (width + 2) for width in widths) + "+"
    body = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in lines
    ]
    return "\n".join([rule, body[0], rule, *body[1:], rule] if header else [rule, *body, rule]) + "\n"


def vivado_head(command: str, version: str, design: str, part: str, state: str, pad: str = "") -> str:
    """What stands in front of every report of Vivado."""
    state_line = f"| Design State{pad} : {state}\n" if state else ""
    return (
        "Copyright 1986-2020 Xilinx, Inc. All Rights Reserved.\n" + "-" * 90 + "\n"
        f"| Tool Version{pad} : Vivado v.{version} (lin64) Build 1 Wed May 27 19:54:35 MDT 2020\n"
        f"| Command{pad}      : {command}\n| Design{pad}       : {design}\n| Device{pad}       : {part}\n"
        f"{state_line}" + "-" * 90 + "\n\n"
    )


def sections(parts: Mapping[str, str]) -> str:
    """A table of contents, and numbered sections; a dot in a key makes a section below the last one."""
    titles, main, below = [], 0, 0
    for key in parts:
        if key.startswith("."):
            below += 1
            titles.append(f"{main}.{below} {key[1:]}")
        else:
            main, below = main + 1, 0
            titles.append(f"{main}. {key}")
    text = "Table of Contents\n-----------------\n" + "\n".join(titles) + "\n\n"
    for title, body in zip(titles, parts.values(), strict=True):
        text += f"{title}\n{'-' * len(title)}\n\n{body}\n\n"
    return text


def share(used: object, available: object) -> str:
    """Of all there are, in per cent, as Vivado rounds it."""
    if available == "":
        return ""
    found = 100 * float(str(used)) / float(str(available))
    return "<0.01" if 0 < found < 0.01 else f"{found:.2f}"


def utilisation(
    lut: int = 1526,
    ff: int = 2428,
    dsp: int = 66,
    tiles: str = "3.5",
    lutram: int = 48,
    uram: int | None = None,
    version: str = "2022.2",
    state: str = "Routed",
    family: str = "CLB",
    design: str = "hwgen_pipeline",
    dies: bool = False,
) -> str:
    """report_utilization."""
    head = [
        "Site Type",
        "Used",
        "Fixed",
        *(["Prohibited"] if version >= "2021" else []),
        "Available",
        "Util%",
    ]
    gap = [0] if version >= "2021" else []

    def rows(*entries: tuple[str, object, object]) -> str:
        return table(
            head,
            [[name, used, 0, *gap, available, share(used, available)] for name, used, available in entries],
        )

    logic = rows(
        (f"{family} LUTs*", lut, 230400),
        ("  LUT as Logic", lut - lutram, 230400),
        ("  LUT as Memory", lutram, 101760),
        (f"{family} Registers", ff, 460800),
        ("  Register as Flip Flop", ff, 460800),
    )
    memory = [
        ("Block RAM Tile", tiles, 312),
        ("  RAMB36/FIFO*", int(float(tiles)), 312),
        ("  RAMB18", 1, 624),
    ]
    parts = {
        f"{family} Logic": logic + "* Warning! The Final LUT count is typically lower.\n",
        ".Summary of Registers by Type": table(["Total", "Clock Enable"], [[0, "_"], [ff, "Yes"]]),
        "BLOCKRAM": rows(*memory, *([("URAM", uram, 96)] if uram is not None else [])),
        "ARITHMETIC": rows(("DSPs", dsp, 1728), ("  DSP48E2 only", dsp, "")),
        "Primitives": table(["Ref Name", "Used", "Functional Category"], [["FDRE", ff, "Register"]]),
        "Instantiated Netlists": table(["Ref Name", "Used"], [["stage1_ip", 1]]),
    }
    if dies:
        parts["SLR CLB Logic and Dedicated Block Utilization"] = table(
            ["Site Type", "SLR0", "SLR1"], [["CLB LUTs", 0, lut], ["CLB Registers", 0, ff], ["DSPs", 0, dsp]]
        )
    head_text = vivado_head("report_utilization -file x.rpt", version, design, "xczu7ev-ffvc1156-2-e", state)
    return head_text + "Utilization Design Information\n\n" + sections(parts)


def hierarchy(
    rows: Sequence[tuple[str, str, int, int, int, int, int, int, int, int]],
    version: str = "2022.2",
    state: str = "Routed",
) -> str:
    """report_utilization -hierarchical: instance, module, LUTs, of logic, LUTRAMs, SRLs, FFs, RAMB36, RAMB18, DSPs."""
    dsp = "DSP Blocks" if version >= "2020" else "DSP48 Blocks"
    head = [
        "Instance",
        "Module",
        "Total LUTs",
        "Logic LUTs",
        "LUTRAMs",
        "SRLs",
        "FFs",
        "RAMB36",
        "RAMB18",
        dsp,
    ]
    text = vivado_head("report_utilization -hierarchical", version, rows[0][0], "7z020clg400-1", state)
    return (
        text
        + "Utilization Design Information\n\n"
        + sections({"Utilization by Hierarchy": table(head, rows)})
    )


PATH = """\
Slack (MET) :             0.512ns  (required time - arrival time)
  Source:                 a_reg/C
    Location             Delay type                Incr(ns)  Path(ns)    Netlist Resource(s)
  -------------------------------------------------------------------    -------------------
                         required time                         12.100
                         arrival time                         -11.588
  -------------------------------------------------------------------
                         slack                                  0.512"""


def timing(
    wns: object = 0.512,
    tns: object = 0.0,
    failing: object = 0,
    whs: object = 0.021,
    version: str = "2022.2",
    state: str = "Routed",
    met: bool | None = None,
    clocks: Mapping[str, str] | None = None,
    unclocked: int = 0,
    verdict: str = "",
    kinds: int = 3,
) -> str:
    """report_timing_summary; of the first `kinds` of setup, hold, pulse."""
    known = wns not in ("NA", "inf")
    if met is None:
        met = not known or not failing
    figures = [wns, tns, failing, 4096, whs, 0.0, 0, 4096, 4.5, 0.0, 0, 2048] if known else [wns] * 12
    names = ["WNS(ns)", "TNS(ns)", "TNS Failing Endpoints", "TNS Total Endpoints", "WHS(ns)", "THS(ns)"]
    names += ["THS Failing Endpoints", "THS Total Endpoints", "WPWS(ns)", "TPWS(ns)"]
    names += ["TPWS Failing Endpoints", "TPWS Total Endpoints"]
    figures, names = figures[: 4 * kinds], names[: 4 * kinds]
    if wns == "inf":
        figures = ["inf", "0.000", 0, 68] * 2 + ["NA"] * 4
    line = "-" * 96

    def part(title: str, body: str) -> str:
        return f"{line}\n| {title}\n| {'-' * len(title)}\n{line}\n\n{body}\n\n"

    row = "  ".join(f"{figure:>{len(name)}}" for figure, name in zip(figures, names, strict=True))
    summary = "  ".join(names) + "\n" + "  ".join("-" * len(name) for name in names) + "\n" + row + "\n\n\n"
    summary += verdict or (
        "All user specified timing constraints are met." if met else "Timing constraints are not met."
    )
    periods = clocks if clocks is not None else {"clk": "10.000"}
    clock_lines = "".join(
        f"{name}    {{0.000 {float(ns) / 2:.3f}}}   {ns}   {1000 / float(ns):.3f}\n"
        for name, ns in periods.items()
    )
    said = state if version >= "2021" else ""
    return (
        vivado_head("report_timing_summary -file x.rpt", version, "hwgen_pipeline", "7z020-clg400", said)
        + "Timing Summary Report\n\n"
        + part("Timer Settings", "  Enable Multi Corner Analysis : Yes")
        + f"check_timing report\n\n1. checking no_clock\n--------------------\n There are {unclocked} register/latch pins "
        + "with no clock.\n\n"
        + part("Design Timing Summary", summary)
        + part("Clock Summary", "Clock  Waveform(ns)  Period(ns)  Frequency(MHz)\n-----  ---\n" + clock_lines)
        + part("Intra Clock Table", "Clock  WNS(ns)\n-----  -------\n")
        + part("Timing Details", f"{PATH}\n\nSlack:                    inf\n  Source:  in")
    )


def power(
    total: str = "0.335",
    dynamic: str = "0.211",
    static: str = "0.124",
    activity: str = "pipeline.saif",
    version: str = "2022.2",
    state: str = "routed",
    instances: Mapping[str, str] | None = None,
) -> str:
    """report_power."""
    summary = [
        ["Total On-Chip Power (W)", total],
        ["Design Power Budget (W)", "Unspecified*"],
        ["Dynamic (W)", dynamic],
        ["Device Static (W)", static],
        ["Junction Temperature (C)", "28.9"],
        ["Confidence Level", "High" if activity else "Low"],
        ["Setting File", "---"],
        ["Simulation Activity File", activity or "---"],
        ["Design Nets Matched", "98%" if activity else "NA"],
    ]
    chip = [
        ["Clocks", "0.034", 3],
        ["CLB Logic", "0.051", 900],
        ["  CARRY8", "<0.001", 12],
        ["Total", total, ""],
    ]
    depth = [
        [name, watts]
        for name, watts in (instances or {"hwgen_pipeline": dynamic, "  stage1_core_i": "0.1"}).items()
    ]
    parts = {
        "Summary": table([], summary),
        ".On-Chip Components": table(["On-Chip", "Power (W)", "Used"], chip),
        "Detailed Reports": "",
        ".By Hierarchy": table(["Name", "Power (W)"], depth),
    }
    head = vivado_head(
        "report_power -file x.rpt", version, "hwgen_pipeline", "xczu7ev-ffvc1156-2-e", state, "    "
    )
    return head + "Power Report\n\n" + sections(parts)


def cosim(
    verilog: str = "Pass", latency: Sequence[object] = (10, 12, 15), interval: Sequence[object] = (8, 8, 9),
    total: object | None = 1234, vhdl: str = "NA",
) -> str:  # fmt: skip
    """<top>_cosim.rpt; without a total as before 2021."""

    def row(language: str, status: str, figures: Sequence[object]) -> str:
        return f"|{language:>10}|{status:>10}|" + "".join(f"{figure!s:>15}|" for figure in figures)

    none = ["NA"] * (6 if total is None else 7)
    figures = [*latency, *interval, *([] if total is None else [total])]
    last = "" if total is None else "----------------------+"
    rule = "+----------+----------+" + "-" * 47 + "+" + "-" * 47 + "+" + last
    spread = "      min      |      avg      |      max      |" * 2 + (
        "" if total is None else "                      |"
    )
    return (
        "Report time       : Wed Jul 31 17:25:36 2024.\nSolution          : solution1.\nSimulation tool   : xsim.\n\n"
        f"{rule}\n|          |          |             Latency(Clock Cycles)             |              Interval(Clock Cycles)"
        f"           |{'' if total is None else ' Total Execution Time |'}\n"
        f"+   RTL    +  Status  +{rule[23:]}\n|          |          |{spread}\n{rule}\n"
        f"{row('VHDL', vhdl, none if vhdl == 'NA' else figures)}\n"
        f"{row('Verilog', verilog, none if verilog != 'Pass' else figures)}\n{rule}\n"
    )


def csynth(
    top: str = "stage1",
    latency: tuple[object, object] = (10, 12),
    interval: tuple[object, object] = (8, 9),
    resources: Mapping[str, object] | None = None,
    version: str | None = "2023.2",
    target: object = 4294967295,
    modules: str = "",
    ports: str = "",
    part: str = "xc7z020-clg400-1",
) -> str:
    """<top>_csynth.xml."""
    counts = (
        resources if resources is not None else {"BRAM_18K": 3, "DSP": 5, "FF": 700, "LUT": 900, "URAM": 0}
    )

    def tags(entries: Mapping[str, object]) -> str:
        return "".join(f"<{tag}>{value}</{tag}>\n" for tag, value in entries.items())

    said = f"<ReportVersion>\n<Version>{version}</Version>\n</ReportVersion>\n" if version else ""
    return (
        f"<profile>\n{said}<UserAssignments>\n<Part>{part}</Part>\n<TopModelName>{top}</TopModelName>\n"
        f"<TargetClockPeriod>10.00</TargetClockPeriod>\n<TargetInitiationInterval>{target}</TargetInitiationInterval>\n"
        "</UserAssignments>\n<PerformanceEstimates>\n<PipelineType>no</PipelineType>\n<SummaryOfTimingAnalysis>\n"
        "<EstimatedClockPeriod>7.300</EstimatedClockPeriod>\n</SummaryOfTimingAnalysis>\n<SummaryOfOverallLatency>\n"
        f"<Best-caseLatency>{latency[0]}</Best-caseLatency>\n<Worst-caseLatency>{latency[1]}</Worst-caseLatency>\n"
        f"<Interval-min>{interval[0]}</Interval-min>\n<Interval-max>{interval[1]}</Interval-max>\n"
        "</SummaryOfOverallLatency>\n</PerformanceEstimates>\n"
        f"<AreaEstimates>\n<Resources>\n{tags(counts)}</Resources>\n</AreaEstimates>\n"
        f"<InterfaceSummary>{ports}</InterfaceSummary>\n"
        f"{modules}</profile>\n"
    )
