"""Puts the repository's own package sliver before an installed one, for the programs of this folder and the tests of training.

A folder that PYTHONPATH names, such as the built package's, stays before it.
"""
import os
import sys

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir))
if not any(os.path.isdir(os.path.join(path, "sliver")) for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path):
    sys.path.insert(0, os.path.join(ROOT, "python"))
