# What the scripts of this tree share: settings, errors, a lock, and what is told of every step.
#
# A step writes <folder>/status/<block>.<step> before it starts and when it ends:
#   firmware  hash of the inputs this tree was generated from
#   key       hash of all that the step reads, if a driver passed it in HWGEN_KEY
#   tool      program
#   state     running, done or failed
#   message   why it failed
# Reports of a step that is not done are of no use to anybody; `hwgen import-reports` reads none.

proc setting {name fallback} {
    if {[info exists ::env($name)] && $::env($name) ne ""} {
        return $::env($name)
    }
    return $fallback
}

proc give_up {code text} {
    puts stderr "hwgen: $text"
    release_lock
    exit $code
}

set hwgen_lock ""
set hwgen_status ""

# The tools, and the flags given to their compilers, are split at spaces.
proc refuse_spaces {args} {
    foreach path $args {
        if {[regexp {\s} $path]} {
            give_up 2 "'$path' has a space in it, which the tools do not take; choose another folder"
        }
    }
}

# A process that was killed may wait for somebody to notice.
proc is_alive {process} {
    if {[catch {open [file join /proc $process stat]} stream]} {
        return 0
    }
    set told [read $stream]
    close $stream
    return [expr {![regexp {\) [ZX] } $told]}]
}

# As the system calls it, like scripts/unified.sh and hwgen do; `info hostname` may ask the network for a longer name.
proc host_name {} {
    if {[catch {open /proc/sys/kernel/hostname} stream]} {
        return [info hostname]
    }
    set name [string trim [read $stream]]
    close $stream
    return $name
}

# One run at a time in a folder. The file names host and process; what a dead process of this host left is taken over.
proc take_lock {path} {
    set folder [file dirname $path]
    if {[catch {file mkdir $folder} problem]} {
        give_up 2 "$folder cannot be made: $problem"
    }
    if {[catch {open $path {WRONLY CREAT EXCL}} stream]} {
        if {![file exists $path]} {
            give_up 2 "$folder cannot be written: $stream"
        }
        set owner ""
        catch {
            set old [open $path]
            set owner [string trim [read $old]]
            close $old
        }
        lassign $owner host process
        set here [expr {$host eq [host_name] && [file isdirectory /proc]}]
        if {!$here || [is_alive $process]} {
            puts stderr "hwgen: $folder is used by another run ($owner); if it is none, remove $path"
            exit 2
        }
        set stream [open $path w]
    }
    puts $stream "[host_name] [pid]"
    close $stream
    set ::hwgen_lock $path
}

proc release_lock {} {
    if {$::hwgen_lock ne ""} {
        file delete $::hwgen_lock
        set ::hwgen_lock ""
    }
}

proc write_status {state {message ""}} {
    if {$::hwgen_status eq ""} {
        return
    }
    set new "$::hwgen_status.new"
    set stream [open $new w]
    puts $stream "firmware $::firmware"
    if {[setting HWGEN_KEY ""] ne ""} {
        puts $stream "key [setting HWGEN_KEY ""]"
    }
    puts $stream "tool [setting HWGEN_TOOL [file tail [info nameofexecutable]]]"
    puts $stream "state $state"
    if {$message ne ""} {
        puts $stream "message $message"
    }
    close $stream
    file rename -force $new $::hwgen_status
}

proc begin_step {folder block step} {
    puts "hwgen: $block $step"
    file mkdir [file join $folder status]
    set ::hwgen_status [file join $folder status $block.$step]
    write_status running
}

# Whether a step may be built on: what its status says, if there is one. Without one it was not run by these scripts.
proc is_sound {folder block step} {
    set path [file join $folder status $block.$step]
    if {![file exists $path]} {
        return 1
    }
    set stream [open $path]
    set told [split [read $stream] "\n"]
    close $stream
    return [expr {"firmware $::firmware" in $told && "state done" in $told}]
}

# A step that goes on from what an earlier one left is stamped with this firmware, so that must be of it too.
proc require_sound {folder block step} {
    if {![is_sound $folder $block $step]} {
        give_up 2 "$step of $block below $folder is of other firmware or did not end well; run it again"
    }
}

# A step that starts anew takes from under later ones what they rest on.
proc forget {folder block steps} {
    foreach step $steps {
        file delete [file join $folder status $block.$step]
    }
}

# Runs commands of the step that has begun; the first error ends everything with exit code 1.
proc attempt {name command} {
    puts "hwgen: $name"
    if {[catch {uplevel #0 $command} message]} {
        set message [string map {"\n" " "} $message]
        write_status failed "$name failed: $message"
        give_up 1 "$name failed: $message"
    }
}

proc end_step {} {
    write_status done
    set ::hwgen_status ""
}
