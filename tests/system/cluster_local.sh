#!/usr/bin/env bash
# The workflow of scripts/cluster on this machine: killed in the middle, run again, the same bytes as `sliver sweep`; and wrong
# input refused in one line.
#
#   cluster_local.sh SLIVER     exit code 77: skipped, with the reason
set -euo pipefail
sliver="$1"
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
command -v snakemake >/dev/null || {
    echo "skipped: snakemake is not installed (scripts/setup --cluster installs it)"
    exit 77
}
work="$(mktemp -d /tmp/sliver-cluster-XXXXXX)"
trap 'rm -rf "$work"' EXIT
fail() {
    echo "FAILED: $*"
    exit 1
}
cat >"$work/sweep.yaml" <<SWEEP
name: local
fixed: {chip: small, network: tests/data/onnx/vgg-opset13.onnx, images: tests/data/onnx/vgg-opset13.input.npy, adc.policy: fixed}
axes:
  adc.bits: {from: 1, to: 8, step: 1}
  adc.arrays_per_adc: [1, 2, 4]
objectives: [energy_per_image_j, latency_s]
SWEEP
cd "$root"
workflow() { scripts/cluster/run "$work/sweep.yaml" --out "$work/flow" --batch 3 --sliver "$sliver"; }
finished() { find "$work/flow/points" -maxdepth 1 -name '[0-9a-f]*' 2>/dev/null | wc -l; }

"$sliver" sweep "$work/sweep.yaml" --out "$work/plain" >/dev/null
set -m
workflow >"$work/first.out" 2>&1 &
runner=$!
set +m
for _ in $(seq 1200); do
    [ "$(finished)" -lt 4 ] || break
    sleep 0.05
done
kill -9 -- "-$runner" 2>/dev/null || true
wait "$runner" 2>/dev/null || true
[ ! -e "$work/flow/results.csv" ] || fail "it was over before it was killed"
workflow >"$work/second.out" 2>&1 || { tail -n 20 "$work/second.out"; fail "the second run"; }
for file in results.csv results.sqlite sweep.json; do cmp "$work/plain/$file" "$work/flow/$file" || fail "$file differs"; done
diff -r "$work/plain/points" "$work/flow/points" >/dev/null || fail "points differ"

refused() { # MESSAGE ARGUMENTS...
    local wanted="$1" status=0 said
    shift
    said="$(scripts/cluster/run "$@" 2>&1)" || status=$?
    [ "$status" -eq 2 ] || fail "$*: exit code $status: $said"
    [ "$(wc -l <<<"$said")" -eq 1 ] || fail "$*: more than a line: $said"
    grep -qF -- "$wanted" <<<"$said" || fail "$*: said '$said', not '$wanted'"
}
refused "--out is missing" "$work/sweep.yaml" --sliver "$sliver"
refused "--batch 0: must be" "$work/sweep.yaml" --out "$work/x" --batch 0 --sliver "$sliver"
refused "no config.yaml there" "$work/sweep.yaml" --out "$work/x" --profile nowhere --sliver "$sliver"
refused "Snakemake cannot take paths" "$work/sweep.yaml" --out "$work/{x}" --sliver "$sliver"
refused "Snakemake cannot take paths" "$work/sweep.yaml" --out "$work/a: b" --sliver "$sliver"
refused "no such program" "$work/sweep.yaml" --out "$work/x" --sliver "$work/none"
refused "--bach: no such option" "$work/sweep.yaml" --out "$work/x" --bach 3
sed 's/adc.bits/adc.bitz/' "$work/sweep.yaml" >"$work/wrong.yaml"
refused "adc.bitz: unknown key: did you mean adc.bits?" "$work/wrong.yaml" --out "$work/x" --sliver "$sliver"
[ ! -e "$work/x" ] || fail "a refused call left something"
sed 's/name: local/name: other/' "$work/sweep.yaml" >"$work/other.yaml"
refused "is the folder of sweep local, not of other" "$work/other.yaml" --out "$work/flow" --sliver "$sliver"
[ -e "$work/flow/results.csv" ] || fail "the results of another sweep were removed"
echo "24 points through the workflow, killed and run again: the same bytes as sliver sweep"
