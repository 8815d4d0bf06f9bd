"""Winograd's convolution against the library's in double: forward and all gradients, both tile sizes, one tile and several."""
import unittest
from unittest import mock

import train_common as common  # noqa: F401
import torch
import torch.nn.functional as F

from sliver.train import winograd

CHANNELS = winograd.LEAST_CHANNELS


class Convolution(unittest.TestCase):
    def setUp(self):
        patch = mock.patch.object(winograd, "fast_products", return_value=True)
        self.fast_products = patch.start()
        self.addCleanup(patch.stop)

    def check(self, height, width, tile):
        self.assertEqual(winograd.tile_edge(height, width), tile)
        torch.manual_seed(height * 100 + width)
        x, weight = torch.randn(3, CHANNELS, height, width), torch.randn(10, CHANNELS, 3, 3) / 30
        weight = weight.permute(2, 3, 1, 0).contiguous().permute(3, 2, 0, 1)  # as the networks keep it
        bias, pull = torch.randn(10), torch.randn(3, 10, height, width)
        results = []
        for function, kind in ((winograd.convolve, torch.float32), (lambda *a: F.conv2d(*a, padding=1), torch.float64)):
            inputs = [t.to(kind).detach().requires_grad_() for t in (x, weight, bias)]
            y = function(*inputs)
            (y * pull.to(kind)).sum().backward()
            results.append([y] + [t.grad for t in inputs])
        for name, found, wanted in zip(("output", "image", "weight", "bias"), *results):
            error = (found.double() - wanted).abs().max() / wanted.abs().max()
            self.assertLess(error, 2e-5, f"{name}, {height}x{width}")

    def test_tiles_of_four(self):
        self.check(4, 4, 4)
        self.check(8, 12, 4)

    def test_tiles_of_two(self):
        self.check(2, 2, 2)
        self.check(6, 10, 2)

    def test_odd_maps_and_few_channels_go_to_the_library(self):
        self.check(5, 4, None)
        x, weight, bias = torch.randn(2, 3, 8, 8), torch.randn(4, 3, 3, 3), torch.randn(4)
        self.assertTrue(torch.equal(winograd.convolve(x, weight, bias), F.conv2d(x, weight, bias, padding=1)))

    def test_without_a_tuned_blas_the_library_convolves(self):
        self.fast_products.return_value = False
        x, weight, bias = torch.randn(2, CHANNELS, 4, 4), torch.randn(4, CHANNELS, 3, 3), torch.randn(4)
        self.assertTrue(torch.equal(winograd.convolve(x, weight, bias), F.conv2d(x, weight, bias, padding=1)))


if __name__ == "__main__":
    unittest.main()
