"""Asks the Sliver program about a network file: its accuracy and its logits."""
import os
import re
import subprocess
import tempfile

import numpy as np

from .errors import BadInput


def _run(arguments):
    try:
        result = subprocess.run(arguments, capture_output=True, text=True)
    except OSError as error:
        raise BadInput(f"cannot run {arguments[0]}: {error}") from error
    if result.returncode:
        lines = result.stderr.strip().splitlines() or ["no message"]
        raise BadInput(f"{' '.join(arguments[:2])} ended with status {result.returncode}: {lines[-1]}")
    return result.stdout


def hits(sliver, network, images, labels=None, chip="isaac"):
    """(correct answers, images) of `sliver eval` over all images of a file or folder, every bit slice through its crossbars.

    Worst-case converters never clip, so these are the answers of the golden executor, in a hundredth of its time.
    """
    more = ["--labels", labels] if labels else []
    text = _run([sliver, "eval", "--network", network, "--chip", chip, "--adc", "worst-case", "--images", images, *more])
    found = re.search(r"^top-1: .* %, ([\d,]+) of ([\d,]+) images$", text, re.MULTILINE)
    if not found:
        raise BadInput(f"{sliver} eval printed no top-1 line for {network} on {images}")
    return tuple(int(number.replace(",", "")) for number in found.groups())


def logits(sliver, network, images, count, chip="isaac"):
    """int32 [count, classes]: integer logits of the first images, by the functional engine with converters that never clip.

    sliver run writes them; it also sends the first image through the timed chip and compares the two.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "run")
        _run([sliver, "run", "--network", network, "--chip", chip, "--adc", "worst-case", "--images", images, "--count", "1",
              "--functional-count", str(count), "--out", out])
        return np.load(os.path.join(out, "logits.npy"))
