"""The command lines: train, export, zoo, point and speed, each with --help. `python3 -m sliver.train NAME ...` or scripts/train/NAME.py."""
import importlib

from ..errors import run_program

NAMES = ("train", "export", "zoo", "point", "speed")


def run(name, arguments):
    """The program `name` to its end, which is the process's."""
    run_program(name + ".py", importlib.import_module(f".{name}", __name__).main, arguments)
