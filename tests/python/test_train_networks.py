"""The networks themselves: shapes, weight counts, and that all forms of a plan compute the same."""
import unittest

import train_common as common
import numpy as np
import torch

from sliver.train import integers, networks
from sliver.train.dense import Dense
from sliver.train.errors import BadInput
from sliver.train.fixed import FixedNetwork


def weight_count(name, image):
    return sum(int(np.prod(shape)) for shape in networks.weight_shapes(networks.build(name, image)))


class Plans(unittest.TestCase):
    def test_weight_counts_of_the_paper(self):
        self.assertEqual(weight_count("mlp", [1, 28, 28]), 79_400)
        self.assertEqual(weight_count("vgg11-plain", [3, 32, 32]), 9_747_136)
        self.assertEqual(weight_count("resnet20", [3, 32, 32]), 270_896)

    def test_weight_counts_of_the_others(self):
        self.assertEqual(weight_count("vgg11", [3, 32, 32]), 9_747_136 - 2 * 512 * 512)
        self.assertEqual(weight_count("vgg16", [3, 32, 32]), 14_710_464 + 5_120)  # configuration D without its linear layers

    def test_dense_has_these_weights(self):
        for name, image in (("mlp", [1, 28, 28]), ("resnet20", [3, 32, 32])):
            model = Dense(networks.build(name, image))
            found = sum(p.numel() for p in model.parameters() if p.ndim > 1)
            self.assertEqual(found, weight_count(name, image))

    def test_resnet20_has_20_layers_and_two_shortcuts(self):
        layers = networks.layers(networks.build("resnet20", [3, 32, 32]))
        self.assertEqual(len([s for s in layers if s.get("kernel") != 1]), 20)
        self.assertEqual([s["outputs"] for s in layers if s.get("kernel") == 1], [32, 64])
        self.assertEqual([s["stride"] for s in layers if s.get("kernel") == 1], [2, 2])

    def test_what_does_not_fit_is_refused(self):
        with self.assertRaisesRegex(BadInput, "too small"):
            networks.build("vgg11", [1, 28, 28])
        with self.assertRaisesRegex(BadInput, "weights of shape"):
            FixedNetwork(common.TINY["mlp"], [torch.zeros(20, 25), torch.zeros(10, 21)], [torch.zeros(20), torch.zeros(10)])

    def test_legacy_checkpoints_are_the_vgg(self):
        plan = networks.build("vgg11", [3, 32, 32])
        shapes = networks.weight_shapes(plan)
        self.assertEqual(networks.legacy_vgg([s["pool"] for s in networks.layers(plan)[:-1]], shapes), plan)

    def test_descriptions(self):
        image = [3, 32, 32]
        self.assertIn("VGG-11: 64-M-128-M-256-256-M-512-512-M-512-512-M,", networks.describe(networks.build("vgg11", image)))
        self.assertIn("one 512-to-10 classifier; batch norm folded", networks.describe(networks.build("vgg11", image)))
        self.assertIn("512-to-512-to-512-to-10; no batch norm", networks.describe(networks.build("vgg11-plain", image)))
        self.assertIn("network of 20 layers", networks.describe(networks.build("resnet20", image)))
        self.assertIn("784-100-10", networks.describe(networks.build("mlp", [1, 28, 28])))


class Folding(unittest.TestCase):
    def test_folded_network_equals_the_one_with_batch_norm(self):
        for kind, plan in common.TINY.items():
            dense = common.tiny_dense(kind)
            images = torch.randn(8, *plan["image"])
            folded = FixedNetwork.from_dense(dense)
            torch.testing.assert_close(folded.forward_float(images), dense(images), rtol=1e-4, atol=1e-4)

    def test_dropout_is_active_in_training_only(self):
        dense, images = common.tiny_dense("plain"), torch.randn(4, 1, 6, 6)
        self.assertTrue(torch.equal(dense(images), dense(images)))
        dense.train()
        self.assertFalse(torch.equal(dense(images), dense(images)))


class Settling(unittest.TestCase):
    plan = {"network": "one", "image": [3, 1, 1], "norm": False, "steps": [networks.linear("fc1", "image", 1)]}

    def test_a_settled_network_is_measured_the_same_again(self):
        weight = torch.tensor([[128.3, -60.2, 0.4]]) * 2.0 ** -9
        model = FixedNetwork(self.plan, [weight], [torch.zeros(1)])
        self.assertEqual((model.step_exponents(), model.codes()[0].tolist()), ([-9], [[128, -60, 0]]))
        model.settle()
        self.assertEqual((model.step_exponents(), model.codes()[0].tolist()), ([-10], [[255, -120, 0]]))
        again = FixedNetwork(self.plan, list(model.weights), [torch.zeros(1)])
        self.assertEqual((again.step_exponents(), again.codes()[0].tolist()), ([-10], [[255, -120, 0]]))

    def test_a_held_step_and_its_budget_are_baked_in(self):
        weight = torch.tensor([[200.0, -101.0, 7.0]]) * 2.0 ** -8
        model = FixedNetwork(self.plan, [weight], [torch.zeros(1)])
        model.held, model.allowed = model.step_exponents(), [torch.tensor([[0x3f, 0xff, 0xfd]], dtype=torch.uint8)]
        wanted = [[200 & 0x3f, -101, 5]]
        self.assertEqual(model.codes()[0].tolist(), wanted)
        model.settle()
        again = FixedNetwork(self.plan, list(model.weights), [torch.zeros(1)])
        again.held = model.held
        self.assertEqual((again.step_exponents(), again.codes()[0].tolist()), ([-8], wanted))

    def test_settling_changes_no_code_elsewhere(self):
        model, images = common.tiny_fixed()
        self.assertTrue(all(c.abs().max() > 128 for c in model.codes()))
        logits = model.forward_integer(images)
        model.settle()
        self.assertTrue(torch.equal(model.forward_integer(images), logits))


class Integers(unittest.TestCase):
    def test_integer_forward_equals_fake_quantised_forward(self):
        for kind in common.TINY:
            for seed in (3, 4):
                model, images = common.tiny_fixed(kind, seed)
                logits = model.forward_integer(images)
                self.assertTrue(torch.equal(logits.float() * 2.0 ** model.logit_exponent(), model(images)), kind)
                self.assertGreater(logits.abs().max(), 100)

    def test_fixed_point_stays_close_to_float(self):
        for kind in common.TINY:
            model, images = common.tiny_fixed(kind)
            wanted = model.forward_float(images)
            self.assertLess((model(images) - wanted).abs().mean(), 0.05 * wanted.abs().mean(), kind)

    def test_budgets_hold_in_both_forwards(self):
        model, images = common.tiny_fixed("resnet")
        before = model.forward_integer(images)
        model.held = model.step_exponents()
        model.allowed = [torch.full_like(w, 0xfc, dtype=torch.uint8) for w in model.weights]
        self.assertTrue(all(int(c.abs().int().bitwise_and(3).max()) == 0 for c in model.codes()))
        logits = model.forward_integer(images)
        self.assertFalse(torch.equal(logits, before))
        self.assertTrue(torch.equal(logits.float() * 2.0 ** model.logit_exponent(), model(images)))

    def test_gradients_reach_every_parameter(self):
        for kind in common.TINY:
            model, images = common.tiny_fixed(kind)
            model(images).square().sum().backward()
            for name, parameter in model.named_parameters():
                self.assertGreater(parameter.grad.abs().sum(), 0, f"{kind} {name}")
                self.assertEqual(parameter.grad.stride(), parameter.stride())

    def test_fast_convolution_is_exact(self):
        torch.manual_seed(6)
        x = torch.randint(0, 256, (3, 300, 6, 6)).float()
        codes = torch.randint(-255, 256, (20, 300, 3, 3)).float()  # needs several groups of channels
        for stride in (1, 2):
            wanted = integers.double_convolution(x, codes, stride)
            self.assertGreater(wanted.abs().max(), 2 ** 20)
            self.assertTrue(torch.equal(integers.exact_convolution(x, codes, stride), wanted))
        x, codes = torch.full_like(x, 255), torch.full_like(codes, 255)  # every sum beyond 2^24
        self.assertTrue(torch.equal(integers.exact_convolution(x, codes), integers.double_convolution(x, codes)))

    def test_a_plain_loop_agrees(self):
        """One 3x3 layer with a pool and the classifier by hand, with Python integers."""
        torch.manual_seed(7)
        plan = networks.vgg("one", [1, 4, 4], [2, "M"], classes=3)
        model = FixedNetwork(plan, [torch.randn(2, 1, 3, 3) / 3, torch.randn(3, 8)], [torch.randn(2) / 4, torch.randn(3)])
        image = torch.randn(1, 1, 4, 4)
        model.calibrate(image)
        exponents, (first, last) = model.step_exponents(), model.codes()
        offsets = [b.tolist() for b in model.integer_biases()]
        q = np.clip(np.rint(image[0, 0].numpy().astype(np.float64) / 2.0 ** model.maps["image"]), -128, 127).astype(int)
        padded = np.pad(q, 1)
        codes = np.zeros((2, 4, 4), int)
        for c in range(2):
            for i in range(4):
                for j in range(4):
                    total = int(offsets[0][c])
                    total += sum(int(first[c, 0, u, v]) * int(padded[i + u, j + v]) for u in range(3) for v in range(3))
                    shift = exponents[0] + model.maps["image"] - model.maps["conv1"]
                    codes[c, i, j] = min(255, max(0, round(total * 2.0 ** shift)))
        pooled = [codes[c, i:i + 2, j:j + 2].max() for c in range(2) for i in (0, 2) for j in (0, 2)]
        logits = [int(offsets[1][k]) + sum(int(last[k, n]) * int(pooled[n]) for n in range(8)) for k in range(3)]
        self.assertEqual(model.forward_integer(image)[0].tolist(), logits)

    def test_addition_and_average_by_hand(self):
        """Codes with steps 2^-4 and 2^-6 are added, and the sums averaged, with Python integers."""
        steps = [networks.conv("a", "image", 2, kernel=1, relu=False), networks.conv("b", "image", 2, kernel=1),
                 {"op": "add", "name": "sum", "from": ["a", "b"], "relu": True},
                 {"op": "average", "name": "average", "from": ["sum"]}, networks.linear("fc1", "average", 2)]
        plan = {"network": "add", "image": [1, 3, 3], "norm": False, "steps": steps}
        torch.manual_seed(9)
        model = FixedNetwork(plan, [torch.randn(2, 1, 1, 1), torch.randn(2, 1, 1, 1), torch.eye(2)], [torch.zeros(2)] * 3)
        model.maps = {"image": -5, "a": -4, "b": -6, "sum": -4, "average": -5}
        image = torch.randn(1, 1, 3, 3)
        q = [int(v) for v in np.clip(np.rint(image.numpy().reshape(-1).astype(np.float64) * 32), -128, 127)]
        exponents, codes, averages = model.step_exponents(), model.codes(), []
        for c in range(2):
            total = 0
            for value in q:
                a = min(127, max(-128, round(value * int(codes[0][c]) * 2.0 ** (exponents[0] - 5 + 4))))
                b = min(255, max(0, round(value * int(codes[1][c]) * 2.0 ** (exponents[1] - 5 + 6))))
                total += min(255, max(0, round((4 * a + b) / 4)))
            averages.append(min(255, max(0, round(total * 2 / 9))))
        self.assertGreater(min(averages), 0)
        wanted = [int(codes[2][k][k]) * averages[k] for k in range(2)]
        self.assertEqual(model.forward_integer(image)[0].tolist(), wanted)


if __name__ == "__main__":
    unittest.main()
