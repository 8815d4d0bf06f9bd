#!/usr/bin/env bash
# What scripts/setup, scripts/demo and scripts/test tell: of work that takes long, of logs that cannot be written, of a network that
# is not there. The commands that they would run are stand-ins here.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
failed=0
# expect WHAT TEXT PATTERN...: every pattern (a basic regular expression) is found in TEXT.
expect() {
    local what=$1 text=$2 pattern
    shift 2
    for pattern in "$@"; do
        if ! grep -q -e "$pattern" <<<"$text"; then
            printf '%s: "%s" is missing in:\n%s\n' "$what" "$pattern" "$text"
            failed=1
        fi
    done
}
reject() {
    if grep -q -e "$3" <<<"$2"; then
        printf '%s: "%s" should not stand in:\n%s\n' "$1" "$3" "$2"
        failed=1
    fi
}
# with_common COMMANDS: what they print after scripts/lib/common.sh; logs are in $place.
with_common() {
    # "|| true": the status of the last command is not what is asked here.
    { echo "source '$root/scripts/lib/common.sh'; logs='$place'; $1"; } | bash -s 2>&1 || true
}

text=$(with_common 'quietly good echo hidden; quietly bad sh -c "echo the reason; exit 3" || echo "status $?"')
expect quietly "$text" '| the reason' 'failed (exit 3)' "whole output: $place/bad.log" 'status 3'
reject quietly "$text" hidden

# A folder stands where the log should be: nobody can write it, not even root.
mkdir "$place/taken.log"
text=$(with_common 'quietly taken touch "$logs/was-run" || echo "status $?"')
expect 'log that cannot be written' "$text" "$place/taken.log: cannot be written" 'nothing was run' 'status 1'
[ ! -e "$place/was-run" ] || { echo 'the command ran without its log'; failed=1; }

# The log of the call before is not shown as this one's.
text=$(with_common 'quietly twice echo "old success"; quietly twice false || true')
reject 'old log' "$text" 'old success'
expect 'empty log' "$text" 'it said nothing'

text=$(with_common 'watch_seconds=1; watched build sh -c "echo \"[30/120] Building x\"; sleep 2.5; exit 4" || echo "status $?"')
expect 'long work' "$text" '^      30 of 120 steps, 1 s, about 3 s left$' '^      30 of 120 steps, 2 s' 'failed (exit 4)' 'status 4'
text=$(with_common 'watch_seconds=1; watched other sh -c "echo Unpacking; sleep 1.5"')
expect 'long work of others' "$text" '^      1 s: Unpacking$'
text=$(with_common 'watched short true; echo end')
[ "$text" = end ] || { echo "short work says: $text"; failed=1; }

# scripts/setup without a network, in a copy that has no packages: apt-get calls a list that it cannot fetch a success unless told.
mkdir -p "$place/copy/scripts" "$place/bin"
cp -r "$root/scripts/setup" "$root/scripts/lib" "$place/copy/scripts/"
cat >"$place/bin/apt-get" <<'END'
#!/bin/sh
echo "apt-get $*" >>"$CALLS"
case "$*" in
*Error-Mode=any*update*) echo "E: Failed to fetch http://deb.debian.org"; exit 100 ;;
*update*) echo "W: Failed to fetch http://deb.debian.org"; exit 0 ;;
*) echo "E: Unable to locate package"; exit 100 ;;
esac
END
printf '#!/bin/sh\nexit 1\n' >"$place/bin/dpkg-query"
printf '#!/bin/sh\necho 0\n' >"$place/bin/id"
chmod +x "$place"/bin/*
status=0
text=$(CALLS=$place/calls PATH=$place/bin:$PATH "$place/copy/scripts/setup" 2>&1) || status=$?
expect 'no network' "$text" 'is there a network' 'Failed to fetch'
[ "$status" -eq 1 ] || { echo "without a network scripts/setup ends with $status"; failed=1; }
! grep -q ' install ' "$place/calls" || { echo 'packages were asked for without lists'; failed=1; }

# Only tests need Boost.
reject 'packages of the program' "$text" libboost
expect 'packages of the program' "$text" libsystemc-dev
text=$(CALLS=$place/calls PATH=$place/bin:$PATH "$place/copy/scripts/setup" --tests 2>&1) || true
expect 'packages of tests' "$text" libboost-test-dev libbenchmark-dev
text=$("$place/copy/scripts/setup" --test 2>&1) && { echo 'an unknown option is taken'; failed=1; }
expect 'unknown option' "$text" '--test: no such option; there are --tests'

exit "$failed"
