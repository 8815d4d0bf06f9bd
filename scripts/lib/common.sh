# Shared by scripts/setup, scripts/demo and scripts/test: numbered steps, quiet commands with a log, where the project is.
# Sourced, never run. The caller sets `steps_total` before its first step.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
logs="$root/build/logs"
jobs=$(nproc)
if ! mkdir -p "$logs" 2>/dev/null; then
    echo "$logs: this folder for logs cannot be made (disk full, or not yours?)" >&2
    exit 1
fi

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
    # Else the log of the call before would be shown as that of this one.
    if ! { : >"$log"; } 2>/dev/null; then
        say "$log: cannot be written (disk full, or not yours?); nothing was run"
        return 1
    fi
    "$@" >"$log" 2>&1 || status=$?
    if [ "$status" -ne 0 ]; then
        tail -n 30 "$log" | sed 's/^/      | /'
        local command="$*"
        say "failed (exit $status): ${command:0:160}"
        if [ -s "$log" ]; then say "whole output: $log"; else say "it said nothing; is the disk full?"; fi
    fi
    return "$status"
}

# watched NAME COMMAND...: the same for work that takes minutes. How far it has come is shown: on a terminal in one line that is
# drawn anew, elsewhere in a line every $watch_seconds.
watch_seconds=10
watched() {
    local status=0 watcher
    watch_log "$logs/$1.log" &
    watcher=$!
    quietly "$@" || status=$?
    kill "$watcher" 2>/dev/null || true
    wait "$watcher" 2>/dev/null || true
    if [ -t 1 ]; then printf '\r\033[K'; fi
    return "$status"
}

# watch_log FILE: tells of FILE until this shell has ended or stops it. Begun beside the work, never instead of it: what runs
# in the background of a script does not hear Ctrl-C.
watch_log() {
    local every=$watch_seconds second line
    if [ -t 1 ]; then every=1; fi
    for ((second = 1; ; second++)); do
        sleep 1 >/dev/null 2>&1
        kill -0 "$$" 2>/dev/null || return 0
        if ((second % every != 0)); then continue; fi
        line=$(how_far "$1" "$second")
        if [ -t 1 ]; then printf '\r\033[K      %s' "$line"; else say "$line"; fi
    done
}

# how_far FILE SECONDS: one line about what wrote FILE for so long; of ninja's lines "[12/345] ..." the numbers.
how_far() {
    local last done total text="$2 s"
    last=$(tail -n 1 "$1" 2>/dev/null | tr -cd '[:print:]')
    if [[ $last =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
        done=${BASH_REMATCH[1]} total=${BASH_REMATCH[2]}
        text="$done of $total steps, $2 s"
        if ((done > 0 && done < total)); then text+=", about $(($2 * (total - done) / done)) s left"; fi
    elif [ -n "$last" ]; then
        text="$2 s: ${last:0:60}"
    fi
    printf '%s\n' "$text"
}
