import unittest

import train_common as common  # noqa: F401
import torch

from sliver.train import quantise


class Codes(unittest.TestCase):
    def test_worked_example_of_the_paper(self):
        weight = torch.tensor([0.1, 0.05])
        exponent = quantise.weight_step_exponent(weight)
        self.assertEqual(exponent + quantise.BITS, -3)
        self.assertEqual(exponent, -11)
        floor = quantise.weight_codes(weight, exponent, "floor")
        self.assertEqual(floor.tolist(), [204, 102])
        pieces = torch.stack(quantise.slices(floor)).flip(0).T  # most significant first
        self.assertEqual(pieces.tolist(), [[3, 0, 3, 0], [1, 2, 1, 2]])
        self.assertEqual(floor.tolist(), [0.1 * 2048 // 1, 0.05 * 2048 // 1])

    def test_the_largest_code_saturates_when_the_maximum_is_a_power_of_two(self):
        for maximum in (0.125, 1.0, 4.0):
            weight = torch.tensor([maximum, -maximum, maximum * 255 / 256, maximum / 2])
            codes = quantise.weight_codes(weight, quantise.weight_step_exponent(weight))
            self.assertEqual(codes.tolist(), [255, -255, 255, 128])

    def test_range_exponent_is_exact_around_powers_of_two(self):
        for exponent in range(-16, 10):
            power = torch.tensor(2.0 ** exponent)
            self.assertEqual(quantise.range_exponent(power), exponent)
            self.assertEqual(quantise.range_exponent(torch.nextafter(power, torch.tensor(1e9))), exponent + 1)

    def test_a_layer_of_zeros_has_the_smallest_range(self):
        weight = torch.zeros(3)
        exponent = quantise.weight_step_exponent(weight)
        self.assertEqual(exponent + quantise.BITS, -16)
        self.assertEqual(quantise.weight_codes(weight, exponent).tolist(), [0, 0, 0])

    def test_rounding_is_half_to_even_and_keeps_the_sign(self):
        weight = torch.tensor([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 255.0])
        self.assertEqual(quantise.weight_codes(weight, 0).tolist(), [0, 2, 2, 0, -2, -2, 255])
        self.assertEqual(quantise.weight_codes(weight, 0, "floor").tolist(), [0, 1, 2, 0, -1, -2, 255])

    def test_slices_put_together_give_the_code(self):
        codes = torch.arange(-255, 256)
        for width in (1, 2, 4):
            pieces = quantise.slices(codes, width)
            self.assertEqual(len(pieces), 8 // width)
            self.assertTrue(torch.equal(sum(s * 2 ** (width * k) for k, s in enumerate(pieces)), codes.abs().int()))

    def test_requantise_rounds_half_to_even_and_saturates(self):
        accumulator = torch.tensor([-9.0, 0, 2, 6, 10, 1018, 1020, 1022, 5000]).double()
        self.assertEqual(quantise.requantise(accumulator, -2).tolist(), [0, 0, 0, 2, 2, 254, 255, 255, 255])
        self.assertEqual(quantise.requantise(torch.tensor([3.0, 100.0]), 2).tolist(), [12, 255])

    def test_image_codes_are_twos_complement(self):
        self.assertEqual(quantise.image_codes(torch.tensor([-9.0, -0.75, 0.25, 9.0]), -2).tolist(), [-36, -3, 1, 36])
        self.assertEqual(quantise.image_codes(torch.tensor([-90.0, 90.0]), -2).tolist(), [-128, 127])

    def test_signed_codes(self):
        accumulator = torch.tensor([-1000.0, -6, -2, 2, 6, 1000]).double()
        self.assertEqual(quantise.requantise(accumulator, -2, signed=True).tolist(), [-128, -2, 0, 0, 2, 127])
        self.assertEqual(quantise.best_range_exponent(torch.tensor([-1.01, 1.01]), 1.01, signed=True), 1)

    def test_allowed_bits(self):
        codes, allowed = torch.tensor([204.0, -102.0, -255.0, 0.0]), torch.tensor([0x3f, 0xff, 0x80, 0xff], dtype=torch.uint8)
        self.assertEqual(quantise.keep_allowed(codes, allowed).tolist(), [12, -102, -128, 0])
        self.assertIs(quantise.keep_allowed(codes, None), codes)

    def test_best_range_gives_up_outliers_for_precision(self):
        values = torch.cat([torch.rand(100000), torch.tensor([1.01])])
        self.assertEqual(quantise.best_range_exponent(values, values.max()), 0)
        self.assertEqual(quantise.best_range_exponent(torch.tensor([1.01]), 1.01), 1)


class StraightThrough(unittest.TestCase):
    def test_weight_gradient_passes_unchanged(self):
        weight = torch.tensor([0.1, -0.7, 1.0], requires_grad=True)
        quantise.FakeWeight.apply(weight, -8, "nearest").backward(torch.tensor([1.0, 2.0, 3.0]))
        self.assertEqual(weight.grad.tolist(), [1, 2, 3])

    def test_weight_gradient_passes_a_budget_unchanged(self):
        weight = torch.tensor([0.75, -0.7], requires_grad=True)
        used = quantise.FakeWeight.apply(weight, -8, "nearest", torch.tensor([0x3f, 0xff], dtype=torch.uint8))
        used.backward(torch.tensor([1.0, 2.0]))
        self.assertEqual((used.tolist(), weight.grad.tolist()), ([0, -179 / 256], [1, 2]))

    def test_signed_gradient_passes_inside_the_range_only(self):
        x = torch.tensor([-1.1, -0.5, 0.3, 5.0], requires_grad=True)
        y = quantise.FakeSigned.apply(x, -7)
        y.sum().backward()
        self.assertEqual(y.tolist(), [-1, -0.5, 38 / 128, 127 / 128])
        self.assertEqual(x.grad.tolist(), [0, 1, 1, 0])

    def test_activation_gradient_passes_inside_the_range_only(self):
        x = torch.tensor([-1.0, 0.3, 0.996, 5.0], requires_grad=True)
        y = quantise.FakeRelu.apply(x, -8)
        y.sum().backward()
        self.assertEqual(y.tolist(), [0, 77 / 256, 255 / 256, 255 / 256])
        self.assertEqual(x.grad.tolist(), [0, 1, 1, 0])


if __name__ == "__main__":
    unittest.main()
