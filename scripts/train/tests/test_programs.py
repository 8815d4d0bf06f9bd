"""The command lines: bad input gives one line on stderr and status 2; a short run of each kind ends well."""
import gzip
import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest

import common
import numpy as np

import data
import train


def run(program, *arguments):
    return subprocess.run([sys.executable, os.path.join(common.FOLDER, program), *arguments], capture_output=True, text=True)


def write_idx(path, array):
    with gzip.open(path, "wb") as file:
        file.write(struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes())


def fake_fashion(folder, size=28):
    random = np.random.default_rng(1)
    for part, count in (("train", 48), ("t10k", 64)):
        write_idx(os.path.join(folder, part + "-images-idx3-ubyte.gz"), random.integers(0, 256, (count, size, size), np.uint8))
        write_idx(os.path.join(folder, part + "-labels-idx1-ubyte.gz"), random.integers(0, 10, count, np.uint8))


class Refusals(unittest.TestCase):
    def refuses(self, text, program, *arguments):
        result = run(program, *arguments)
        self.assertEqual(result.returncode, 2, result)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertIn(text, result.stderr)

    def test_missing_files(self):
        with tempfile.TemporaryDirectory() as folder:
            out = os.path.join(folder, "x.npz")
            dense = ("train.py", "dense", "--data-folder", folder, "--out", out)
            self.refuses("holds neither", *dense, "--start", "x.npz")
            self.refuses("no such folder", "train.py", "dense", "--out", os.path.join(folder, "nowhere", "x.npz"))
            self.refuses("cannot read", "export.py", os.path.join(folder, "none.npz"), "--name", "x", "--out", folder)
            self.refuses("no such folder", "make_onnx_fixtures.py", "--out", os.path.join(folder, "none"))
            fake_fashion(folder)
            self.refuses("needs --start", *dense)
            self.refuses("cannot read the checkpoint", *dense, "--start", "none.npz")
            self.refuses("--prune", *dense, "--prune", "1.5")
            other = os.path.join(folder, "other.npz")
            np.savez(other, a=np.zeros(3))
            self.refuses("not a VGG-11 checkpoint", *dense, "--start", other)
            self.refuses("cannot read", "export.py", other, "--name", "x", "--out", folder)

    def test_wrong_shape(self):
        with tempfile.TemporaryDirectory() as folder:
            fake_fashion(folder, 20)
            self.refuses("wanted [N, 28, 28]", "train.py", "float", "--data-folder", folder, "--out", os.path.join(folder, "x.npz"))

    def test_damaged_files(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x-idx1-ubyte")
            for content in (b"", b"\0\0\x08\x02\0\0", b"\0\0\x0d\x01\0\0\0\x01\0", b"\0\0\x08\x01\0\0\0\x05ab"):
                with open(path, "wb") as file:
                    file.write(content)
                with self.assertRaises(data.BadInput):
                    data.read_idx(path)
                with self.assertRaises(data.BadInput):
                    data.read_cifar10([path])
            with open(path + ".gz", "wb") as file:
                file.write(b"\x1f\x8b\x08\0")
            with self.assertRaises(data.BadInput):
                data.read_idx(path + ".gz")


class Data(unittest.TestCase):
    def test_cifar10_records(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "batch.bin")
            records = np.random.default_rng(2).integers(0, 256, (5, 3073), np.uint8)
            records.tofile(path)
            images, labels = data.read_cifar10([path, path])
            self.assertEqual(images.shape, (10, 3, 32, 32))
            self.assertTrue((labels == np.tile(records[:, 0], 2)).all())
            self.assertEqual(images[1, 2, 3, 4], records[1, 1 + 2 * 1024 + 3 * 32 + 4])

    def test_fashion_is_padded_and_normalised(self):
        with tempfile.TemporaryDirectory() as folder:
            fake_fashion(folder)
            set_ = data.load_fashion(folder)
            self.assertEqual(tuple(set_.test[0].shape), (64, 1, 32, 32))
            self.assertAlmostEqual(set_.test[0][0, 0, 0, 0].item(), -0.2860 / 0.3530, places=6)
            raw = data.read_idx(os.path.join(folder, "t10k-images-idx3-ubyte.gz"))
            self.assertAlmostEqual(set_.test[0][3, 0, 2, 5].item(), (raw[3, 0, 3] / 255 - 0.2860) / 0.3530, places=5)


class ShortRuns(unittest.TestCase):
    def test_from_random_numbers_to_a_shipped_network(self):
        with tempfile.TemporaryDirectory() as folder:
            fake_fashion(folder)
            dense, fixed = os.path.join(folder, "dense.npz"), os.path.join(folder, "fixed.npz")
            common_options = ("--data-folder", folder, "--batch", "16")
            result = run("train.py", "float", *common_options, "--epochs", "1", "--out", dense)
            self.assertEqual(result.returncode, 0, result.stderr)
            result = run("train.py", "bitslice-l1", *common_options, "--start", dense, "--epochs", "1",
                         "--prune", "0.5", "--prune-every", "1", "--calibration", "8", "--out", fixed)
            self.assertEqual(result.returncode, 0, result.stderr)
            model, record = train.load_fixed(fixed)
            self.assertEqual(record["method"], "bitslice-l1")
            total = sum(w.numel() for w in model.weights)
            self.assertGreaterEqual(sum(int((w == 0).sum()) for w in model.weights), total // 2 - 10)
            second = os.path.join(folder, "second.npz")
            result = run("train.py", "bitslice-l1", *common_options, "--start", fixed, "--keep-zeros", "--optimiser", "adam",
                         "--epochs", "5", "--stop-after", "0.67", "--calibration", "8", "--out", second)
            self.assertEqual(result.returncode, 0, result.stderr)
            tuned, record = train.load_fixed(second)
            self.assertEqual([stage["epochs"] for stage in record["stages"]], [1])
            self.assertTrue(all(bool((b[a == 0] == 0).all()) for a, b in zip(model.weights, tuned.weights)))
            self.assertTrue(any(bool((a != b).any()) for a, b in zip(model.weights, tuned.weights)))
            result = run("export.py", second, "--name", "try", "--out", folder)
            self.assertEqual(result.returncode, 0, result.stderr)
            for name in ("try.onnx.gz", "try.yaml", "reference/try-logits64.npy"):
                self.assertTrue(os.path.exists(os.path.join(folder, name)), name)
            logits = np.load(os.path.join(folder, "reference", "try-logits64.npy"))
            self.assertEqual((logits.shape, logits.dtype), ((64, 10), np.int32))
            with open(os.path.join(folder, "try.yaml"), encoding="utf-8") as file:
                lines = dict(line.split(": ", 1) for line in file if ": " in line and not line.startswith(" "))
            self.assertEqual(json.loads(lines["name"]), "try")


if __name__ == "__main__":
    unittest.main()
