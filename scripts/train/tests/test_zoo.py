"""The zoo on a made-up MNIST: stopped by its budget, gone on with, done; and its refusals."""
import os
import subprocess
import sys
import tempfile
import unittest

import common
from common import fake_idx_set

import zoo
from errors import BadInput

NAMES = ["mlp-mnist-dense", "mlp-mnist-pruned", "mlp-mnist-l1", "mlp-mnist-bitslice", "mlp-mnist-columns"]


def run(*arguments):
    return subprocess.run([sys.executable, os.path.join(common.FOLDER, "zoo.py"), *arguments], capture_output=True, text=True)


class Zoo(unittest.TestCase):
    def test_stops_goes_on_and_ends(self):
        with tempfile.TemporaryDirectory() as folder:
            fake_idx_set(folder, train=2200, test=100)
            out, work = os.path.join(folder, "networks"), os.path.join(folder, "work")
            os.mkdir(out)
            words = ("--only", "mlp-*", "--data", f"mnist={folder}", "--out", out, "--work", work, "--threads", "1")
            result = run(*words, "--budget", "0s")
            self.assertEqual(result.returncode, 3, result.stderr)
            self.assertIn("goes on from here", result.stdout)
            self.assertEqual(os.listdir(out), [])
            result = run(*words)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            for name in NAMES:
                for end in (".onnx.gz", ".yaml"):
                    self.assertTrue(os.path.exists(os.path.join(out, name + end)), name)
                self.assertTrue(os.path.exists(os.path.join(work, name + ".log")), name)
            result = run(*words)
            self.assertEqual(result.returncode, 0)
            self.assertNotIn("train.py", result.stdout)  # nothing is done twice
            states = [line.split()[1] for line in result.stdout.splitlines()[1:]]
            self.assertEqual(states, ["done"] * len(NAMES))

    def test_order_and_recipes(self):
        runs = zoo.zoo()
        names = [r.name for r in runs]
        self.assertEqual(len(set(names)), len(names))
        for place, entry in enumerate(runs):
            if entry.start:
                self.assertIn(entry.start, names[:place])
            self.assertGreaterEqual(entry.epochs, 0)
        shipped = [r.name for r in runs if r.shipped]
        self.assertEqual(shipped[0], "vgg11-fashion-dense")
        self.assertLess(shipped.index("vgg11-cifar10-bitslice"), shipped.index("mlp-mnist-dense"))

    def test_times(self):
        self.assertEqual([zoo.seconds(t) for t in ("90m", "2h", "1h30m", "45s")], [5400, 7200, 5400, 45])
        for text in ("", "2 h", "h", "-1h", "1.5h"):
            with self.assertRaises(BadInput):
                zoo.seconds(text)

    def test_refusals(self):
        for words, text in ((("--only", "nothing"), "no such network"), (("--data", "mnist"), "SET=FOLDER"),
                            (("--data", "mnist=/nowhere"), "no such folder"), (("--budget", "soon"), "wanted a time"),
                            (("--out", "/nowhere"), "no such folder")):
            result = run(*words)
            self.assertEqual(result.returncode, 2, words)
            self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
            self.assertIn(text, result.stderr)


if __name__ == "__main__":
    unittest.main()
