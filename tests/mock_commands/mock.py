"""Stands for one of the vendor's tools: see README.md beside it.

Called as `mock.py PROGRAM ARGUMENT...` it is the tool, and as `mock.py PROGRAM --do STEP BLOCK FOLDER` one step of it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PART = "xczu3eg-sbva484-1-e"
sys.path.insert(0, str(ROOT))

from tests.vendor import written  # noqa: E402 - the path is set above

BANNERS = {
    "vivado_hls": "****** Vivado(TM) HLS - High-Level Synthesis from C, C++ and SystemC v{} (64-bit)",
    "vitis_hls": "****** Vitis HLS - High-Level Synthesis from C, C++ and OpenCL v{} (64-bit)",
    "vitis-run": "****** vitis-run v{} (64-bit)",
    "v++": "****** v++ v{} (64-bit)",
    "vivado": "Vivado v{} (64-bit)",
}
SAYS = {
    "licence": "ERROR: [Common 17-345] A valid license was not found for feature 'HLS' and/or device 'xc7z020'.",
    "error": "ERROR: [HLS 200-70] Pre-synthesis failed: unsupported pointer to pointer (stage1.cpp:17).",
    "part": "ERROR: [HLS 200-1023] Part 'xc9z999' is not installed.",
    "compile": "../../stage1.cpp:12:5: error: 'nonsense' was not declared in this scope",
    "memory": "ERROR: [HLS 200-1471] Stop unrolling: out of memory.",
    "lies": "ERROR: [HLS 200-101] something is wrong and nobody cares",
    "calendar": "ERROR: '2201010000' is an invalid argument. bad lexical cast: source type value could not be interpreted",
    "stuck": "ERROR: [HLS 200-70] Synthesizability check failed.",
}
HLS_PROCS = {
    "csim_design": "csim",
    "csynth_design": "csynth",
    "cosim_design": "cosim",
    "export_design": "export",
}
HLS_SILENT = ("open_project", "set_top", "add_files", "open_solution", "set_part", "create_clock",
              "set_clock_uncertainty", "config_rtl", "config_array_partition")  # fmt: skip
VIVADO_PROCS = {"synth_design": "synth", "route_design": "impl"}
VIVADO_SILENT = (
    "create_project", "set_msg_config", "set_property", "current_project", "update_ip_catalog", "create_ip",
    "generate_target", "get_ips", "read_verilog", "read_xdc", "synth_ip", "open_checkpoint", "opt_design", "place_design",
    "phys_opt_design", "read_saif", "get_pins", "get_nets", "report_clock_utilization",
)  # fmt: skip


def kind_of_failure(folder: Path, step: str, block: str) -> str:
    path = folder / "failures"
    for line in path.read_text().splitlines() if path.exists() else ():
        where, when, kind = line.split()
        if (where, when) == (block, step):
            return kind
    return ""


def results(step: str, block: str, solution: Path, version: str, half: bool = False) -> None:
    """The files of a step; half a report if it breaks off."""

    def put(name: str, text: str) -> None:
        path = solution / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text[: len(text) // 2] if half else text)

    seed = sum(map(ord, block))
    if step == "csynth":
        counts = {"BRAM_18K": seed % 7, "DSP": seed % 11, "FF": 700 + seed, "LUT": 900 + seed, "URAM": 0}
        put(
            f"syn/report/{block}_csynth.xml",
            written.csynth(block, (seed, seed + 2), (4, 5), counts, version, part=PART),
        )
    elif step == "cosim":
        failed = kind_of_failure(Path(sys.argv[1]).parent, step, block) == "cosim"
        latency = (seed + 1, seed + 2, seed + 3)
        put(f"sim/report/{block}_cosim.rpt", written.cosim("Fail" if failed else "Pass", latency))
    elif step == "export":
        put("impl/ip/component.xml", "<spirit:component/>\n")


def break_off(kind: str, step: str, block: str, solution: Path, version: str) -> int | None:
    """What a failing tool does; None if it goes on after that."""
    print(f"INFO: [HLS 200-10] Running '{step}' of {block}", flush=True)
    if kind in SAYS:
        print(SAYS[kind], flush=True)
    if kind == "mismatch":
        print(
            f"{block}: 768 values compared, 3 different: FAILED\nERROR: [SIM 211-100] CSim failed with errors."
        )
        return 1
    if kind == "cosim":
        results(step, block, solution, version)
        print("ERROR: [COSIM 212-4] *** C/RTL co-simulation finished: FAIL ***")
        return 1
    if kind == "lies":
        return None
    if kind == "silent":
        return 0
    if kind in ("slow", "stuck"):
        print("INFO: working", flush=True)
        time.sleep(600)
    results(step, block, solution, version, half=True)
    if kind == "killed":
        os.kill(int(os.environ["MOCK_TOOL"]), signal.SIGKILL)
        time.sleep(600)
    print("ERROR: [Common 17-39] 'design' failed due to earlier errors.")
    return 134 if kind == "memory" else 1


def do(program: Path, step: str, block: str, solution: Path) -> int:
    """One step of a tool."""
    version = json.loads((program.parent / "versions.json").read_text())[program.name]
    kind = kind_of_failure(program.parent, step, block)
    code = break_off(kind, step, block, solution, version) if kind else None
    if code is not None:
        return code
    print(f"INFO: [HLS 200-10] Running '{step}' of {block}\nINFO: done", flush=True)
    results(step, block, solution, version)
    return 0


def stand_ins(program: Path) -> str:
    """Tcl in front of a script."""
    vivado = program.name == "vivado"
    me = f'"{sys.executable}" -S -E "{Path(__file__)}" "{program}" --do'
    text = "".join(
        f"proc {name} {{args}} {{return {name}}}\n" for name in (VIVADO_SILENT if vivado else HLS_SILENT)
    )
    if not vivado:
        text += "proc open_project {args} { set ::project [lindex $args end] }\n"
        for name, step in HLS_PROCS.items():
            text += f"proc {name} {{args}} {{ exec >@stdout 2>@stderr {me} {step} $::project $::project/solution1 }}\n"
        return text
    for name, step in VIVADO_PROCS.items():
        text += f"proc {name} {{args}} {{ exec >@stdout 2>@stderr {me} {step} pipeline . }}\n"
    text += 'proc get_ipdefs {pattern} { return "xilinx.com:hls:x:1.0" }\n'
    text += "proc get_cells {args} { return {a b} }\n"
    text += "proc write_checkpoint {args} { close [open [lindex $args end] w] }\n"
    writer = f'"{sys.executable}" -S -E "{Path(__file__)}" "{program}" --write'
    for name in ("report_utilization", "report_timing_summary", "report_power"):
        text += f"proc {name} {{args}} {{ exec {writer} {name} [lindex $args end] [expr {{[info exists ::env(HWGEN_SAIF)] && $::env(HWGEN_SAIF) ne {{}}}}] }}\n"
    return text


def write_report(program: Path, name: str, path: Path, saif: bool) -> None:
    version = json.loads((program.parent / "versions.json").read_text())["vivado"]
    if name == "report_utilization":
        rows = [
            ("hwgen_pipeline", "(top)", 900, 850, 40, 10, 1200, 2, 3, 7),
            ("  (hwgen_pipeline)", "(top)", 100, 100, 0, 0, 200, 0, 0, 0),
            ("  stage1_core_i", "stage1_core", 800, 750, 40, 10, 1000, 2, 3, 7),
        ]
        synth = "synth" in path.name
        text = written.hierarchy(rows, version, "Synthesized" if synth else "Routed")
        text = text.replace("7z020clg400-1", PART)
    elif name == "report_timing_summary":
        text = written.timing(version=version).replace("7z020-clg400", "xczu3eg-sbva484")
    else:
        text = written.power(activity="run.saif" if saif else "", version=version)
        text = text.replace("xczu7ev-ffvc1156-2-e", PART)
    path.write_text(text)


def main() -> int:
    program, *arguments = sys.argv[1:]
    me = Path(program)
    version = json.loads((me.parent / "versions.json").read_text()).get(me.name, "")
    if arguments[:1] == ["--do"]:
        return do(me, arguments[1], arguments[2], Path(arguments[3]))
    if arguments[:1] == ["--write"]:
        write_report(me, arguments[1], Path(arguments[2]), arguments[3] == "1")
        return 0
    if arguments in (["-version"], ["--version"]):
        print(BANNERS[me.name].format(version) if version else "Segmentation fault")
        return 0
    given = {key: value for key, value in os.environ.items() if key.startswith("HWGEN_")}
    with (me.parent / "calls.jsonl").open("a") as log:
        log.write(json.dumps({"program": me.name, "arguments": arguments, "environment": given}) + "\n")
    os.environ["MOCK_TOOL"] = str(os.getpid())
    if arguments and arguments[-1].endswith(".tcl"):
        front = Path.cwd() / f"mock{os.getpid()}.tcl"
        front.write_text(f"{stand_ins(me)}\nsource [lindex $argv 0]\n")
        os.execvp("tclsh", ["tclsh", str(front), arguments[-1]])
    config = Path(arguments[arguments.index("--config") + 1]).read_text()
    work = Path(arguments[arguments.index("--work_dir") + 1])
    top = re.search(r"^syn\.top=(\w+)$", config, re.MULTILINE)
    step = next(
        (
            step
            for flag, step in (("--csim", "csim"), ("--cosim", "cosim"), ("--package", "export"))
            if flag in arguments
        ),
        "csynth",
    )
    if top is None or (me.name == "v++") != (step == "csynth"):
        print("ERROR: [v++ 60-602] wrong options")
        return 1
    process = subprocess.run(
        [sys.executable, __file__, program, "--do", step, top[1], str(work / "hls")], check=False
    )
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


if __name__ == "__main__":
    sys.exit(main())
