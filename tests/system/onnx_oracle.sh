#!/usr/bin/env bash
# Sliver against ONNX Runtime itself: onnx_oracle.sh PROGRAM. Skipped where Node.js or the runtime is not there.
#
# First whether the logits that lie in tests/onnx are still the runtime's; then every quantised network node by node, and a shipped
# one where its images are on this machine: what differs must be explained by ties.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
onnx=$root/tests/onnx
export SLIVER=$1
if ! command -v node >/dev/null; then
    echo "SKIPPED: node is not installed (scripts/setup --tests)"
    exit 77
fi
failed=0
pending() { grep -qx "$1" "$onnx/pending.txt"; }
# against NAME ARGUMENTS...: what a network that is not there yet says, is told and no failure.
against() {
    local name=$1 out status=0
    shift
    out=$("$root/scripts/against-onnxruntime" "$@" --strict 2>&1) || status=$?
    [ "$status" -ne 0 ] || return 0
    if [ "$status" -eq 77 ]; then
        echo "$out"
        exit 77
    fi
    if pending "$name"; then
        echo "PENDING: $name: ${out##*$'\n'}"
    else
        echo "$name: $out"
        failed=1
    fi
}

models=()
for images in "$onnx"/*.images.npy.gz; do
    name=$(basename "$images" .images.npy.gz)
    model=$name.onnx.gz
    [ -f "$onnx/$model" ] || model=$name.onnx
    # ONNX Runtime does not know QONNX; the twin is the same network.
    models+=("$name=${model/qonnx2/qcdq2}")
done
status=0
node "$onnx/check_logits.mjs" "${models[@]}" || status=$?
[ "$status" -ne 77 ] || exit 77
[ "$status" -eq 0 ] || failed=1

for name in vgg_qcdq4 lenet_qcdq2 lenet_qonnx2 qdq_static lenet_qlinear residual_qlinear; do
    against "$name" "$onnx/$name.onnx.gz" --images "$onnx/$name.images.npy.gz" --oracle "$onnx/${name/qonnx2/qcdq2}.onnx.gz"
done
if [ -d /usr/share/datasets/fashion-mnist ]; then
    against vgg11-fashion-bitslice vgg11-fashion-bitslice --count 4
else
    echo "SKIPPED: vgg11-fashion-bitslice: fashion-mnist is not on this machine"
fi
exit "$failed"
