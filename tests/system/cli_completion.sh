#!/usr/bin/env bash
# What bash and zsh complete after `sliver`, and the manual page through a formatter: cli_completion.sh PROGRAM.
set -euo pipefail
program=$1
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
ln -s "$program" "$place/sliver"
export PATH=$place:$PATH
failed=0
complain() {
    echo "$*"
    failed=1
}

sliver completion bash >"$place/bash"
# shellcheck source=/dev/null
source "$place/bash"
# completed WORDS...: what is offered for the last word.
completed() {
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    COMPREPLY=()
    _sliver
    echo "${COMPREPLY[*]}"
}
# offers PATTERN WORDS...: PATTERN (glob) is what is offered.
offers() {
    local pattern=$1 text
    shift
    text=$(completed "$@")
    # shellcheck disable=SC2053 # a pattern is wanted
    [[ $text == $pattern ]] || complain "bash: after '$*' is offered: '$text', wanted: $pattern"
}
offers '*run*eval*list*--version*' sliver ''
offers 'eval export' sliver e
offers '--network' sliver run --netw
offers '*isaac*small*' sliver run --chip ''
offers 'isaac isaac-oracle' sliver run --chip isaac
offers '*vgg11-fashion-dense*' sliver eval --chip isaac --network vgg11-fashion-d
offers 'lt at' sliver run --style ''
offers '*worst-case*' sliver run --adc ''
offers 'array.rows' sliver run --set array.row
offers '' sliver run --out ''
offers '*adc-laws*' sliver list ad
offers '--json' sliver list chips --j
offers 'table c systemrdl' sliver list registers --format ''
offers '--r-driver' sliver crossbar solve --r-d
offers 'bash zsh *' sliver completion ''
complete -p sliver | grep -q -- '-o default' || complain 'bash: files are not offered'

if command -v zsh >/dev/null; then
    mkdir "$place/functions"
    sliver completion zsh >"$place/functions/_sliver"
    zsh -n "$place/functions/_sliver" || complain 'zsh: is no script'
    # Loaded as a user's zsh would; the functions of all commands are there after the first call.
    zsh -f -c "fpath=($place/functions \$fpath); autoload -Uz compinit; compinit -u -d $place/dump
        [[ \${_comps[sliver]} == _sliver ]] || { echo 'zsh: does not know sliver'; exit 1 }
        _arguments() { print -r -- \"\$@\"; state=command }; _describe() { print -r -- \$commands }
        _sliver >$place/loaded
        _sliver | grep -q -- 'run:Run a network' || { echo 'zsh: no commands'; exit 1 }
        _sliver_run | grep -q -- '--chip\[.*_sliver_names chips' || { echo 'zsh: no chips'; exit 1 }
        compadd() { print -r -- \$names }; _files() { }
        _sliver_names chips | grep -q isaac || { echo 'zsh: no names'; exit 1 }" || failed=1
else
    echo 'zsh is not installed: its completion was not looked at'
fi

sliver man >"$place/sliver.1"
grep -q '^.SS sliver crossbar solve$' "$place/sliver.1" || complain 'man: a command is missing'
if command -v mandoc >/dev/null; then
    # A date would make every build another page.
    warnings=$({ mandoc -T lint -W warning "$place/sliver.1" || true; } | { grep -v 'missing date' || true; })
    [ -z "$warnings" ] || complain "mandoc: $warnings"
    mandoc -T ascii "$place/sliver.1" | col -b >"$place/shown"
elif command -v man >/dev/null && command -v groff >/dev/null; then
    MANWIDTH=80 man --warnings -l "$place/sliver.1" 2>"$place/warnings" | col -b >"$place/shown"
    [ ! -s "$place/warnings" ] || complain "man: $(head -3 "$place/warnings")"
else
    echo 'neither mandoc nor man is installed: the page was not formatted'
    exit "$failed"
fi
grep -q -- '--chip CHIP' "$place/shown" || complain 'man: an option is missing'
grep -q 'sliver eval --network vgg11-fashion-bitslice --chip isaac' "$place/shown" || complain 'man: an example is missing'

exit "$failed"
