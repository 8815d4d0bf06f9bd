"""sliver.torch.Crossbars: layers on modelled crossbars against plain arithmetic, gradients straight through, fine-tuning that helps."""
import contextlib
import io
import itertools
import os
import runpy
import tempfile
import unittest

import crossbar_reference
import test_train_any_module as modules
import train_common as common
import torch
import torch.nn as nn
import torch.nn.functional as F
from crossbar_reference import Chip

import sliver
from sliver import train
from sliver.torch import Crossbars, _Layer

COMPILED = hasattr(sliver, "LayerOnCrossbars")


def on_reference(module, chip, x, **more):
    hardware = Crossbars(module, chip, program=crossbar_reference.Layer, **more)
    hardware.calibrate(x)
    return hardware


class Reference(unittest.TestCase):
    def test_wide_converters_give_the_product(self):
        generator = torch.Generator().manual_seed(4)
        weights = torch.randint(-255, 256, (5, 37), generator=generator)
        inputs = torch.randint(0, 256, (6, 37), generator=generator)
        for rows, cell, dac in itertools.product((16, 64), (1, 2, 4), (1, 2, 4)):
            found = crossbar_reference.Layer(weights.numpy(), Chip(rows, cell, dac), 1).multiply(inputs.int().numpy())
            self.assertTrue(torch.equal(torch.from_numpy(found).long(), inputs @ weights.T))

    def test_a_clipped_column_by_hand(self):
        """Three rows of weight 3, all inputs 1: the lowest slice sums to 9, of which two bits hold 3."""
        layer = crossbar_reference.Layer([[3, 3, 3]], Chip(adc_bits=[2, 2, 2, 2]), 1)
        self.assertEqual(layer.multiply(torch.ones(1, 3).int().numpy()).tolist(), [[3]])
        layer = crossbar_reference.Layer([[3, 3, -3]], Chip(adc_bits=[2, 2, 2, 2]), 1)
        self.assertEqual(layer.multiply(torch.ones(1, 3).int().numpy()).tolist(), [[0]])


class Layers(unittest.TestCase):
    def test_signed_codes_drive_their_sign_bit_alone(self):
        generator = torch.Generator().manual_seed(5)
        weights = torch.randint(-255, 256, (4, 20), generator=generator).short()
        inputs = torch.randint(-128, 128, (9, 20), generator=generator).int()
        layer = _Layer(lambda w: crossbar_reference.Layer(w, Chip(), 1))
        self.assertTrue(torch.equal(layer.multiply(weights, inputs, True), inputs.long() @ weights.long().T))

    def test_it_is_programmed_anew_only_for_other_weights(self):
        made = []

        def program(weights):
            made.append(weights.copy())
            return crossbar_reference.Layer(weights, Chip(), 1)
        layer, weights, inputs = _Layer(program), torch.ones(2, 3).short(), torch.ones(1, 3).int()
        for _ in range(3):
            layer.multiply(weights, inputs, False)
        weights[0, 0] = 5  # in place: the layer has kept a copy
        self.assertEqual(layer.multiply(weights, inputs, False).tolist(), [[7, 3]])
        self.assertEqual(len(made), 2)


class Networks(unittest.TestCase):
    def test_lossless_crossbars_give_the_fixed_point_module(self):
        strided = nn.Sequential(nn.Conv2d(2, 5, (3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2), bias=False), nn.ReLU(),
                                nn.Flatten(), nn.Linear(5 * 4 * 6, 3))
        for model in (modules.chain(), modules.residual(), strided, nn.Sequential(nn.Flatten(), nn.Linear(128, 4))):
            x = modules.blobs(20)[0]
            fixed = train.FixedPoint(model)
            fixed.calibrate(x)
            hardware = on_reference(model, Chip(), x)
            torch.testing.assert_close(hardware(x), fixed(x), rtol=0, atol=1e-5)
            self.assertTrue(torch.equal(Crossbars(fixed, Chip(), program=crossbar_reference.Layer)(x), hardware(x)))

    def test_clipping_is_that_of_every_layer(self):
        """By hand: the layers' codes through the reference, one after the other."""
        model, x = modules.chain(), modules.blobs(8)[0]
        chip = Chip(rows=32, adc_bits=[3, 3, 3, 3])
        hardware = on_reference(model, chip, x)
        values = x
        for name, layer, codes, exponent in zip(hardware.names, hardware.layers.values(), hardware.codes(), hardware.step_exponents()):
            step, signed = hardware.maps[name]
            values = F.max_pool2d(values, 2) if name == "3" else values.flatten(1) if name == "6" else values
            inputs = torch.round(values * 2.0 ** -step).clamp(*((-128, 127) if signed else (0, 255)))
            edge = values.shape[2] if name != "6" else 1
            rows = inputs if name == "6" else F.unfold(inputs, 3, padding=1).transpose(1, 2).reshape(-1, codes[0].numel())
            on_chip = _Layer(lambda w: crossbar_reference.Layer(w, chip, 1))
            sums = on_chip.multiply(codes.reshape(len(codes), -1).short(), rows.int(), signed).double()
            sums = (sums + torch.round(layer.bias.detach().double() * 2.0 ** -(exponent + step))) * 2.0 ** (exponent + step)
            values = sums.reshape(len(x), edge, edge, -1).permute(0, 3, 1, 2).float()
            values = values.flatten(1) if name == "6" else F.relu(values)
        found = hardware(x)
        self.assertTrue(torch.equal(found, values))
        fixed = train.FixedPoint(model)
        fixed.calibrate(x)
        self.assertFalse(torch.equal(found, fixed(x)))

    def test_gradients_are_those_of_the_ideal_layers(self):
        """Of a last layer: what goes into it is the same with and without its crossbars."""
        x = torch.randn(6, 10)
        model = nn.Linear(10, 3)
        fixed = train.FixedPoint(model)
        fixed.calibrate(x)
        hardware = Crossbars(fixed, Chip(adc_bits=[1, 1, 1, 1]), program=crossbar_reference.Layer)
        weights = torch.randn(6, 3)
        for network in (fixed, hardware):
            (network(x) * weights).sum().backward()
        self.assertFalse(torch.equal(fixed(x), hardware(x)))
        for mine, theirs in zip(hardware.parameters(), fixed.parameters()):
            self.assertTrue(torch.equal(mine.grad, theirs.grad))
            self.assertGreater(float(mine.grad.abs().sum()), 0)

    def test_fine_tuning_wins_back_what_clipping_takes(self):
        x, y = modules.blobs(240)
        torch.manual_seed(1)
        model = nn.Sequential(nn.Flatten(), nn.Linear(128, 16), nn.ReLU(), nn.Linear(16, 3))
        train.train_float(model, x, y, epochs=6, batch=40, lr=0.02)
        hardware = on_reference(model, Chip(adc_bits=[2, 2, 2, 2]), x[:80])
        before = modules.share_right(hardware, x, y)
        train.fine_tune(hardware, x, y, train.Recipe(epochs=3, batch=24, lr=0.1, calibration=80))
        self.assertLess(before, 0.5)
        self.assertGreater(modules.share_right(hardware, x, y), before + 0.3)

    def test_refusals(self):
        for text, model in (("layer 0: groups 2", nn.Sequential(nn.Conv2d(2, 4, 3, groups=2))),
                            ("padding \\(1, 1\\) of reflect", nn.Sequential(nn.Conv2d(2, 4, 3, padding=1, padding_mode="reflect"))),
                            ("padding same", nn.Sequential(nn.Conv2d(2, 4, 3, padding="same")))):
            with self.assertRaisesRegex(train.BadInput, text):
                Crossbars(model, Chip(), program=crossbar_reference.Layer)
        with self.assertRaisesRegex(train.BadInput, "calibrate"):
            Crossbars(modules.chain(), Chip(), program=crossbar_reference.Layer)(torch.randn(1, 2, 8, 8))


@unittest.skipUnless(COMPILED, "the compiled module sliver has no LayerOnCrossbars here: Crossbars on the modelled chip are not tested")
class Compiled(unittest.TestCase):
    def test_the_chip_multiplies_as_the_reference_does(self):
        generator = torch.Generator().manual_seed(6)
        weights = torch.randint(-255, 256, (7, 150), generator=generator).short().numpy()
        inputs = torch.randint(0, 256, (11, 150), generator=generator).int().numpy()
        for converters, bits in (("worst-case", None), ("5", 5), ("3", 3)):
            chip, reference = sliver.Chip("isaac", adc=converters), Chip(rows=128, cell_bits=2, adc_bits=bits and [bits] * 4)
            found = sliver.LayerOnCrossbars(weights, chip).multiply(inputs)
            self.assertEqual(found.tolist(), crossbar_reference.Layer(weights, reference, 1).multiply(inputs).tolist())

    def test_a_network_runs_on_it_as_on_the_reference(self):
        x, model = modules.blobs(12)[0], modules.residual()
        reference = on_reference(model, Chip(adc_bits=[4, 4, 4, 4]), x)
        hardware = Crossbars(model, sliver.Chip("isaac", adc="4"))
        hardware.calibrate(x)
        self.assertTrue(torch.equal(hardware(x), reference(x)))

    def test_the_example_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            common.fake_idx_set(folder, train=80, test=20)
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                runpy.run_path(os.path.join(common.ROOT, "examples", "finetune.py"))["main"](["--mnist", folder, "--epochs", "1"])
        self.assertEqual(len(said.getvalue().splitlines()), 3, said.getvalue())

    def test_cells_that_vary_are_those_of_the_seed(self):
        x = modules.blobs(12)[0]
        chip = sliver.Chip("isaac", {"cells.kind": "resistive", "cells.variation": "lognormal", "cells.sigma": 0.1})
        fixed = train.FixedPoint(modules.chain())
        fixed.calibrate(x)
        first, again, other = (Crossbars(fixed, chip, seed=seed)(x) for seed in (1, 1, 2))
        self.assertTrue(torch.equal(first, again))
        self.assertFalse(torch.equal(first, other))
        self.assertFalse(torch.equal(first, fixed(x)))


if __name__ == "__main__":
    unittest.main()
