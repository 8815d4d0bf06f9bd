"""The exported graph: weights on the grid, and executing it gives the integer logits; with SLIVER set, Sliver agrees too."""
import gzip
import os
import tempfile
import unittest

import train_common as common
import numpy as np
import torch
from onnx import numpy_helper

import onnx_evaluator
from sliver.train import checkpoint, networks, onnx_graph, quantise, sliver_check
from sliver.train.errors import BadInput
from sliver.train.programs import export


def settled(kind, seed=8, images=40):
    model, x = common.tiny_fixed(kind, seed, images)
    model.settle()
    return model, x


def budgeted(kind):
    """A network whose largest codes are thinned out, so that its steps must be held."""
    model, x = settled(kind)
    model.held = model.step_exponents()
    model.allowed = [torch.full_like(w, 0x3f if i % 2 else 0xbf, dtype=torch.uint8) for i, w in enumerate(model.weights)]
    model.settle()
    return model, x


class Graph(unittest.TestCase):
    def test_weights_and_biases_lie_on_the_grid(self):
        model, _ = settled("resnet")
        constants = {i.name: numpy_helper.to_array(i) for i in onnx_graph.build_onnx(model, "tiny").graph.initializer}
        for name, exponent, unit in zip(model.layer_names(), model.step_exponents(), model.bias_exponents()):
            weight, bias = constants[name + ".weight"], constants[name + ".bias"]
            self.assertEqual((weight.dtype, bias.dtype), (np.float32, np.float32))
            codes = weight / np.float32(2.0 ** exponent)
            self.assertTrue((codes == np.rint(codes)).all() and abs(codes).max() <= 255)
            self.assertEqual(quantise.range_exponent(abs(weight).max()) - 8, exponent)  # the range, measured again, is the same
            units = bias / np.float32(2.0 ** unit)
            self.assertTrue((units == np.rint(units)).all())

    def test_executing_the_graph_gives_the_integer_logits(self):
        for make in (settled, budgeted):
            for kind in common.TINY:
                model, images = make(kind)
                logits = onnx_evaluator.evaluate(onnx_graph.build_onnx(model, "tiny"), image=images.numpy())["logits"]
                np.testing.assert_array_equal(logits / 2.0 ** model.logit_exponent(), model.forward_integer(images).numpy(), kind)

    def test_held_steps_are_in_the_file(self):
        model, _ = budgeted("vgg")
        weights = [n for n in onnx_graph.build_onnx(model, "tiny").graph.node if n.name.endswith(".weight")]
        self.assertEqual([n.op_type for n in weights], ["DequantizeLinear"] * 2)  # of the layers that lost bit 7

    def test_names_and_packing(self):
        graph = onnx_graph.build_onnx(settled("vgg")[0], "tiny")
        names = [n.name for n in graph.graph.node if n.op_type in ("Conv", "Gemm")]
        self.assertEqual(names, ["conv1", "conv2", "conv3", "fc1"])
        raw = graph.SerializeToString()
        packed = export.compress(raw)
        self.assertEqual(packed, export.compress(raw))
        self.assertEqual(packed[4:8], b"\0\0\0\0")  # no time stamp
        self.assertEqual(gzip.decompress(packed), raw)

    def test_off_the_grid_is_refused(self):
        model, _ = common.tiny_fixed()
        with self.assertRaisesRegex(BadInput, "layer conv1: weights lie off the grid"):
            onnx_graph.build_onnx(model, "tiny")
        model.settle()
        with torch.no_grad():
            model.biases[1][0] = 2.0 ** 25 * 2.0 ** model.bias_exponents()[1]
        with self.assertRaisesRegex(BadInput, "layer conv2: bias 33554432 .* more than 24 bits"):
            onnx_graph.build_onnx(model, "tiny")


class Start(unittest.TestCase):
    def test_a_shipped_network_is_read_back(self):
        for name in ("vgg", "resnet", "mlp"):
            model, images = settled(name)
            if name == "vgg":  # held steps: the file has codes
                model, images = budgeted(name)
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "x.onnx.gz")
                with open(path, "wb") as file:
                    file.write(export.compress(onnx_graph.build_onnx(model, "x").SerializeToString()))
                again, stages, _ = checkpoint.load_start(path, model.plan, "nearest")
                with self.assertRaisesRegex(BadInput, "not a|has weights of shape"):
                    checkpoint.load_start(path, networks.build("mlp", [1, 28, 28]), "nearest")
            self.assertEqual(stages, [])
            self.assertTrue(torch.equal(again.forward_integer(images), model.forward_integer(images)), name)

    def test_files_that_are_none(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x.onnx")
            with open(path, "wb") as file:
                file.write(b"nothing")
            with self.assertRaisesRegex(BadInput, "cannot read the network|not a mlp"):
                checkpoint.load_start(path, networks.build("mlp", [1, 28, 28]), "nearest")


@unittest.skipUnless(os.environ.get("SLIVER"), "SLIVER names no program: agreement with Sliver is not tested")
class Sliver(unittest.TestCase):
    def agrees(self, kind, make):
        model, images = make(kind)
        images = torch.randn(1000, *images.shape[1:])
        logits = model.forward_integer(images).numpy()
        with tempfile.TemporaryDirectory() as folder:
            network, inputs, labels = (os.path.join(folder, name) for name in ("tiny.onnx", "images.npy", "labels.npy"))
            with open(network, "wb") as file:
                file.write(onnx_graph.build_onnx(model, "tiny").SerializeToString())
            np.save(inputs, images.numpy())
            np.save(labels, logits.argmax(1))
            sliver = os.environ["SLIVER"]
            np.testing.assert_array_equal(sliver_check.logits(sliver, network, inputs, 1000, "small"), logits)
            self.assertEqual(sliver_check.hits(sliver, network, inputs, labels, "small"), (1000, 1000))
            np.save(labels, (logits.argmax(1) + 1) % 10)
            self.assertEqual(sliver_check.hits(sliver, network, inputs, labels, "small"), (0, 1000))

    def test_1000_images_through_networks_of_every_kind(self):
        for kind in common.TINY:
            self.agrees(kind, settled)

    def test_1000_images_through_a_network_with_held_steps(self):
        self.agrees("resnet", budgeted)


if __name__ == "__main__":
    unittest.main()
