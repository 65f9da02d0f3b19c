"""The one table of vendor versions: which programs, which road, which option names.

The rows are the vendor's documentation (UG902, UG1399, UG1702); no tool of it has been run by this project. Scripts,
driver and the page about the vendor flow all read this table.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from hwgen.errors import UsageError

TCL, UNIFIED = "tcl", "unified"
ROADS = (TCL, UNIFIED)
HLS_STEPS = ("csim", "csynth", "cosim", "export")
VIVADO_STEPS = ("synth", "impl")
STEPS = (*HLS_STEPS, *VIVADO_STEPS)
NEEDS = {
    "csim": (),
    "csynth": (),
    "cosim": ("csynth",),
    "export": ("csynth",),
    "synth": ("export",),
    "impl": ("synth",),
}
"""Step -> steps of which it reads the results; `synth` those of every stage that is an IP."""
PIPELINE = "pipeline"
"""Block of the steps in Vivado."""


@dataclass(frozen=True)
class Release:
    """One version.

    Args:
        version: year and number.
        hls: program that runs C synthesis.
        tcl: what stands between the program and a Tcl script.
        unified: whether `v++ -c --mode hls` and `vitis-run` take a configuration file.
        backend: `firmware.backend` whose C++ and pragmas it takes.
        solution: options of `open_solution` that it needs; the same for all of a backend, whose trees hold them.
        extra: Tcl commands that it alone takes.
    """

    version: str
    hls: str
    tcl: tuple[str, ...]
    unified: bool
    backend: str
    solution: str
    extra: str = ""

    @property
    def roads(self) -> tuple[str, ...]:
        """The roads it takes, the one taken by default first."""
        return ROADS if self.unified else (TCL,)


_LIMIT = "config_array_partition -maximum_size 4096"


def _vivado_hls(version: str) -> Release:
    return Release(version, "vivado_hls", ("-f",), False, "Vivado", "", _LIMIT)


def _vitis_hls(version: str) -> Release:
    return Release(version, "vitis_hls", ("-f",), False, "Vitis", "-flow_target vivado")


def _vitis_run(version: str) -> Release:
    return Release(version, "vitis-run", ("--mode", "hls", "--tcl"), True, "Vitis", "-flow_target vivado")


RELEASES = (
    *map(_vivado_hls, ("2019.2", "2020.1")),
    *map(_vitis_hls, ("2020.2", "2021.1", "2021.2", "2022.1", "2022.2")),
    *map(_vitis_run, ("2023.1", "2023.2", "2024.1", "2024.2", "2025.1")),
)
"""Oldest first."""
OLDEST, NEWEST = RELEASES[0].version, RELEASES[-1].version
PROGRAMS = {"Vivado": ("vivado_hls",), "Vitis": ("vitis-run", "vitis_hls")}
"""Backend -> programs that run its C synthesis, newest first."""
SUBCOMMANDS = {
    "csim": ("vitis-run", "--mode", "hls", "--csim"),
    "csynth": ("v++", "-c", "--mode", "hls"),
    "cosim": ("vitis-run", "--mode", "hls", "--cosim"),
    "export": ("vitis-run", "--mode", "hls", "--package"),
}
"""Step -> command of the unified road, in front of `--config FILE --work_dir FOLDER`."""
UNIFIED_KEYS = {
    "set_part": "part",
    "create_clock -period": "clock",
    "set_clock_uncertainty": "clock_uncertainty",
    "open_solution -flow_target": "flow_target",
    "set_top": "syn.top",
    "add_files": "syn.file",
    "add_files -cflags": "syn.file_cflags",
    "add_files -tb": "tb.file",
    "add_files -tb -cflags": "tb.file_cflags",
    "config_rtl -reset": "syn.rtl.reset",
    "export_design -format": "package.output.format",
    "export_design": "package.output.syn",
}
"""Tcl command -> key of the configuration file."""
REPORT_FOLDERS = {TCL: "solution1", UNIFIED: "hls"}
"""Road -> folder below a block's project that holds syn/report, sim/report and impl/ip."""


def facts() -> list[object]:
    """All that the scripts of a tree are made from, for hashing."""
    return [*map(asdict, RELEASES), SUBCOMMANDS, UNIFIED_KEYS]


def number(version: str) -> tuple[int, ...]:
    """For comparing versions."""
    return tuple(int(part) for part in version.split(".")[:2])


def release_of(version: str) -> tuple[Release, str]:
    """The row of a version.

    Args:
        version: as a tool says it, such as 2022.2 or 2019.2.1.
    Returns:
        its row, or the one below it; and a warning if it is not in the table.
    Raises:
        UsageError: it is older than the table.
    """
    rows = [row for row in RELEASES if number(row.version) <= number(version)]
    if not rows:
        raise UsageError(
            "vendor tools", f"version {version} is older than {OLDEST}", f"use {OLDEST} or newer"
        )
    row = rows[-1]
    if number(row.version) == number(version):
        return row, ""
    return row, f"version {version} is not in the table of versions; it is driven as {row.version}"


def table_rows() -> list[tuple[str, ...]]:
    """The table as text: version, backend, Tcl road, unified road, what differs."""
    rows: list[tuple[str, ...]] = []
    for row in RELEASES:
        unified = "`v++ -c --mode hls`, `vitis-run --mode hls`" if row.unified else "no"
        differs = [f"`open_solution {row.solution}`"] if row.solution else []
        differs += [f"`{row.extra}`"] if row.extra else []
        tcl = " ".join((row.hls, *row.tcl))
        rows.append((row.version, row.backend, f"`{tcl} hls.tcl`", unified, ", ".join(differs)))
    return rows
