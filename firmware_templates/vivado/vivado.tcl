# The pipeline in Vivado: out-of-context synthesis and implementation of hwgen_pipeline, a project, an IP.
#
#   HWGEN_STEPS       any of: synth impl project package                  default: synth impl
#   HWGEN_HLS         folder of the HLS projects (scripts/hls.tcl, scripts/unified.sh)      default: hls_build
#   HWGEN_OUT         folder for IPs, checkpoints and reports             default: vivado_build
#   HWGEN_SAIF        switching activity of a simulation; without it, power rests on the tool's default rates
#   HWGEN_SAIF_PATH   instance of the pipeline in that file               default: hwgen_pipeline
#
#   HWGEN_BLOCK=stage1 HWGEN_STEPS="csynth export" vitis_hls -f scripts/hls.tcl     (every stage in `ips` of design.tcl)
#   vivado -mode batch -source scripts/vivado.tcl
#
# synth     IPs, RTL and clock, synthesised out of context: reports/utilisation_synth.rpt (by instance), synth.dcp
# impl      placed and routed: reports/{utilisation,timing,power}_routed.rpt, reports/clocks.rpt, routed.dcp
# project   the same sources as a project for the GUI, out of context too: project/pipeline.xpr
# package   a folder for ip_repo_paths: package/hwgen_pipeline (IP-XACT: component.xml) and the IPs of the stages in it
#
# Any failing step ends with exit code 1, wrong use with 2. A port of an IP that has another width than its wrapper
# expects is an error, not a warning: padding of streams is the tool's choice. Stage projects must have been synthesised
# with `config_rtl -reset state`. Inputs and outputs get 30 % of the period for the neighbours' logic.
#
# This script has been run with tclsh and stand-ins for Vivado's commands only, never with Vivado.

set tree [file normalize [file join [file dirname [info script]] ..]]
source [file join $tree scripts design.tcl]
source [file join $tree scripts common.tcl]

set steps [setting HWGEN_STEPS "synth impl"]
set hls [file normalize [setting HWGEN_HLS hls_build]]
set out [file normalize [setting HWGEN_OUT vivado_build]]
set reports [file join $out reports]
set saif [setting HWGEN_SAIF ""]
set top hwgen_pipeline
foreach step $steps {
    if {[lsearch -exact {synth impl project package} $step] < 0} {
        give_up 2 "HWGEN_STEPS holds '$step'; known steps: synth impl project package"
    }
}
if {$saif ne "" && ![file exists $saif]} {
    give_up 2 "HWGEN_SAIF is $saif, which is not there"
}

set sources {}
set list [open [file join $tree pipeline sources.f]]
foreach line [split [read $list] "\n"] {
    if {[string trim $line] ne ""} {
        lappend sources [file join $tree pipeline [string trim $line]]
    }
}
close $list
foreach name $wrappers {
    lappend sources [file join $tree pipeline $name]
}
foreach path $sources {
    if {![file exists $path]} {
        give_up 2 "$path is missing; run `hwgen generate --force`"
    }
}

# Solutions of the Tcl road are called solution1, of the unified road hls.
proc ip_folder {stage} {
    if {![is_sound $::hls $stage export]} {
        give_up 2 "the IP of $stage below $::hls is of other firmware or did not end well; run csynth and export"
    }
    foreach solution {solution1 hls} {
        set folder [file join $::hls $stage $solution impl ip]
        if {[file exists [file join $folder component.xml]]} {
            return $folder
        }
    }
    give_up 2 "no IP of $stage below [file join $::hls $stage]; run its steps csynth and export"
}
set repositories {}
foreach stage $ips {
    lappend repositories [ip_folder $stage]
}

proc add_ips {folder} {
    global ips repositories
    if {[llength $ips] == 0} {
        return
    }
    file delete -force $folder
    file mkdir $folder
    set_property ip_repo_paths $repositories [current_project]
    update_ip_catalog
    foreach stage $ips {
        set definition [lindex [get_ipdefs "*:hls:$stage:*"] 0]
        if {$definition eq ""} {
            error "the catalogue has no $stage"
        }
        create_ip -vlnv $definition -module_name ${stage}_ip -dir $folder
    }
}

proc write_clock {path} {
    global clock_ns
    set share [format %.3f [expr {0.3 * $clock_ns}]]
    set stream [open $path w]
    puts $stream "create_clock -period $clock_ns -name clk \[get_ports clk\]"
    puts $stream "set_input_delay -clock clk $share \[get_ports -filter {DIRECTION == IN && NAME != clk}\]"
    puts $stream "set_output_delay -clock clk $share \[get_ports -filter {DIRECTION == OUT}\]"
    close $stream
}

proc read_sources {} {
    global sources
    foreach path $sources {
        if {[file extension $path] eq ".sv"} {
            read_verilog -sv $path
        } else {
            read_verilog $path
        }
    }
}

# Every clock of a stage is the pipeline's clock behind a buffer with an enable: one clock for the timer, so that paths
# between stages and controller are timed like any other, and none is cut. All buffers stand side by side behind one
# source; where the part has groups of clocks of equal delay, they are in one. On the 7 series Vivado makes a BUFGCTRL
# of every BUFGCE.
set buffers {get_cells -hierarchical -filter {REF_NAME == BUFGCE || REF_NAME == BUFGCTRL}}

# Constraints that speak of cells, for the implementation; "" if there are none.
proc write_group {} {
    global buffers delay_groups gated_clocks out
    if {!$gated_clocks || !$delay_groups} {
        return ""
    }
    set path [file join $out group.xdc]
    set stream [open $path w]
    set outputs "\[get_pins -of_objects \[$buffers\] -filter {REF_PIN_NAME == O}\]"
    puts $stream "set_property CLOCK_DELAY_GROUP hwgen_clk \[get_nets -of_objects $outputs\]"
    close $stream
    return $path
}

proc constrain_clocks {} {
    global buffers gated_clocks
    if {$gated_clocks && [llength [{*}$buffers]] == 0} {
        error "no clock buffer with an enable is left, though stages have clocks of their own"
    }
    set group [write_group]
    if {$group ne ""} {
        read_xdc $group
    }
}

proc add_group {} {
    set group [write_group]
    if {$group ne ""} {
        add_files -fileset constrs_1 -norecurse $group
        set_property USED_IN {implementation} [get_files [file tail $group]]
    }
}

# A packaged IP carries no macros: files that ask for one get it in front.
proc sources_with_macro {folder} {
    global sources
    file delete -force $folder
    file mkdir $folder
    set found {}
    foreach path $sources {
        set stream [open $path]
        set text [read $stream]
        close $stream
        if {[string first "`ifdef HWGEN_XILINX" $text] >= 0} {
            set path [file join $folder [file tail $path]]
            set stream [open $path w]
            puts -nonewline $stream "`define HWGEN_XILINX 1\n$text"
            close $stream
        }
        lappend found $path
    }
    return $found
}

proc report_power_with {saif path} {
    if {$saif ne ""} {
        read_saif -strip_path [setting HWGEN_SAIF_PATH hwgen_pipeline] $saif
    }
    report_power -hierarchical_depth 4 -file $path
}

proc run_synth {} {
    global out part reports top
    attempt "project" {
        create_project -in_memory -part $part
    }
    attempt "IPs" {
        add_ips [file join $out ip]
        foreach stage $ips {
            generate_target synthesis [get_ips ${stage}_ip]
            synth_ip [get_ips ${stage}_ip]
        }
    }
    attempt "sources" {
        read_sources
        write_clock [file join $out clock.xdc]
        read_xdc -mode out_of_context [file join $out clock.xdc]
    }
    attempt "synthesis" {
        # Not before: what the IPs have inside is the tool's own business.
        set_msg_config -id {Synth 8-689} -new_severity ERROR
        synth_design -top $top -part $part -mode out_of_context -verilog_define HWGEN_XILINX=1
    }
    attempt "reports of the synthesis" {
        report_utilization -hierarchical -hierarchical_depth 2 -file [file join $reports utilisation_synth.rpt]
        write_checkpoint -force [file join $out synth.dcp]
    }
}

proc run_impl {} {
    global out reports saif steps
    if {"synth" ni $steps} {
        attempt "checkpoint" {
            open_checkpoint [file join $out synth.dcp]
        }
    }
    attempt "clocks" constrain_clocks
    attempt "optimisation" opt_design
    attempt "placement" place_design
    attempt "physical optimisation" phys_opt_design
    attempt "routing" route_design
    attempt "reports" {
        report_utilization -hierarchical -hierarchical_depth 2 -file [file join $reports utilisation_routed.rpt]
        report_timing_summary -file [file join $reports timing_routed.rpt]
        report_clock_utilization -file [file join $reports clocks.rpt]
        write_checkpoint -force [file join $out routed.dcp]
    }
    attempt "power" {
        report_power_with $saif [file join $reports power_routed.rpt]
    }
}

proc run_project {} {
    attempt "project" {
        create_project -force pipeline [file join $out project] -part $part
        add_ips [file join $out project ip]
        add_files -norecurse $sources
        write_clock [file join $out clock.xdc]
        add_files -fileset constrs_1 -norecurse [file join $out clock.xdc]
        set_property USED_IN {synthesis implementation out_of_context} [get_files clock.xdc]
        add_group
        set_property verilog_define HWGEN_XILINX=1 [current_fileset]
        set_property top $top [current_fileset]
        # The constraints are those of a block inside a design, so the project builds it as one: no pads.
        set_property -name {STEPS.SYNTH_DESIGN.ARGS.MORE OPTIONS} -value {-mode out_of_context} \
            -objects [get_runs synth_1]
        update_compile_order -fileset sources_1
        close_project
    }
}

proc run_package {} {
    attempt "package" {
        create_project -force package [file join $out package_project] -part $part
        add_ips [file join $out package_project ip]
        add_files -norecurse [sources_with_macro [file join $out package_project macro]]
        add_group
        set_property top $top [current_fileset]
        update_compile_order -fileset sources_1
        file mkdir [file join $out package]
        foreach stage $ips repository $repositories {
            file copy $repository [file join $out package $stage]
        }
        ipx::package_project -root_dir [file join $out package $top] -vendor hwgen -library pipeline \
            -taxonomy /UserIP -import_files -force
        set core [ipx::current_core]
        set_property name $top $core
        set_property description "Early-exit pipeline, inputs [string range $firmware 0 15]" $core
        ipx::infer_bus_interfaces xilinx.com:interface:axis_rtl:1.0 $core
        ipx::infer_bus_interfaces xilinx.com:interface:aximm_rtl:1.0 $core
        ipx::associate_bus_interfaces -busif s_axis -clock clk $core
        ipx::associate_bus_interfaces -busif m_axis -clock clk $core
        ipx::associate_bus_interfaces -busif s_axil -clock clk $core
        ipx::create_xgui_files $core
        ipx::update_checksums $core
        ipx::check_integrity $core
        ipx::save_core $core
        close_project
    }
}

# What a step makes; it is taken away first, so that what an earlier run left is never taken for a result of this one.
array set results {
    synth {ip synth.dcp reports/utilisation_synth.rpt}
    impl {
        routed.dcp reports/utilisation_routed.rpt reports/timing_routed.rpt reports/power_routed.rpt reports/clocks.rpt
    }
    project {project}
    package {package package_project}
}
refuse_spaces $tree $hls $out
take_lock [file join $out pipeline.lock]
file mkdir $reports
if {"synth" in $steps} {
    forget $out pipeline {synth impl}
} elseif {"impl" in $steps} {
    require_sound $out pipeline synth
}
foreach step $steps {
    begin_step $out pipeline $step
    foreach name $results($step) {
        file delete -force [file join $out $name]
    }
    run_$step
    end_step
}
release_lock
exit 0
