"""python3 -m sliver.train NAME ...: one of the programs."""
import sys

from . import programs

if len(sys.argv) < 2 or sys.argv[1] not in programs.NAMES:
    print(f"usage: python3 -m sliver.train NAME ..., with NAME one of {', '.join(programs.NAMES)}", file=sys.stderr)
    sys.exit(2)
name = sys.argv.pop(1)
programs.run(name, sys.argv[1:])
