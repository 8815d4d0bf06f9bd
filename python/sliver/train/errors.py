"""What is said where input cannot be used."""
import sys


class BadInput(ValueError):
    """Input that cannot be used, said in one line; the programs print it and exit with status 2."""


def run_program(name, main, arguments=None):
    """main(arguments) as a program: its exit status, BadInput as one line on stderr. The arguments are by default the process's."""
    try:
        status = main(sys.argv[1:] if arguments is None else arguments)
    except BadInput as error:
        print(f"{name}: {' '.join(str(error).split())}", file=sys.stderr)
        status = 2
    sys.exit(status)
