"""sliver.train on modules of one's own: what its functions do to any nn.Module, and that they leave the rest alone."""
import copy
import unittest

import train_common  # noqa: F401  (puts the package on the path)
import torch
import torch.nn as nn
import torch.nn.functional as F

from sliver import train
from sliver.train import bitslice, columns, quantise


class Residual(nn.Module):
    """Batch norms, an addition, a pool, two linear layers: images [N, 2, 8, 8], three classes."""

    def __init__(self):
        super().__init__()
        self.first, self.norm1 = nn.Conv2d(2, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6)
        self.second, self.norm2 = nn.Conv2d(6, 6, 3, padding=1), nn.BatchNorm2d(6)
        self.hidden, self.last = nn.Linear(6 * 16, 10), nn.Linear(10, 3)

    def forward(self, x):
        x = F.relu(self.norm1(self.first(x)))
        x = F.max_pool2d(F.relu(x + self.norm2(self.second(x))), 2)
        return self.last(F.relu(self.hidden(torch.flatten(x, 1))))


def residual(seed=1):
    torch.manual_seed(seed)
    model = Residual()
    for norm in (model.norm1, model.norm2):
        nn.init.uniform_(norm.weight, 0.5, 1.5)
        nn.init.normal_(norm.bias, 0, 0.3)
        nn.init.normal_(norm.running_mean, 0, 0.3)
        nn.init.uniform_(norm.running_var, 0.5, 1.5)
    return model.eval()


def chain(seed=1):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(2, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 8, 3, padding=1), nn.ReLU(),
                         nn.Flatten(), nn.Linear(8 * 16, 3))


def blobs(count=240, seed=2):
    """Images whose class is the brightest of three stripes."""
    generator = torch.Generator().manual_seed(seed)
    y = torch.arange(count) % 3
    x = torch.randn(count, 2, 8, 8, generator=generator) * 0.6
    for image, label in zip(x, y):
        image[:, :, 2 * int(label):2 * int(label) + 2] += 1
    return x, y


def share_right(model, x, y):
    with torch.no_grad():
        return float((model(x).argmax(1) == y).float().mean())


class Regularisers(unittest.TestCase):
    def test_bitslice_l1_is_the_papers_and_has_its_gradient(self):
        for width, weights in ((2, None), (4, [3.0, 0.5]), (1, [k / 4 for k in range(8)])):
            model = residual()
            value = train.bitslice_l1(model, width, weights)
            value.backward()
            other, count = copy.deepcopy(model), 0
            other.zero_grad()
            total = 0
            for layer in (other.first, other.second, other.hidden, other.last):
                total = total + bitslice.bl1_by_autograd(layer.weight, width, weights and weights[::-1])
                count += layer.weight.numel()
            (total / (4 * count)).backward()
            self.assertAlmostEqual(value.item(), (total / (4 * count)).item(), places=5)
            for mine, theirs in zip(model.parameters(), other.parameters()):
                if theirs.grad is None:
                    self.assertIsNone(mine.grad)
                else:
                    torch.testing.assert_close(mine.grad, theirs.grad, rtol=1e-5, atol=1e-12)

    def test_l1_is_the_mean_magnitude(self):
        model = chain()
        everything = torch.cat([model[i].weight.detach().reshape(-1) for i in (0, 3, 6)])
        self.assertAlmostEqual(train.l1(model).item(), everything.abs().mean().item(), places=6)

    def test_shares_have_the_most_significant_slice_first(self):
        layer = nn.Linear(4, 1)
        with torch.no_grad():
            layer.weight.copy_(torch.tensor([[255.0, 16, 1, 0]]) / 256)
        self.assertEqual(train.slice_shares(layer), [25, 50, 25, 50])

    def test_refusals(self):
        for text, call in (("wanted 1, 2 or 4", lambda: train.bitslice_l1(chain(), 3)),
                           ("wanted 4 numbers", lambda: train.bitslice_l1(chain(), 2, [1, 2])),
                           ("no nn.Linear and no nn.Conv2d", lambda: train.l1(nn.ReLU()))):
            with self.assertRaisesRegex(train.BadInput, text):
                call()


class Pruning(unittest.TestCase):
    def test_weights_and_groups(self):
        for structure in ("weights", "crossbar-columns", "crossbar-rows", "channels"):
            model = residual()
            before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
            masks = train.prune(model, 0.4, structure, 8, keep=["first"])
            weights = {name: mask for name, mask in masks.items() if mask.ndim > 1}
            self.assertEqual(set(weights), {"first.weight", "second.weight", "hidden.weight", "last.weight"})
            gone = sum(int((mask == 0).sum()) for mask in weights.values())
            total = sum(mask.numel() for mask in weights.values())
            self.assertTrue(0.2 * total < gone <= 0.4 * total, (structure, gone, total))
            for name, parameter in model.named_parameters():
                self.assertTrue(torch.equal(parameter, before[name] * masks.get(name, torch.ones(()))), name)
            self.assertTrue(bool((masks["first.weight"] == 1).all()))
            with torch.no_grad():
                model.hidden.weight.add_(1)
            train.keep_masks(model, masks)
            self.assertTrue(bool((model.hidden.weight[masks["hidden.weight"] == 0] == 0).all()))

    def test_channels_go_with_the_rows_that_read_them(self):
        model = chain()
        masks = train.prune(model, 0.5, "channels")
        for made, read, rows in (("0", "3", 9), ("3", "6", 16)):
            outputs = masks[made + ".weight"].flatten(1).any(1)
            self.assertTrue(bool((~outputs).any()))
            self.assertTrue(torch.equal(outputs.float(), masks[made + ".bias"]))
            inputs = masks[read + ".weight"].flatten(1)[:, ::rows].any(0)
            self.assertTrue(torch.equal(inputs, outputs))
        self.assertTrue(bool(masks["6.weight"].any(1).all()))

    def test_channels_of_an_addition_stay(self):
        layers = train.layers_of(residual())
        self.assertEqual(layers.names, ["first", "second", "hidden", "last"])
        self.assertEqual(layers.channel_sources(), [None, None, None, (2, 1)])

    def test_channels_that_are_mixed_stay(self):
        mixed = (nn.Sequential(nn.Conv2d(1, 4, 1), nn.Flatten(2), nn.Linear(9, 2)), nn.Linear(3, 2),
                 nn.Sequential(nn.Conv2d(1, 4, 1), nn.Softmax(1), nn.Conv2d(4, 2, 1)),
                 nn.Sequential(nn.Conv2d(1, 4, 1), nn.Conv2d(4, 2, 1, groups=2), nn.Conv2d(2, 2, 1)))
        for model in mixed:
            self.assertFalse([source for source in train.layers_of(model).channel_sources() if source], model)

    def test_refusals(self):
        class Branching(nn.Module):
            def __init__(self):
                super().__init__()
                self.layer = nn.Linear(3, 3)

            def forward(self, x):
                return self.layer(x) if x.sum() > 0 else x

        for text, call in (("wanted one of weights, channels", lambda: train.prune(chain(), 0.5, "rows")),
                           ("wanted \\[0, 1\\)", lambda: train.prune(chain(), 1)),
                           ("keep conv1: the layers are 0, 3, 6", lambda: train.prune(chain(), 0.5, keep=["conv1"])),
                           ("cannot be traced by torch.fx", lambda: train.prune(Branching(), 0.5, "channels"))):
            with self.assertRaisesRegex(train.BadInput, text):
                call()


class Folding(unittest.TestCase):
    def test_folded_modules_compute_the_same(self):
        model, x = residual(), torch.randn(5, 2, 8, 8)
        folded = train.fold_batch_norms(model)
        self.assertFalse(any(isinstance(m, nn.BatchNorm2d) for m in folded.modules()))
        torch.testing.assert_close(folded(x), model(x), rtol=1e-4, atol=1e-5)
        self.assertEqual(len([m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]), 2)

    def test_a_norm_without_a_layer_is_refused(self):
        with self.assertRaisesRegex(train.BadInput, "stands behind no nn.Conv2d"):
            train.fold_batch_norms(nn.Sequential(nn.BatchNorm2d(2), nn.Conv2d(2, 3, 3)))


class FixedPoint(unittest.TestCase):
    def test_it_computes_in_codes(self):
        """A chain by hand: codes, integer sums, biases in units, maps by their steps."""
        model, x = chain(), blobs(30)[0]
        fixed = train.FixedPoint(model)
        with self.assertRaisesRegex(train.BadInput, "calibrate"):
            fixed(x)
        for bad in (x[:0], x.long(), x * float("inf"), x.numpy()):
            with self.assertRaisesRegex(train.BadInput, "calibration wants"):
                fixed.calibrate(bad)
        fixed.calibrate(x)
        self.assertEqual([signed for _, signed in fixed.maps.values()], [True, False, False])
        values = x
        for layer, name, codes, exponent in zip((model[0], model[3], model[6]), fixed.names, fixed.codes(), fixed.step_exponents()):
            step, signed = fixed.maps[name]
            values = F.max_pool2d(values, 2) if name == "3" else values.flatten(1) if name == "6" else values
            inputs = torch.round(values.double() * 2.0 ** -step).clamp(*((-128, 127) if signed else (0, 255)))
            bias = torch.round(layer.bias.double() * 2.0 ** -(exponent + step))
            sums = F.linear(inputs, codes.double(), bias) if name == "6" else F.conv2d(inputs, codes.double(), bias, padding=1)
            values = sums * 2.0 ** (exponent + step)
            values = values if name == "6" else F.relu(values)
        torch.testing.assert_close(fixed(x).double(), values, rtol=0, atol=0)

    def test_the_image_is_signed_whatever_it_holds(self):
        for model in (chain(), nn.Sequential(nn.Flatten(), nn.Linear(128, 3))):
            fixed = train.FixedPoint(model)
            fixed.calibrate(torch.rand(20, 2, 8, 8))
            self.assertTrue(fixed.maps[fixed.names[0]][1])

    def test_the_users_module_stays_as_it_is(self):
        model, (x, y) = residual(), blobs()
        before = {name: value.clone() for name, value in model.state_dict().items()}
        train.fine_tune(model, x, y, train.Recipe("pruned", epochs=1, batch=40, prune=0.5, prune_end=0))
        self.assertTrue(all(torch.equal(before[name], value) for name, value in model.state_dict().items()))
        self.assertFalse(any(layer._forward_pre_hooks for layer in model.modules()))

    def test_a_single_layer_is_a_network(self):
        fixed = train.FixedPoint(nn.Linear(5, 3))
        x = torch.randn(7, 5)
        fixed.calibrate(x)
        self.assertEqual(fixed(x).shape, (7, 3))

    def test_layers_that_are_not_called_are_refused(self):
        class Spare(nn.Module):
            def __init__(self):
                super().__init__()
                self.used, self.spare = nn.Linear(4, 2), nn.Linear(2, 2)

            def forward(self, x):
                return self.used(x)

        with self.assertRaisesRegex(train.BadInput, "layer spare reads nothing"):
            train.FixedPoint(Spare()).calibrate(torch.randn(4, 4))


class Trainings(unittest.TestCase):
    def start(self):
        x, y = blobs()
        return train.train_float(chain(), x, y, epochs=6, batch=40, lr=0.02), x, y

    def test_every_recipe_trains(self):
        model, x, y = self.start()
        for recipe in (train.Recipe("dense", epochs=2, batch=40), train.Recipe("l1", epochs=2, batch=40, alpha=2, optimiser="adam"),
                       train.Recipe("bitslice-l1", epochs=3, batch=40, prune=0.6, prune_every=2, alpha=1, alpha_slices=[4, 2, 1, 1]),
                       train.Recipe("pruned", epochs=3, batch=40, prune=0.4, prune_structure="channels", prune_every=2),
                       train.Recipe("dense", epochs=2, batch=40, cut_share=0.8),
                       train.Recipe("dense", epochs=4, batch=40, column_bits=[2, 3, 3, 3], column_rows=16, column_every=2)):
            fixed = train.fine_tune(model, x, y, recipe)
            self.assertGreater(share_right(fixed, x, y), 0.9, recipe)
            weights = torch.cat([w.detach().reshape(-1) for w in fixed.weights])
            self.assertGreaterEqual(float((weights == 0).float().mean()), recipe.prune - 0.2)
            if recipe.column_bits:
                for codes in fixed.codes():
                    self.assertTrue(all(a <= b for a, b in zip(columns.worst_bits(codes, 16)[::-1], recipe.column_bits)))

    def test_bitslice_l1_empties_slices(self):
        model, x, y = self.start()
        plain, sliced = (train.fine_tune(model, x, y, train.Recipe(method, epochs=4, batch=40, **more)) for method, more in
                         (("dense", {}), ("bitslice-l1", {"alpha": 20.0})))
        self.assertTrue(all(a < b for a, b in zip(train.slice_shares(sliced)[1:], train.slice_shares(plain)[1:])))

    def test_the_same_seed_gives_the_same_bytes_and_leaves_the_generator_alone(self):
        model, x, y = self.start()
        recipe = train.Recipe("bitslice-l1", epochs=2, batch=40, prune=0.5, seed=7)
        state, results = torch.get_rng_state(), []
        for _ in range(2):
            torch.rand(3)
            kept = torch.get_rng_state()
            results.append(train.fine_tune(model, x, y, recipe))
            self.assertTrue(torch.equal(kept, torch.get_rng_state()))
        torch.set_rng_state(state)
        self.assertTrue(all(torch.equal(a, b) for a, b in zip(results[0].weights, results[1].weights)))
        other = train.fine_tune(model, x, y, train.Recipe("bitslice-l1", epochs=2, batch=40, prune=0.5, seed=8))
        self.assertFalse(torch.equal(other.weights[0], results[0].weights[0]))

    def test_a_cut_bounds_the_weights(self):
        fixed = train.FixedPoint(chain())
        exponents = fixed.step_exponents()
        codes = train.cut_weights(fixed, 0.5)
        self.assertEqual(fixed.held, exponents)
        for name, mine in zip(fixed.names, fixed.codes()):
            self.assertEqual(int(mine.abs().max()), codes[name])
            self.assertLess(codes[name], 200)

    def test_progress_and_augmentation_are_called(self):
        model, x, y = self.start()
        seen, shapes = [], set()

        def change(images):
            shapes.add(tuple(images.shape))
            return images.flip(3)
        train.fine_tune(model, x, y, train.Recipe(epochs=1, batch=40), change, lambda step, steps, text: seen.append((step, steps, text())))
        self.assertEqual([(step, steps) for step, steps, _ in seen], [(i + 1, 6) for i in range(6)])
        self.assertIn("loss", seen[0][2])
        self.assertEqual(shapes, {(40, 2, 8, 8)})

    def test_refusals(self):
        model, (x, y) = chain(), blobs(12)
        bad = x.clone()
        bad[3, 0, 0, 0] = float("nan")
        for text, call in (("not finite", lambda: train.fine_tune(model, bad, y)),
                           ("wanted \\[N, ...\\]", lambda: train.fine_tune(model, x, y[:5])),
                           ("int64 tensors", lambda: train.train_float(model, x, y.float())),
                           ("^batch 128: there are 12", lambda: train.fine_tune(model, x, y)),
                           ("prune 1.5: must lie", lambda: train.fine_tune(model, x, y, train.Recipe("pruned", prune=1.5))),
                           ("needs threshold, prune or keep_zeros", lambda: train.fine_tune(model, x, y, train.Recipe("pruned"))),
                           ("method float: wanted one of dense", lambda: train.fine_tune(model, x, y, train.Recipe("float"))),
                           ("wrap it first", lambda: train.cut_weights(model, 0.5)),
                           ("fixed point already", lambda: train.FixedPoint(train.FixedPoint(model)))):
            with self.assertRaisesRegex(train.BadInput, text):
                call()


class Steps(unittest.TestCase):
    def test_plain_layers_have_the_steps_of_their_maximum(self):
        model = chain()
        self.assertEqual(train.layers_of(model).step_exponents(),
                         quantise.weight_step_exponents([model[i].weight for i in (0, 3, 6)]))

    def test_a_step_that_is_held_stays_beside_others_that_follow(self):
        fixed = train.FixedPoint(chain())
        first, second, third = fixed.step_exponents()
        fixed.held[1] = second + 2
        with torch.no_grad():
            for weight in fixed.weights:
                weight.mul_(2)
        self.assertEqual(fixed.step_exponents(), [first + 1, second + 2, third + 1])
        self.assertLessEqual(int(fixed.codes()[1].abs().max()), 128)


if __name__ == "__main__":
    unittest.main()
