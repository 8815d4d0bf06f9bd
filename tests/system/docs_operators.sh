#!/usr/bin/env bash
# The list of operators in docs/your-own-network.md is what the program prints: docs_operators.sh PROGRAM.
# SLIVER_UPDATE_DOCS=1 rewrites the list instead of comparing it.
set -euo pipefail
program=$1
page=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/docs/your-own-network.md
if ! printed=$("$program" list operators 2>&1); then
    echo "SKIPPED: $program has no list of operators: $printed"
    exit 77
fi
listed=$(sed -n '/^<!-- operators: begin -->$/,/^<!-- operators: end -->$/p' "$page" | sed '1,2d' | head -n -2)
[ "$listed" != "$printed" ] || exit 0
if [ -n "${SLIVER_UPDATE_DOCS:-}" ]; then
    text=$printed awk '
        /^<!-- operators: begin -->$/ { print; print "```text"; print ENVIRON["text"]; print "```"; skip = 1 }
        /^<!-- operators: end -->$/ { skip = 0 }
        !skip' "$page" >"$page.new"
    mv "$page.new" "$page"
    exit 0
fi
diff <(echo "$listed") <(echo "$printed") || true
echo "docs/your-own-network.md does not list what the program prints (SLIVER_UPDATE_DOCS=1 writes it)"
exit 1
