#!/usr/bin/env bash
# report_browser.sh SLIVER: reports open in a headless Chromium; ends with 77 where none is installed.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/report_support.sh"

"$root/scripts/lib/check_report" "$scratch/report.html" "$scratch/pictures"
for page in hostile study hostile-study crossbar hostile-crossbar; do
    "$root/scripts/lib/check_report" "$scratch/$page.html"
done
for picture in light.png dark.png print.pdf; do
    [ -s "$scratch/pictures/$picture" ] || { echo "no $picture"; exit 1; }
done
if cmp -s "$scratch/pictures/light.png" "$scratch/pictures/dark.png"; then
    echo "light and dark look the same"
    exit 1
fi
# The check itself must see what is wrong: a page that asks the network, a chart that cannot be drawn.
sed 's|<body>|<body><img src="http://example.org/x.png">|' "$scratch/report.html" >"$scratch/asks.html"
sed 's|"mark":"bar"|"mark":"pie"|' "$scratch/report.html" >"$scratch/damaged.html"
for page in asks damaged; do
    cmp -s "$scratch/$page.html" "$scratch/report.html" && continue  # a program without bundles has no charts
    if "$root/scripts/lib/check_report" "$scratch/$page.html"; then
        echo "check_report lets $page.html pass"
        exit 1
    fi
done
