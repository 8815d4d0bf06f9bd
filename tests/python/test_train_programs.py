"""The command lines: bad input gives one line on stderr and status 2; short runs end well; a stopped one goes on."""
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import train_common as common
import numpy as np
import torch

import sliver.train as train_package
from sliver.train import bitslice, checkpoint, columns, device, files, networks, programs
from sliver.train.errors import BadInput
from sliver.train.programs import export, point, speed, train
from train_common import run

MLP = ("--network", "mlp", "--data", "mnist", "--batch", "16", "--held-out", "8", "--calibration", "8", "--threads", "1",
       "--device", "cpu")


class Programs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def works(self, module, *arguments):
        """A program's main() in this process, which saves the start of PyTorch; returns what it printed."""
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            self.assertEqual(module.main([str(a) for a in arguments]), 0)
        return output.getvalue()

    def refuses(self, text, program, *arguments):
        """The same for one that ends with status 2 and one line that holds the text."""
        said = io.StringIO()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said), self.assertRaises(SystemExit) as ended:
            programs.run(program.removesuffix(".py"), [str(a) for a in arguments])
        self.assertEqual((ended.exception.code, said.getvalue().count("\n")), (2, 1), said.getvalue())
        self.assertTrue(said.getvalue().startswith(program + ": "), said.getvalue())
        self.assertIn(text, said.getvalue())

    def mlp(self, method, out, *more):
        return self.works(train, method, *MLP, "--data-folder", self.folder, "--out", self.path(out), *more)


class Refusals(Programs):
    def test_missing_and_foreign_files(self):
        common.fake_idx_set(self.folder)
        dense = ("train.py", "dense", *MLP, "--data-folder", self.folder, "--out", self.path("x.npz"))
        os.mkdir(self.path("empty"))
        self.refuses("holds neither", "train.py", "float", *MLP, "--data-folder", self.path("empty"), "--out", self.path("x.npz"))
        self.refuses("no such folder", "train.py", "float", *MLP, "--data-folder", self.folder, "--out", self.path("none/x.npz"))
        self.refuses("cannot read the fixed-point network", "export.py", self.path("none.npz"), "--name", "x", "--out",
                     self.folder)
        self.refuses("cannot read the checkpoint", *dense, "--start", self.path("none.npz"))
        other = self.path("other.npz")
        np.savez(other, a=np.zeros(3))
        self.refuses("not a mlp checkpoint", *dense, "--start", other)
        self.refuses("KeyError", "export.py", other, "--name", "x", "--out", self.folder)
        self.assertFalse(os.path.exists(self.path("x.npz")))

    def test_checkpoints_of_another_network(self):
        mlp = networks.build("mlp", [1, 28, 28])
        checkpoint.save_dense(common.tiny_dense("mlp"), self.path("dense.npz"), 0.5)
        with self.assertRaisesRegex(BadInput, r"not a mlp checkpoint for images of \[1, 28, 28\], it holds a tiny-mlp"):
            checkpoint.load_start(self.path("dense.npz"), mlp, "nearest")
        checkpoint.save_fixed(common.tiny_fixed("resnet")[0], self.path("fixed.npz"), {})
        with self.assertRaisesRegex(BadInput, "a tiny-resnet for images of"):
            checkpoint.load_start(self.path("fixed.npz"), mlp, "nearest")

    def test_wrong_shape(self):
        common.fake_idx_set(self.folder, 20)
        self.refuses("wanted [N, 28, 28]", "train.py", "float", "--data-folder", self.folder, "--out", self.path("x.npz"))

    def test_options(self):
        for text, *options in (("[0, 1)", "--prune", "1.5"), ("give one of them", "--prune", ".5", "--threshold", ".1"),
                               ("at least 0", "--alpha", "nan"), ("needs 4 numbers", "--alpha-slices", "1,2"),
                               ("needs 8 widths", "--slice-width", "1", "--column-bits", "1,3,3,3"),
                               ("1..16", "--column-bits", "0,3,3,3"), ("at least 1", "--batch", "0")):
            with self.assertRaisesRegex(BadInput, re.escape(text)):
                train.check(train.parser().parse_args(["l1", "--start", "x.npz", "--out", "y.npz", *options]))
        for text, *options in (("needs --start", "dense"), ("needs --threshold, --prune or", "pruned", "--start", "x.npz")):
            with self.assertRaisesRegex(BadInput, text):
                train.check(train.parser().parse_args([*options, "--out", "y.npz"]))
        for text, method, *options in (
                ("--alpha 1.0: only with methods l1", "pruned", "--prune", ".5", "--alpha", "1"),
                ("--alpha-slices [1.0, 1.0, 1.0, 2.0]: only with method bitslice-l1", "l1", "--alpha-slices", "2,1,1,1"),
                ("--prune-end 0.3: only with --prune", "l1", "--prune-end", ".3"),
                ("--column-rows 64: only with --column-bits", "l1", "--column-rows", "64"),
                ("--column-free ['fc']: only with --column-bits", "bitslice-l1", "--column-free", "fc"),
                ("--precision bfloat16: only with method float", "dense", "--precision", "bfloat16"),
                ("--optimiser adam: not with method float", "float", "--optimiser", "adam")):
            with self.assertRaisesRegex(BadInput, re.escape(text)):
                train.check(train.parser().parse_args([method, "--start", "x.npz", "--out", "y.npz", *options]))
        with self.assertRaisesRegex(BadInput, "needs --sliver"):
            export.arguments(["x.npz", "--name", "x", "--check-logits", "3"])

    def test_options_that_do_not_fit_the_data(self):
        common.fake_idx_set(self.folder)
        base = ("train.py", "float", "--data", "mnist", "--data-folder", self.folder, "--out", self.path("x.npz"))
        self.refuses("--held-out 48: wanted 1 to 47", *base, "--network", "mlp", "--held-out", "48")
        self.refuses("--batch 41: there are 40 training images", *base, "--network", "mlp", "--held-out", "8", "--batch", "41")
        self.refuses("images of [1, 28, 28] are too small", *base, "--network", "vgg11", "--held-out", "8")


class Launchers(Programs):
    def test_a_file_of_scripts_train_is_its_program(self):
        """And a refusal is one line and status 2, through the symbolic links of the launcher as through itself."""
        for program, *words in (("train.py", "dense", "--out", "x.npz"), ("export.py", self.path("none.npz"), "--name", "x"),
                                ("make_onnx_fixtures.py", "--out", self.path("none"))):
            result = run(program, *words)
            self.assertEqual((result.returncode, result.stderr.count("\n")), (2, 1), result)
            self.assertTrue(result.stderr.startswith(program + ": "), result.stderr)

    def test_the_package_runs_its_programs(self):
        path = {**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(os.path.dirname(train_package.__file__)))}
        for words, status, text in ((["export", self.path("none.npz"), "--name", "x"], 2, "export.py: "), (["trian"], 2, "usage: ")):
            result = subprocess.run([sys.executable, "-m", "sliver.train", *words], capture_output=True, text=True, env=path)
            self.assertEqual((result.returncode, result.stderr[:len(text)]), (status, text), result)

    def test_a_checkout_that_is_not_built_says_so(self):
        code = "import sliver\ntry:\n    sliver.Chip\nexcept AttributeError as error:\n    print(error)"
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                                env={**os.environ, "PYTHONPATH": os.path.join(common.ROOT, "python")})
        self.assertIn("sliver.Chip: the compiled part of sliver is not here", result.stdout, result.stderr)


class ShortRuns(Programs):
    def test_speed_prints_a_table(self):
        ways = {title: speed.WAYS[title] for title in ("float, bfloat16", "fixed point, bit-slice l1, masks")}
        with mock.patch.object(speed, "WAYS", ways):
            lines = self.works(speed, "--networks", "resnet20", "--batches", "2,4", "--steps", "1", "--device", "cpu").splitlines()
        self.assertEqual(lines[0], "| network | way | batch 2 | batch 4 |")
        self.assertEqual(len(lines), 2 + len(ways))
        for line, way in zip(lines[2:], ways):
            self.assertRegex(line, rf"^\| resnet20 \| {way} \| [1-9]\d* s \| [1-9]\d* s \|$")
        for words, text in ((("--networks", "alexnet"), "the networks are"), (("--steps", "0"), "at least 1")):
            with self.assertRaisesRegex(BadInput, text):
                speed.main(list(words))

    def test_from_random_numbers_to_a_shipped_network(self):
        common.fake_idx_set(self.folder)
        self.mlp("float", "dense.npz", "--epochs", "2", "--precision", "bfloat16")
        self.mlp("bitslice-l1", "fixed.npz", "--start", self.path("dense.npz"), "--epochs", "2", "--prune", "0.5",
                 "--prune-every", "1", "--alpha-slices", "4,2,1,1")
        model, record = checkpoint.load_fixed(self.path("fixed.npz"))
        self.assertEqual((record["method"], record["network"], record["alpha_slices"]), ("bitslice-l1", "mlp", [1, 1, 2, 4]))
        total = sum(w.numel() for w in model.weights)
        self.assertGreaterEqual(sum(int((w == 0).sum()) for w in model.weights), total // 2 - 10)
        self.mlp("bitslice-l1", "second.npz", "--start", self.path("fixed.npz"), "--keep-zeros", "--optimiser", "adam",
                 "--epochs", "5", "--stop-after", "1")
        tuned, record = checkpoint.load_fixed(self.path("second.npz"))
        self.assertEqual([stage["epochs"] for stage in record["stages"]], [2])
        self.assertTrue(all(bool((b[a == 0] == 0).all()) for a, b in zip(model.weights, tuned.weights)))
        self.assertTrue(any(bool((a != b).any()) for a, b in zip(model.weights, tuned.weights)))
        self.works(export, self.path("second.npz"), "--name", "try", "--out", self.folder)
        logits = np.load(self.path("reference/try-logits64.npy"))
        self.assertEqual((logits.shape, logits.dtype), ((64, 10), np.int32))
        with open(self.path("try.yaml"), encoding="utf-8") as file:
            card = file.read()
        lines = dict(line.strip().split(": ", 1) for line in card.splitlines() if ": " in line)
        self.assertEqual((json.loads(lines["network"]), float(lines["epochs"])), ("mlp", 3.0))
        self.assertIn("float_start", lines)
        # The card says how the float start was made, and which file it was: it is not shipped.
        self.assertEqual((json.loads(lines["file"]), json.loads(lines["precision"])), ("dense.npz", "bfloat16"))
        self.assertEqual(json.loads(lines["sha256"]), files.digest(self.path("try.onnx.gz")))
        self.assertIn(f'  sha256: "{files.digest(self.path("dense.npz"))}"\n', card)
        self.assertEqual([command.split()[1] for command in json.loads(lines["made_by"])],
                         ["scripts/train/train.py"] * 3 + ["scripts/train/export.py"])
        self.assertFalse([name for name in os.listdir(self.folder) if name.endswith((".part", ".resume"))])

    @unittest.skipUnless(os.environ.get("SLIVER"), "SLIVER names no program: the export's check with Sliver is not tested")
    def test_export_asks_sliver(self):
        common.fake_idx_set(self.folder)
        self.mlp("float", "dense.npz")
        self.mlp("dense", "fixed.npz", "--start", self.path("dense.npz"), "--epochs", "0")
        out = self.works(export, self.path("fixed.npz"), "--name", "try", "--out", self.folder, "--sliver", os.environ["SLIVER"],
                         "--check-logits", "64")
        self.assertIn("logits agree with Sliver's on 64 images", out)
        with open(self.path("try.yaml"), encoding="utf-8") as file:
            lines = dict(line.strip().split(": ", 1) for line in file if ": " in line)
        self.assertEqual(lines["sliver"], lines["fixed_point"])

    @unittest.skipUnless(os.environ.get("SLIVER"), "SLIVER names no program: rows of trade-off curves are not tested")
    def test_a_row_of_a_curve(self):
        common.fake_idx_set(self.folder)
        self.mlp("float", "dense.npz")
        self.mlp("l1", "some.npz", "--start", self.path("dense.npz"), "--prune", "0.5", "--alpha", "3", "--column-bits", "4,4,4,5")
        curve = self.path("curve.csv")
        for _ in range(2):  # the second time replaces the row
            self.works(point, self.path("some.npz"), "--curve", curve, "--sliver", os.environ["SLIVER"])
            rows = point.read_rows(curve)
            self.assertEqual([(r["method"], r["alpha"], r["prune"], r["column_bits"], r["note"]) for r in rows],
                             [("l1", "3", "0.5", "4 4 4 5", "some")])
        model, _ = checkpoint.load_fixed(self.path("some.npz"))
        for share, k in zip(bitslice.sparsity(model.codes()), range(4)):
            self.assertAlmostEqual(float(rows[0][f"B{k}"]), share, places=3)

    def test_curves_that_are_none(self):
        for content, text in (("a,b\n1,2\n", ":1: the columns must be"), (",".join(point.COLUMNS) + "\nmlp,mnist\n", ":2: wanted 17")):
            with open(self.path("curve.csv"), "w", encoding="utf-8") as file:
                file.write(content)
            with self.assertRaisesRegex(BadInput, text):
                point.read_rows(self.path("curve.csv"))

    def test_threshold_masks_once_and_for_all(self):
        common.fake_idx_set(self.folder)
        self.mlp("float", "dense.npz")
        dense, _ = checkpoint.load_dense(self.path("dense.npz"), networks.build("mlp", [1, 28, 28]))
        self.mlp("pruned", "fixed.npz", "--start", self.path("dense.npz"), "--epochs", "2", "--threshold", "0.04")
        model, _ = checkpoint.load_fixed(self.path("fixed.npz"))
        for layer, weight in zip(dense.layers.values(), model.weights):
            small = layer.weight.detach().abs() < 0.04
            self.assertGreater(int(small.sum()), 10)
            self.assertTrue(bool((weight[small] == 0).all()))
            self.assertGreater(int((weight[~small] != 0).sum()), 0.99 * int((~small).sum()))

    def test_column_budgets_hold_at_the_end(self):
        common.fake_idx_set(self.folder)
        self.mlp("float", "dense.npz")
        self.mlp("l1", "fixed.npz", "--start", self.path("dense.npz"), "--epochs", "3", "--column-bits", "1,3,3,4",
                 "--column-every", "2", "--column-free", "fc2")
        model, record = checkpoint.load_fixed(self.path("fixed.npz"))
        first, last = model.codes()
        self.assertTrue(all(a <= b for a, b in zip(columns.worst_bits(first), [4, 3, 3, 1])))
        self.assertGreater(columns.worst_bits(last)[3], 1)
        self.assertEqual((record["held"][0], record["held"][1]), (model.step_exponents()[0], None))
        self.assertTrue(torch.equal(first * 2.0 ** record["held"][0], model.weights[0]))  # on the grid already
        self.works(export, self.path("fixed.npz"), "--name", "try", "--out", self.folder)
        self.refuses("the layers are fc1, fc2", "train.py", "dense", *MLP, "--data-folder", self.folder,
                     "--start", self.path("dense.npz"),
                     "--out", self.path("x.npz"), "--column-bits", "1,3,3,4", "--column-free", "conv1")


def without_times(entries):
    return {key: value for key, value in entries.items() if key not in ("seconds", "command", "out")}


class Resumption(Programs):
    def test_threads_are_those_of_the_matrix_products_too(self):
        """torch.set_num_threads() does not reach OpenBLAS, whose sums in float depend on its threads."""
        libraries = device._openblas()
        if not libraries:
            self.skipTest("PyTorch multiplies matrices without OpenBLAS here")
        for count in (2, 1):
            device.choose("cpu", count)
            self.assertEqual([count] * (1 + len(libraries)),
                             [torch.get_num_threads(), *(library.openblas_get_num_threads() for library in libraries)])

    def compare(self, method, *options):
        """A run in one piece, and one that is stopped twice. Only --threads says how many threads each has: the first is in this
        process, which may have more, the others in processes of their own with OMP_NUM_THREADS=1."""
        more = (*options, "--epochs", "4")
        self.mlp(method, "whole.npz", *more)
        command = ("train.py", method, *MLP, "--data-folder", self.folder, "--out", self.path("parts.npz"), *more)
        for step in (1, 5):
            result = run(*command, "--stop-at-step", step)
            self.assertEqual((result.returncode, f"stopped after step {step} of" in result.stdout), (3, True), result)
        self.refuses("was written with --seed 1, not 2", *command, "--seed", "2")
        self.refuses("its training has not ended", "export.py", self.path("parts.npz"), "--name", "x", "--out", self.folder)
        result = run(*command)
        self.assertIn("going on at step 5/", result.stdout)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertFalse(os.path.exists(self.path("parts.npz.resume")))
        with np.load(self.path("whole.npz")) as whole, np.load(self.path("parts.npz")) as parts:
            self.assertEqual(whole.files, parts.files)
            for name in whole.files:
                if name in ("record", "dense"):  # times and commands differ
                    self.assertEqual(*(json.loads(str(text), object_hook=without_times) for text in (whole[name], parts[name])))
                else:
                    self.assertEqual(whole[name].tobytes(), parts[name].tobytes(), name)

    def test_a_stopped_float_training_goes_on(self):
        common.fake_idx_set(self.folder)
        self.compare("float")

    def test_a_stopped_fixed_point_training_goes_on(self):
        common.fake_idx_set(self.folder)
        self.mlp("float", "dense.npz")
        self.compare("bitslice-l1", "--start", self.path("dense.npz"), "--prune", "0.6", "--prune-every", "2",
                     "--column-bits", "2,3,3,4", "--column-every", "3", "--optimiser", "adam")

    def test_a_damaged_state_is_refused(self):
        common.fake_idx_set(self.folder)
        with open(self.path("x.npz.resume"), "wb") as file:
            file.write(b"nothing")
        self.refuses("remove it to start over", "train.py", "float", *MLP, "--data-folder", self.folder,
                     "--out", self.path("x.npz"))


class Legacy(unittest.TestCase):
    def test_older_files_are_read(self):
        """Fixed point by "pooled", "image" and "activation"; dense by the numbers of an nn.Sequential."""
        with tempfile.TemporaryDirectory() as folder:
            model, images = common.tiny_fixed("vgg")
            maps = list(model.maps.values())
            record = {"pooled": [True, False, True], "rounding": "nearest", "image": maps[0], "activation": maps[1:]}
            arrays = {f"weight{i}": w.detach().contiguous().numpy() for i, w in enumerate(model.weights)}
            arrays.update({f"bias{i}": b.detach().numpy() for i, b in enumerate(model.biases)})
            np.savez_compressed(os.path.join(folder, "old.npz"), record=json.dumps(record), **arrays)
            old, _ = checkpoint.load_fixed(os.path.join(folder, "old.npz"))
            self.assertEqual(old.plan["image"], [2, 4, 4])
            self.assertTrue(torch.equal(old.forward_integer(images), model.forward_integer(images)))

            dense = common.tiny_dense("vgg").half().float()
            layers = []
            for step in networks.layers(dense.plan):
                name = step["name"]
                linear = [torch.nn.Flatten(), dense.layers[name]]
                layers += [dense.layers[name], dense.norms[name], torch.nn.ReLU()] if name in dense.norms else linear
                layers += [torch.nn.MaxPool2d(2)] if step.get("pool") else []
            state = torch.nn.Sequential(*layers).state_dict()
            np.savez_compressed(os.path.join(folder, "dense.npz"), **{k: v.numpy() for k, v in state.items()})
            again, about = checkpoint.load_dense(os.path.join(folder, "dense.npz"), dense.plan)
            self.assertTrue(torch.equal(again.eval()(images), dense(images)))
            self.assertEqual(about, {})


if __name__ == "__main__":
    unittest.main()
