import gzip
import unittest

import common
import numpy as np
import torch
from onnx import numpy_helper

import export
import models
import onnx_evaluator
import quantise


class Folding(unittest.TestCase):
    def test_folded_network_equals_the_one_with_batch_norm(self):
        dense = common.tiny_dense()
        images = torch.randn(8, 1, 4, 4)
        folded = models.FixedVgg.from_dense(dense)
        torch.testing.assert_close(folded.forward_float(images), dense(images), rtol=1e-4, atol=1e-5)


class Settling(unittest.TestCase):
    def test_a_settled_network_is_measured_the_same_again(self):
        weight = torch.tensor([128.3, -60.2, 0.4]) * 2.0 ** -9
        model = models.FixedVgg([weight.clone()], [torch.zeros(1)], [])
        self.assertEqual((model.step_exponents(), model.codes()[0].tolist()), ([-9], [128, -60, 0]))
        model.settle()
        self.assertEqual((model.step_exponents(), model.codes()[0].tolist()), ([-10], [255, -120, 0]))
        again = models.FixedVgg([w.detach().clone() for w in model.weights], [torch.zeros(1)], [])
        self.assertEqual((again.step_exponents(), again.codes()[0].tolist()), ([-10], [255, -120, 0]))

    def test_settling_changes_no_code_elsewhere(self):
        model, images = common.tiny_fixed()
        self.assertTrue(all(c.abs().max() > 128 for c in model.codes()))
        logits = model.forward_integer(images)
        model.settle()
        self.assertTrue(torch.equal(model.forward_integer(images), logits))


class Integers(unittest.TestCase):
    def test_integer_forward_equals_fake_quantised_forward(self):
        for channels, seed in ((1, 3), (3, 4), (3, 5)):
            model, images = common.tiny_fixed(channels, seed)
            scale = 2.0 ** (model.step_exponents()[-1] + model.activation[-1])
            integers = model.forward_integer(images)
            self.assertTrue(torch.equal(integers.float() * scale, model(images)))
            self.assertGreater(integers.abs().max(), 100)

    def test_fast_convolution_is_exact(self):
        torch.manual_seed(6)
        x = torch.randint(0, 256, (3, 300, 6, 6)).float()
        codes = torch.randint(-255, 256, (20, 300, 3, 3)).float()  # needs several groups of channels
        wanted = models.double_convolution(x, codes)
        self.assertGreater(wanted.abs().max(), 2 ** 20)
        self.assertTrue(torch.equal(models.exact_convolution(x, codes), wanted))
        x, codes = torch.full_like(x, 255), torch.full_like(codes, 255)  # every sum beyond 2^24
        self.assertTrue(torch.equal(models.exact_convolution(x, codes), models.double_convolution(x, codes)))

    def test_a_plain_numpy_loop_agrees(self):
        """One 3x3 layer and the classifier by hand, with Python integers."""
        torch.manual_seed(7)
        weight, bias = torch.randn(2, 1, 3, 3) / 3, torch.randn(2) / 4
        model = models.FixedVgg([weight, torch.randn(3, 8)], [bias, torch.randn(3)], [True])
        image = torch.randn(1, 1, 4, 4)
        model.calibrate(image)
        exponents, (first, last) = model.step_exponents(), model.codes()
        offsets = [b.tolist() for b in model.integer_biases()]
        q = np.clip(np.rint(image[0, 0].numpy().astype(np.float64) / 2.0 ** model.image), -128, 127).astype(int)
        padded = np.pad(q, 1)
        codes = np.zeros((2, 4, 4), int)
        for c in range(2):
            for i in range(4):
                for j in range(4):
                    total = int(offsets[0][c])
                    total += sum(int(first[c, 0, u, v]) * int(padded[i + u, j + v]) for u in range(3) for v in range(3))
                    codes[c, i, j] = min(255, max(0, round(total * 2.0 ** (exponents[0] + model.image - model.activation[0]))))
        pooled = [max(codes[c, 2 * i:2 * i + 2, 2 * j:2 * j + 2].reshape(-1)) for c in range(2) for i in range(2) for j in range(2)]
        logits = [int(offsets[1][k]) + sum(int(last[k, n]) * int(pooled[n]) for n in range(8)) for k in range(3)]
        self.assertEqual(model.forward_integer(image)[0].tolist(), logits)


class Exported(unittest.TestCase):
    def setUp(self):
        self.model, self.images = common.tiny_fixed(3, 8)
        self.model.settle()
        self.onnx = export.build_onnx(self.model, 3, 4, "tiny")

    def test_weights_and_biases_lie_on_the_grid(self):
        constants = {i.name: numpy_helper.to_array(i) for i in self.onnx.graph.initializer}
        inputs = [self.model.image] + self.model.activation
        for name, exponent, source in zip(export.layer_names(self.model), self.model.step_exponents(), inputs):
            weight, bias = constants[name + ".weight"], constants[name + ".bias"]
            self.assertEqual((weight.dtype, bias.dtype), (np.float32, np.float32))
            codes = weight / np.float32(2.0 ** exponent)
            self.assertTrue((codes == np.rint(codes)).all() and abs(codes).max() <= 255)
            self.assertEqual(quantise.range_exponent(abs(weight).max()) - 8, exponent)  # the range, measured again, is the same
            units = bias / np.float32(2.0 ** (exponent + source))
            self.assertTrue((units == np.rint(units)).all())

    def test_executing_the_graph_gives_the_integer_logits(self):
        logits = onnx_evaluator.evaluate(self.onnx, image=self.images.numpy())["logits"]
        scale = 2.0 ** (self.model.step_exponents()[-1] + self.model.activation[-1])
        np.testing.assert_array_equal(logits / scale, self.model.forward_integer(self.images).numpy())

    def test_names_and_packing(self):
        names = [n.name for n in self.onnx.graph.node if n.op_type in ("Conv", "Gemm")]
        self.assertEqual(names, ["conv1", "conv2", "conv3", "fc1"])
        raw = self.onnx.SerializeToString()
        packed = export.compress(raw)
        self.assertEqual(packed, export.compress(raw))
        self.assertEqual(packed[4:8], b"\0\0\0\0")  # no time stamp
        self.assertEqual(gzip.decompress(packed), raw)


if __name__ == "__main__":
    unittest.main()
