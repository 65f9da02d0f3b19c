"""Runs the tree's Tcl scripts with procedures that print what the vendor's tool would be asked."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

SAY = """
proc say {args} { puts "CALL $args" }
proc stand_in {names} {
    foreach name $names {
        proc $name {args} "say $name {*}\\$args; fail $name; return $name"
    }
}
proc fail {name} {
    if {[info exists ::env(FAIL)] && $::env(FAIL) eq $name} { error "$name said no\\nsecond line" }
}
"""
HLS = (
    SAY
    + """
stand_in {open_project set_top add_files open_solution set_part create_clock set_clock_uncertainty config_rtl
          config_array_partition csim_design csynth_design cosim_design export_design}
source [lindex $argv 0]
"""
)
VIVADO = (
    SAY
    + """
namespace eval ipx {}
stand_in {create_project set_msg_config set_property current_project current_fileset update_ip_catalog create_ip
          generate_target get_ips get_files get_runs update_compile_order add_files read_verilog synth_design synth_ip
          open_checkpoint create_clock set_input_delay set_output_delay get_ports
          opt_design place_design phys_opt_design route_design report_utilization report_timing_summary
          report_clock_utilization report_power read_saif write_checkpoint close_project get_pins get_nets
          ipx::package_project ipx::current_core ipx::infer_bus_interfaces ipx::associate_bus_interfaces
          ipx::create_xgui_files ipx::update_checksums ipx::check_integrity ipx::save_core}
proc get_ipdefs {pattern} { return "xilinx.com[string trim $pattern *]1.0" }
proc read_xdc {args} {
    say read_xdc {*}$args
    source [lindex $args end]
}
proc get_cells {args} {
    say get_cells {*}$args
    if {[info exists ::env(NO_BUFFERS)]} { return {} }
    return {stage1_shell_i/buffer stage2_shell_i/buffer}
}
source [lindex $argv 0]
"""
)


def run_tcl(stand_ins: str, script: Path, work: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a script in a folder, behind stand-ins for the tool's commands."""
    (work / "vendor.tcl").write_text(stand_ins)
    return subprocess.run(
        ["tclsh", str(work / "vendor.tcl"), str(script)],
        cwd=work,
        capture_output=True,
        text=True,
        env=os.environ | environment,
        check=False,
    )


def calls(result: subprocess.CompletedProcess[str]) -> list[list[str]]:
    """What the tool was asked, word by word."""
    lines = [line.removeprefix("CALL ") for line in result.stdout.splitlines() if line.startswith("CALL ")]
    return [line.replace("{", "").replace("}", "").split() for line in lines]
