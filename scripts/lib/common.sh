# Shared by scripts/setup, scripts/demo and scripts/test: numbered steps, quiet commands with a log, where the project is.
# Sourced, never run. The caller sets `steps_total` before its first step.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
logs="$root/build/logs"
jobs=$(nproc)
mkdir -p "$logs"

steps_done=0
step() {
    steps_done=$((steps_done + 1))
    printf '[%d/%d] %s\n' "$steps_done" "$steps_total" "$*"
}

say() { printf '      %s\n' "$*"; }

# quietly NAME COMMAND...: runs COMMAND with its output in a log; on failure shows the log's end and where it lies.
quietly() {
    local log="$logs/$1.log" status=0
    shift
    "$@" >"$log" 2>&1 || status=$?
    if [ "$status" -ne 0 ]; then
        tail -n 30 "$log" | sed 's/^/      | /'
        local command="$*"
        say "failed (exit $status): ${command:0:160}"
        say "whole output: $log"
    fi
    return "$status"
}
