"""sliver.torch: modules as ONNX, and whether Sliver computes with them what PyTorch does."""
import os
import tempfile
import unittest

import numpy as np
import onnx
import test_train_any_module as modules
import torch
import torch.nn as nn

import sliver
from sliver import train
from sliver.torch import agreement, from_torch, to_onnx
from sliver.train import sliver_check

IMPORTER = hasattr(sliver, "Network")


def mlp():
    torch.manual_seed(3)
    return nn.Sequential(nn.Flatten(), nn.Linear(128, 16), nn.ReLU(), nn.Linear(16, 3))


class Export(unittest.TestCase):
    def test_a_module_is_left_as_it_is(self):
        model = modules.residual().train()
        before = {name: value.clone() for name, value in model.state_dict().items()}
        graph = onnx.load_model_from_string(to_onnx(model, torch.randn(4, 2, 8, 8))).graph
        self.assertTrue(model.training)
        self.assertTrue(all(torch.equal(before[name], value) for name, value in model.state_dict().items()))
        self.assertEqual([node.op_type for node in graph.node if node.op_type in ("Conv", "Gemm", "MaxPool", "Add")],
                         ["Conv", "Conv", "Add", "MaxPool", "Gemm", "Gemm"])
        self.assertEqual(graph.input[0].type.tensor_type.shape.dim[0].dim_param, "N")

    def test_fixed_point_brings_its_steps(self):
        fixed, x = train.FixedPoint(modules.chain()), modules.blobs(30)[0]
        fixed.calibrate(x)
        graph = onnx.load_model_from_string(to_onnx(fixed, x)).graph
        self.assertEqual(len([node for node in graph.node if node.op_type == "QuantizeLinear"]), 3)
        weights = [onnx.numpy_helper.to_array(t) for t in graph.initializer if t.name.endswith("weight")]
        self.assertEqual(len(weights), 3)
        for weight, exponent in zip(weights, fixed.step_exponents()):
            codes = weight / 2.0 ** exponent
            self.assertTrue((codes == np.rint(codes)).all())

    def test_refusals(self):
        class Unknown(nn.Module):
            def forward(self, x):
                return torch.linalg.eigvals(x).real

        for text, call in (("cannot export Unknown", lambda: to_onnx(Unknown(), torch.randn(1, 3, 3))),
                           ("example is list", lambda: to_onnx(mlp(), [1.0])),
                           ("example is torch.int64 of shape \\[2, 3\\]", lambda: to_onnx(mlp(), torch.ones(2, 3).long()))):
            with self.assertRaisesRegex(train.BadInput, text):
                call()


class Comparison(unittest.TestCase):
    def test_by_hand(self):
        found = agreement([[1, 2, 3], [5, 1, 0]], [[1, 2.5, 2], [4, 1, 0]])
        self.assertEqual((found.images, found.same_top1, found.largest_deviation, found.largest_logit), (2, 1, 1, 5))
        self.assertIn("1 of 2 images (50.00 %)", str(found))
        with self.assertRaisesRegex(train.BadInput, "the same"):
            agreement([[1, 2]], [[1, 2], [3, 4]])


@unittest.skipUnless(os.environ.get("SLIVER"), "SLIVER names no program: whether it reads exported modules is not tested")
class Program(unittest.TestCase):
    def test_a_chain_in_fixed_point_has_the_chips_logits(self):
        """Exactly: FixedPoint trains on what the hardware computes."""
        for model, shape in ((modules.chain(), (2, 8, 8)), (mlp(), (2, 8, 8))):
            x = torch.randn(50, *shape)
            fixed = train.FixedPoint(model)
            fixed.calibrate(x)
            fixed.settle()
            with tempfile.TemporaryDirectory() as folder:
                network, images = os.path.join(folder, "n.onnx"), os.path.join(folder, "x.npy")
                with open(network, "wb") as file:
                    file.write(to_onnx(fixed, x))
                np.save(images, x.numpy())
                found = sliver_check.logits(os.environ["SLIVER"], network, images, len(x), "small")
            unit = 2.0 ** (fixed.step_exponents()[-1] + fixed.maps[fixed.names[-1]][0])
            with torch.no_grad():
                np.testing.assert_array_equal(found * unit, fixed(x).numpy())


@unittest.skipUnless(IMPORTER, "the compiled module sliver is not here: from_torch is not tested")
class Import(unittest.TestCase):
    def test_a_module_runs_and_agrees(self):
        x, y = modules.blobs(240)
        for model in (modules.chain(), modules.residual(), mlp()):
            train.train_float(model, x, y, epochs=6, batch=40, lr=0.02)
            network = from_torch(model, x[:100], x[100:200])
            self.assertIsInstance(network, sliver.Network)
            self.assertEqual(network.agreement.images, 100)
            self.assertGreater(network.agreement.top1_agreement, 0.95)
            self.assertLess(network.agreement.largest_deviation, 0.1 * network.agreement.largest_logit)
        with self.assertRaisesRegex(train.BadInput, "wanted at least 101"):
            from_torch(model, x[:100], x[100:200], least_agreement=1.01)

    def test_fixed_point_agrees_to_the_bit(self):
        x = modules.blobs(60)[0]
        fixed = train.FixedPoint(modules.chain())
        fixed.calibrate(x)
        fixed.settle()
        self.assertEqual(from_torch(fixed, x, x).agreement.largest_deviation, 0)

    def test_what_the_importer_refuses_is_named(self):
        model = nn.Sequential(nn.ConvTranspose2d(2, 3, 3), nn.Flatten(), nn.Linear(300, 3))
        with self.assertRaisesRegex(sliver.InputError, "ConvTranspose"):
            from_torch(model, torch.randn(2, 2, 8, 8), torch.randn(2, 2, 8, 8))


if __name__ == "__main__":
    unittest.main()
