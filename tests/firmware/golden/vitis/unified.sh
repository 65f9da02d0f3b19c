# hwgen 0.1.0, recipe small, inputs 0000000000000000
# Runs one block of this tree through the unified configuration of Vitis 2023.1 and later.
#
#   bash scripts/unified.sh BLOCK STEP...      steps: csim csynth cosim export
#
#   HWGEN_HLS     folder for the projects   default: hls_build in the current folder
#   VPP           v++                       VITIS_RUN   vitis-run
#
# csynth starts the project anew; cosim and export go on from what it left, if that is of this firmware. The exit code
# of the first step that fails is kept; wrong use ends with 2. Results: HWGEN_HLS/<block>/hls, and a status of every
# step in HWGEN_HLS/status. Status and lock are those that scripts/common.tcl describes.
#
# This script has been run with stand-ins for the tools only, never with the tools.
set -u

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
firmware=0000000000000000000000000000000000000000000000000000000000000000
blocks="stage1 stage2 gate1 kernel"
VPP=${VPP:-v++}
VITIS_RUN=${VITIS_RUN:-vitis-run}

wrong() {
    echo "hwgen: $1" >&2
    exit 2
}

block=${1:-}
[[ " $blocks " == *" $block "* && -n $block ]] || wrong "the block is '$block'; it must be one of: $blocks"
shift
[ $# -gt 0 ] || wrong "no step given; known steps: csim csynth cosim export"
for step in "$@"; do
    [[ " csim csynth cosim export " == *" $step "* ]] || wrong "the step is '$step'; known steps: csim csynth cosim export"
done

mkdir -p "${HWGEN_HLS:-hls_build}/status" "${HWGEN_HLS:-hls_build}/logs/$block" || wrong "the folder for projects cannot be made"
out=$(cd "${HWGEN_HLS:-hls_build}" && pwd)
case $tree$out in
    *[[:space:]]*) wrong "'$tree' or '$out' has a space in it, which the tools do not take; choose another folder" ;;
esac

host=$(uname -n)
lock=$out/$block.lock

is_alive() { # process; one that was killed may wait for somebody to notice
    local told
    told=$(cat "/proc/$1/stat" 2>/dev/null) && [[ ! $told =~ \)\ [ZX]\  ]]
}

take_lock() {
    local owner owner_host owner_process
    (set -C && echo "$host $$" >"$lock") 2>/dev/null && return
    [ -e "$lock" ] || wrong "$out cannot be written"
    owner=$(cat "$lock" 2>/dev/null)
    read -r owner_host owner_process <<<"$owner"
    if [ "$owner_host" != "$host" ] || [ ! -d /proc ] || is_alive "$owner_process"; then
        wrong "$out is used by another run ($owner); if it is none, remove $lock"
    fi
    echo "$host $$" >"$lock"
}

is_sound() { # step; without a status it was not run by these scripts
    local status=$out/status/$block.$1
    [ ! -e "$status" ] || { grep -qx "firmware $firmware" "$status" && grep -qx "state done" "$status"; }
}

take_lock
trap 'rm -f "$lock"' EXIT
if [[ " $* " != *" csynth "* && " $* " == *" "@(cosim|export)" "* ]] && ! is_sound csynth; then
    wrong "csynth of $block below $out is of other firmware or did not end well; run it again"
fi
export HWGEN_TREE=$tree
settings=$(<"$tree/scripts/cfg/$block.cfg")
printf '%s\n' "${settings//@/"$tree"}" >"$out/$block.cfg"

tell() { # step state message
    {
        echo "firmware $firmware"
        [ -z "${HWGEN_KEY:-}" ] || echo "key $HWGEN_KEY"
        echo "tool ${HWGEN_TOOL:-${VITIS_RUN##*/}}"
        echo "state $2"
        [ -z "${3:-}" ] || echo "message $3"
    } >"$out/status/$block.$1.new"
    mv -f "$out/status/$block.$1.new" "$out/status/$block.$1"
}

# The tools leave logs where they are started; blocks run side by side.
cd "$out/logs/$block" || exit 2
for step in "$@"; do
    echo "hwgen: $block $step"
    tell "$step" running
    case $step in
        csim)
            "$VITIS_RUN" --mode hls --csim --config "$out/$block.cfg" --work_dir "$out/$block"
            ;;
        csynth)
            rm -rf "$out/$block" "$out/status/$block.cosim" "$out/status/$block.export"
            "$VPP" -c --mode hls --config "$out/$block.cfg" --work_dir "$out/$block"
            ;;
        cosim)
            rm -rf "$out/$block/hls/sim/report"
            "$VITIS_RUN" --mode hls --cosim --config "$out/$block.cfg" --work_dir "$out/$block"
            ;;
        export)
            rm -rf "$out/$block/hls/impl/ip"
            "$VITIS_RUN" --mode hls --package --config "$out/$block.cfg" --work_dir "$out/$block"
            ;;
    esac
    code=$?
    if [ $code -ne 0 ]; then
        tell "$step" failed "$step ended with exit code $code"
        echo "hwgen: $step failed with exit code $code" >&2
        exit $code
    fi
    tell "$step" done
done
