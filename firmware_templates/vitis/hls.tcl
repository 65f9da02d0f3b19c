# Runs one block of this tree through Vitis HLS or Vivado HLS.
#
#   HWGEN_BLOCK   stage1, gate1, kernel, ... (the list is in design.tcl)
#   HWGEN_STEPS   any of: csim csynth cosim export      default: csim csynth
#
#   HWGEN_BLOCK=kernel HWGEN_STEPS="csim csynth" vitis_hls -f scripts/hls.tcl
#   HWGEN_BLOCK=kernel vitis-run --mode hls --tcl scripts/hls.tcl        (2023.1 and later)
#   HWGEN_BLOCK=kernel vivado_hls -f scripts/hls.tcl
#
# The project is made in hls_build/<block> below the current folder. Any failing step ends with exit code 1.

set tree [file normalize [file join [file dirname [info script]] ..]]
source [file join $tree scripts design.tcl]

proc setting {name fallback} {
    if {[info exists ::env($name)]} {
        return $::env($name)
    }
    return $fallback
}

set block [setting HWGEN_BLOCK ""]
set steps [setting HWGEN_STEPS "csim csynth"]
if {[lsearch -exact $blocks $block] < 0} {
    puts stderr "HWGEN_BLOCK is '$block'; it must be one of: $blocks"
    exit 2
}
foreach step $steps {
    if {[lsearch -exact {csim csynth cosim export} $step] < 0} {
        puts stderr "HWGEN_STEPS holds '$step'; known steps: csim csynth cosim export"
        exit 2
    }
}

# Test benches and weights are found through this variable.
set ::env(HWGEN_TREE) $tree
set flags "-std=c++11 -I$tree/include -I$tree/kernel -I$tree/testbench"

file mkdir hls_build
open_project -reset hls_build/$block
set_top $block
if {[string match stage* $block]} {
    add_files $tree/$block/firmware/$block.cpp -cflags "-std=c++11"
    add_files -tb $tree/kernel/${block}_call.cpp -cflags "$flags -DHWGEN_STAGE_ALONE"
    add_files -tb $tree/$block/firmware/weights
} elseif {[string match gate* $block]} {
    add_files $tree/$block/$block.cpp -cflags $flags
} else {
    add_files $tree/kernel/kernel.cpp -cflags $flags
    foreach stage $stages {
        add_files $tree/kernel/${stage}_call.cpp -cflags $flags
    }
}
add_files -tb $tree/testbench/${block}_test.cpp -cflags $flags

if {$backend eq "Vitis"} {
    open_solution -reset solution1 -flow_target vivado
} else {
    open_solution -reset solution1
    catch {config_array_partition -maximum_size 4096}
}
set_part $part
create_clock -period $clock_ns -name default
set_clock_uncertainty $clock_uncertainty default
# Convolutions keep their place in the image in static variables; by default only power-up resets those.
config_rtl -reset state

proc run_step {name command} {
    puts "hwgen: $name"
    if {[catch $command message]} {
        puts stderr "hwgen: $name failed: $message"
        exit 1
    }
}

foreach step $steps {
    switch $step {
        csim { run_step csim csim_design }
        csynth { run_step csynth csynth_design }
        cosim { run_step cosim {cosim_design -rtl verilog} }
        export { run_step export {export_design -format ip_catalog} }
    }
}
exit 0
