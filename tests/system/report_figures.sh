#!/usr/bin/env bash
# report_figures.sh SLIVER: scripts/figures draws every chart of a report, the same each time; ends with 77 without node, and
# for a program without the bundles.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/report_support.sh"

if ! command -v node >/dev/null; then
    echo "SKIPPED: node is not installed"
    exit 77
fi
status=0
"$root/scripts/figures" "$scratch/report.html" "$scratch/figures" >/dev/null 2>"$scratch/refusal" || status=$?
if [ -s "$scratch/notice" ]; then
    [ "$status" -eq 2 ] && [ "$(wc -l <"$scratch/refusal")" -eq 1 ] || { echo "a page without bundles is not refused"; exit 1; }
    echo "SKIPPED: the program was built without the bundles"
    exit 77
fi
[ "$status" -eq 0 ] || { cat "$scratch/refusal"; exit 1; }
"$root/scripts/figures" "$scratch/report.html" "$scratch/again" >/dev/null
diff -r "$scratch/figures" "$scratch/again"
for page in hostile study hostile-study crossbar hostile-crossbar nonideal sweep; do
    "$root/scripts/figures" "$scratch/$page.html" "$scratch/$page-figures" >/dev/null
done
of_run="adc-laws adc-widths column-sums energy-by-component energy-by-layer energy-shares timeline"
of_study="accuracy-over-bits accuracy-over-energy adc-laws adc-share adc-widths column-sums effects search"
of_crossbar="column-volts effective factors row-volts"
of_nonideal="no-gain array-gain column-gain"
of_sweep="front-1 parallel sensitivity components"
for folder in figures hostile-figures study-figures hostile-study-figures crossbar-figures hostile-crossbar-figures nonideal-figures \
    sweep-figures; do
    case $folder in
        *study*) charts=$of_study ;;
        *crossbar*) charts=$of_crossbar ;;
        nonideal*) charts=$of_nonideal ;;
        sweep*) charts=$of_sweep ;;
        *) charts=$of_run ;;
    esac
    for chart in $charts; do
        python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$scratch/$folder/$chart.svg"
    done
    if grep -l 'currentColor\|NaN\|undefined' "$scratch/$folder"/*.svg; then
        echo "a figure holds no value"
        exit 1
    fi
done
if "$root/scripts/figures" "$scratch/nowhere.html" "$scratch/none" 2>/dev/null || [ -e "$scratch/none" ]; then
    echo "a page that is not there is not refused"
    exit 1
fi
