# Synthesises hwgen_pipeline with Vivado, out of context, in non-project mode; stages by HLS come in as IPs.
#
#   HWGEN_HLS     folder of the HLS projects that scripts/hls.tcl makes       default: hls_build
#   HWGEN_OUT     folder for IPs, checkpoint and reports                      default: vivado_build
#
#   HWGEN_BLOCK=stage1 HWGEN_STEPS="csynth export" vitis_hls -f scripts/hls.tcl          (every stage in design.tcl)
#   vivado -mode batch -source pipeline/vivado/pipeline.tcl
#
# Results: HWGEN_OUT/utilisation.rpt (by instance), timing.rpt, pipeline.dcp. Any failing step ends with exit code 1.
# A port of an IP that has another width than its wrapper expects is an error, not a warning: padding of streams is
# the tool's choice. Stage projects must have been synthesised with `config_rtl -reset state`.
#
# This script has been run with tclsh and stand-ins for Vivado's commands only, never with Vivado.

set here [file dirname [file normalize [info script]]]
set pipeline [file dirname $here]
source [file join $here design.tcl]

proc setting {name fallback} {
    if {[info exists ::env($name)]} {
        return $::env($name)
    }
    return $fallback
}

proc give_up {code text} {
    puts stderr "hwgen: $text"
    exit $code
}

proc run_step {name command} {
    puts "hwgen: $name"
    if {[catch {uplevel #0 $command} message]} {
        give_up 1 "$name failed: $message"
    }
}

set hls [file normalize [setting HWGEN_HLS hls_build]]
set out [file normalize [setting HWGEN_OUT vivado_build]]

set sources {}
set list [open [file join $pipeline sources.f]]
foreach line [split [read $list] "\n"] {
    if {[string trim $line] ne ""} {
        lappend sources [file join $pipeline [string trim $line]]
    }
}
close $list
foreach name $wrappers {
    lappend sources [file join $pipeline $name]
}
foreach path $sources {
    if {![file exists $path]} {
        give_up 2 "$path is missing; run `hwgen generate --force`"
    }
}
set repositories {}
foreach stage $stages {
    set folder [file join $hls $stage solution1 impl ip]
    if {![file exists [file join $folder component.xml]]} {
        give_up 2 "no IP of $stage in $folder; run scripts/hls.tcl with HWGEN_BLOCK=$stage HWGEN_STEPS=\"csynth export\""
    }
    lappend repositories $folder
}

file mkdir $out [file join $out ip]
run_step "project" {
    create_project -in_memory -part $part
    set_msg_config -id {Synth 8-689} -new_severity ERROR
}
if {[llength $stages] > 0} {
    run_step "IP catalogue" {
        set_property ip_repo_paths $repositories [current_project]
        update_ip_catalog
    }
}
foreach stage $stages {
    run_step "IP of $stage" {
        set definition [lindex [get_ipdefs "*:hls:$stage:*"] 0]
        if {$definition eq ""} {
            error "the catalogue has no $stage"
        }
        create_ip -vlnv $definition -module_name ${stage}_ip -dir [file join $out ip]
        generate_target synthesis [get_ips ${stage}_ip]
        synth_ip [get_ips ${stage}_ip]
    }
}

set constraints [open [file join $out clock.xdc] w]
puts $constraints "create_clock -period $clock_ns -name clk \[get_ports clk\]"
close $constraints

run_step "sources" {
    foreach path $sources {
        if {[file extension $path] eq ".sv"} {
            read_verilog -sv $path
        } else {
            read_verilog $path
        }
    }
    read_xdc -mode out_of_context [file join $out clock.xdc]
}
run_step "synthesis" {
    synth_design -top hwgen_pipeline -part $part -mode out_of_context -verilog_define HWGEN_XILINX=1
}
run_step "reports" {
    report_utilization -hierarchical -file [file join $out utilisation.rpt]
    report_timing_summary -file [file join $out timing.rpt]
    write_checkpoint -force [file join $out pipeline.dcp]
}
exit 0
