#!/usr/bin/python3
"""The program of sliver.train that has this file's name: train, export, zoo, point and speed are this one file."""
import os
import sys

import repository  # noqa: F401
from sliver.train import programs

programs.run(os.path.basename(sys.argv[0]).removesuffix(".py"), sys.argv[1:])
