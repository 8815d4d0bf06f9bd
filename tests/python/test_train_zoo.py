"""The zoo on a made-up MNIST: stopped by its budget, gone on with, done; and its refusals."""
import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import train_common as common
from train_common import fake_cifar10, fake_idx_set

from sliver.train.errors import BadInput
from sliver.train.programs import point, zoo

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

    def cifar_recipes(self):
        """ResNet-20's own recipes and rows of a curve, cut down to one or two steps each."""
        tiny = "--epochs 1 --batch 24 --held-out 8"
        stages = {"float": f"float {tiny} --precision bfloat16", "dense": f"dense {tiny} --calibration 8",
                  "l1": f"l1 {tiny} --calibration 8 --prune 0.5 --alpha 1"}

        def run(name, start=None, **more):
            return zoo.Run(name, "resnet20", "cifar10", [stages[name.split("-")[-1]]], name, start, **more)
        return [run("tiny-float", shipped=False), run("tiny-dense", "tiny-float"),
                run("row-l1", "tiny-float", shipped=False, curve="tiny.csv")]

    def test_a_residual_network_on_the_cpu(self):
        """What a short loan of another device would do, on this one: start, network, row of a curve."""
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(zoo, "zoo", self.cifar_recipes):
            fake_cifar10(folder)
            out, work = os.path.join(folder, "networks"), os.path.join(folder, "work")
            os.makedirs(os.path.join(out, "curves"))
            words = ["--data", f"cifar10={folder}", "--out", out, "--work", work, "--threads", "1", "--device", "cpu"]
            words += ["--sliver", os.environ["SLIVER"]] if os.environ.get("SLIVER") else []
            text = io.StringIO()
            with contextlib.redirect_stdout(text):
                self.assertEqual(zoo.main(words), 0)
            self.assertIn("--device cpu", text.getvalue())
            self.assertTrue(os.path.exists(os.path.join(out, "tiny-dense.onnx.gz")))
            self.assertFalse(os.path.exists(os.path.join(out, "row-l1.onnx.gz")))
            self.assertTrue(os.path.exists(os.path.join(work, "row-l1.npz")))
            rows = [row["note"] for row in point.read_rows(os.path.join(out, "curves", "tiny.csv"))]
            self.assertEqual(rows, ["row-l1"] if os.environ.get("SLIVER") else [])
            states = {line.split()[0]: line.split()[1] for line in text.getvalue().splitlines() if line.startswith(("tiny-dense  ", "row-l1  "))}
            self.assertEqual(states, {"tiny-dense": "done", "row-l1": "done" if os.environ.get("SLIVER") else "trained"})

    def test_methods_that_are_compared_differ_in_the_regulariser_alone(self):
        runs = {r.name: r for r in zoo.zoo()}
        for names in ([f"resnet20-cifar10-{end}" for end in ("dense", "pruned", "l1", "bitslice")],
                      [f"vgg11-cifar10-{end}-30e" for end in ("dense", "pruned", "l1", "bitslice")],
                      [f"mlp30-{end}-s3" for end in ("dense", "pruned-0.8", "l1-32", "bitslice-0.4")]):
            group = [runs[name] for name in names]
            self.assertEqual(len({r.start for r in group}), 1)
            self.assertEqual({r.epochs for r in group}, {30})
            masks = {word for r in group[1:] for stage in r.stages for word in re.findall(r"--prune \S+", stage)}
            self.assertEqual(len(masks), 1)
            self.assertNotIn("--lr", " ".join(stage for r in group for stage in r.stages))

    def test_seeds_of_a_curve(self):
        runs = [r for r in zoo.zoo() if r.curve]
        for seed in zoo.CURVE_SEEDS:
            mine = [r for r in runs if r.name.endswith(f"-s{seed}")]
            self.assertEqual(len(mine), len(runs) / len(zoo.CURVE_SEEDS))
            self.assertTrue(all(f"--seed {seed}" in stage for r in mine for stage in r.stages))
            self.assertEqual({r.start for r in mine}, {f"mlp30-float-s{seed}"})

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
