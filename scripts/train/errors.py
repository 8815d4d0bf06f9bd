"""What the programs of this folder say when they cannot use their input."""
import sys


class BadInput(Exception):
    """Input that cannot be used; the programs print it as one line and exit with status 2."""


def run_program(name, main):
    """main(arguments) as a program: its exit status, BadInput as one line on stderr."""
    try:
        status = main(sys.argv[1:])
    except BadInput as error:
        print(f"{name}: {' '.join(str(error).split())}", file=sys.stderr)
        status = 2
    sys.exit(status)
