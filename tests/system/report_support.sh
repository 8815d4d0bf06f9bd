# Shared by report_browser.sh and report_figures.sh; sourced with the program as $1. Leaves in $scratch the reports of a small run,
# of a small ADC study and of a crossbar of 2 x 2 cells, with and without names that try to break out of the page: report.html,
# hostile.html, study.html, hostile-study.html, crossbar.html, hostile-crossbar.html; and of a small study of non-ideal crossbars and
# a sweep of four points: nonideal.html, sweep.html.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
program=$1
fixtures="$root/tests/data/onnx"

"$program" run --chip small --network "$fixtures/resnet-opset13.onnx" --images "$fixtures/resnet-opset13.input.npy" --count 2 \
    --histograms --out "$scratch/run" >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
"$program" report "$scratch/run" --out "$scratch/report.html" >/dev/null 2>"$scratch/notice"

cp -r "$scratch/run" "$scratch/edited"
python3 - "$scratch/edited/stats.json" <<'PYTHON'
import json
import sys

path = sys.argv[1]
with open(path, encoding="utf-8") as file:
    stats = json.load(file)
stats["layers"][0]["name"] = "</script><script>console.error('out')</script><b>\"'\\ {{datum}} ${1}"
stats["layers"][2]["name"] = stats["layers"][1]["name"]
with open(path, "w", encoding="utf-8") as file:
    json.dump(stats, file)
PYTHON
# Names have no line separators once they are imported; without its mark: what was edited is refused else.
rm "$scratch/edited/.sliver"
"$program" report "$scratch/edited" --out "$scratch/hostile.html" >/dev/null 2>&1

python3 - "$scratch/labels.npy" <<'PYTHON'
import struct
import sys

header = b"{'descr': '<i8', 'fortran_order': False, 'shape': (4,), }"
header += b" " * (63 - (10 + len(header)) % 64) + b"\n"
with open(sys.argv[1], "wb") as file:
    file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + struct.pack("<4q", 0, 1, 2, 3))
PYTHON
"$program" study adc --chip small --network "$fixtures/mlp-gemm.onnx" --network "$fixtures/mlp-matmul.onnx" \
    --images "$fixtures/mlp-gemm.input.npy" --labels "$scratch/labels.npy" --count 2 --held-out 2 --out "$scratch/study" \
    >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
"$program" report "$scratch/study" --out "$scratch/study.html" >/dev/null 2>&1

cp -r "$scratch/study" "$scratch/edited-study"
python3 - "$scratch/edited-study/adc.json" <<'PYTHON'
import json
import sys

path = sys.argv[1]
hostile = "</script><script>console.error('out')</script><b>\"'\\ \u2028 {{datum}} ${1}"
with open(path, encoding="utf-8") as file:
    study = json.load(file)
study["verdict"].append(hostile)
for network in study["networks"]:
    network["name"] = hostile
    network["allocations"][1]["title"] = network["allocations"][1]["key"] = hostile
    first = network["layers"][0]
    network["layers"][0] = hostile
    for entry in network["histograms"] + [c for a in network["allocations"] for c in a["certificates"]]:
        if entry["layer"] == first:
            entry["layer"] = hostile
with open(path, "w", encoding="utf-8") as file:
    json.dump(study, file)
PYTHON
"$program" report "$scratch/edited-study" --out "$scratch/hostile-study.html" >/dev/null 2>&1

"$program" crossbar solve --resistances "$root/docs/examples/crossbar-ohms.npy" --voltages "$root/docs/examples/crossbar-volts.npy" \
    --r-driver 1 --r-row 1 --r-col 1 --r-sense 1 --out "$scratch/crossbar" >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
"$program" report "$scratch/crossbar" --out "$scratch/crossbar.html" >/dev/null 2>&1

cp -r "$scratch/crossbar" "$scratch/edited-crossbar"
python3 - "$scratch/edited-crossbar/solve.json" <<'PYTHON'
import json
import sys

path = sys.argv[1]
hostile = "</script><script>console.error('out')</script><b>\"'\\ \u2028 {{datum}} ${1}"
with open(path, encoding="utf-8") as file:
    solve = json.load(file)
solve["cells"]["file"] = solve["cells"]["sha256"] = solve["idle_rows"] = solve["version"] = hostile
# Larger than its maps say, and a cell that is none.
solve["maps"]["rows_per_block"] = 3
solve["maps"]["conductance_s"][0][0] = 0
with open(path, "w", encoding="utf-8") as file:
    json.dump(solve, file)
PYTHON
"$program" report "$scratch/edited-crossbar" --out "$scratch/hostile-crossbar.html" >/dev/null 2>&1

"$program" study nonideal --chip small --network "$fixtures/mlp-gemm.onnx:$fixtures/mlp-gemm.onnx" \
    --images "$fixtures/mlp-gemm.input.npy" --labels "$scratch/labels.npy" --count 2 --size 16 --seeds 1 --adc-images 0 --no-cost \
    --with T --out "$scratch/nonideal" >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
"$program" report "$scratch/nonideal" --out "$scratch/nonideal.html" >/dev/null 2>&1

cat >"$scratch/sweep.yaml" <<YAML
name: small
fixed: {chip: small, network: $fixtures/mlp-gemm.onnx, images: $fixtures/mlp-gemm.input.npy, adc.policy: fixed}
axes:
  adc.bits: [4, 8]
  cost.technology: [28 nm, 32 nm]
objectives: [energy_per_image_j, latency_s]
baseline: {adc.bits: 8, cost.technology: 32 nm}
YAML
"$program" sweep "$scratch/sweep.yaml" --out "$scratch/sweep" >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
"$program" report "$scratch/sweep" --out "$scratch/sweep.html" >/dev/null 2>&1
