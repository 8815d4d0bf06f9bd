"""`python3 -m sliver`: the command line."""
import sys

from . import _sliver


def main():
    sys.exit(_sliver.command_line(["sliver", *sys.argv[1:]]))


if __name__ == "__main__":
    main()
