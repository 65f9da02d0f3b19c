# Runs one block of this tree through Vitis HLS or Vivado HLS.
#
#   HWGEN_BLOCK   stage1, gate1, kernel, ... (the list is in design.tcl)
#   HWGEN_STEPS   any of: csim csynth cosim export      default: csim csynth
#   HWGEN_HLS     folder for the projects               default: hls_build in the current folder
#
#   HWGEN_BLOCK=kernel HWGEN_STEPS="csim csynth" vitis_hls -f scripts/hls.tcl
#   HWGEN_BLOCK=kernel vitis-run --mode hls --tcl scripts/hls.tcl        (2023.1 and later)
#   HWGEN_BLOCK=kernel vivado_hls -f scripts/hls.tcl                     (up to 2020.1)
#
# csynth starts the project anew; cosim and export go on from what it left, if that is of this firmware. Any failing
# step ends with exit code 1, wrong use with 2. Results: HWGEN_HLS/<block>/solution1, and a status of every step in
# HWGEN_HLS/status.
#
# This script has been run with tclsh and stand-ins for the tools' commands only, never with the tools.

set tree [file normalize [file join [file dirname [info script]] ..]]
source [file join $tree scripts design.tcl]
source [file join $tree scripts common.tcl]

set block [setting HWGEN_BLOCK ""]
set steps [setting HWGEN_STEPS "csim csynth"]
set out [file normalize [setting HWGEN_HLS hls_build]]
if {[lsearch -exact $blocks $block] < 0} {
    give_up 2 "HWGEN_BLOCK is '$block'; it must be one of: $blocks"
}
foreach step $steps {
    if {[lsearch -exact {csim csynth cosim export} $step] < 0} {
        give_up 2 "HWGEN_STEPS holds '$step'; known steps: csim csynth cosim export"
    }
}

# Test benches and weights are found through this variable.
set ::env(HWGEN_TREE) $tree

proc open_block {} {
    global block clock_ns clock_uncertainty files part solution_commands solution_options steps tree
    set fresh [expr {"csynth" in $steps ? "-reset" : ""}]
    open_project {*}$fresh $block
    set_top $block
    foreach file $files($block) {
        lassign $file path flags bench
        set options [expr {$bench ? "-tb" : ""}]
        if {$flags ne ""} {
            lappend options -cflags [string map [list @ $tree] $flags]
        }
        add_files {*}$options [file join $tree $path]
    }
    open_solution {*}$fresh {*}$solution_options solution1
    foreach command $solution_commands {
        catch {{*}$command}
    }
    set_part $part
    create_clock -period $clock_ns -name default
    set_clock_uncertainty $clock_uncertainty default
    # Convolutions keep their place in the image in static variables; by default only power-up resets those.
    config_rtl -reset state
}

refuse_spaces $tree $out
take_lock [file join $out $block.lock]
cd $out
# What an earlier run left is never taken for a result of this one.
if {"csynth" in $steps} {
    forget $out $block {csynth cosim export}
    file delete -force $block
} elseif {"cosim" in $steps || "export" in $steps} {
    require_sound $out $block csynth
}
begin_step $out $block [lindex $steps 0]
attempt "project of $block" open_block
foreach step $steps {
    begin_step $out $block $step
    switch $step {
        csim {
            attempt csim csim_design
        }
        csynth {
            attempt csynth csynth_design
        }
        cosim {
            file delete -force [file join $block solution1 sim report]
            attempt cosim {cosim_design -rtl verilog}
        }
        export {
            file delete -force [file join $block solution1 impl ip]
            attempt export {export_design -format ip_catalog}
        }
    }
    end_step
}
release_lock
exit 0
