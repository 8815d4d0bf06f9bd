import unittest

import train_common as common  # noqa: F401
import torch

from sliver.train import bitslice, quantise, schedules, sparsify


class Regulariser(unittest.TestCase):
    def test_worked_example_of_the_paper(self):
        weight = torch.tensor([0.1, 0.05])
        codes = quantise.weight_codes(weight, -11, "floor")
        self.assertEqual(bitslice.bl1(codes), 12)

    def test_graph_and_codes_give_the_same_sum(self):
        torch.manual_seed(1)
        weight = torch.randn(40, 30)
        codes = quantise.weight_codes(weight, quantise.weight_step_exponent(weight))
        for width in (1, 2, 4):
            self.assertEqual(bitslice.bl1_by_autograd(weight, width).item(), bitslice.bl1(codes, width))

    def test_closed_form_gradient_equals_autograd(self):
        torch.manual_seed(2)
        for scale in (0.01, 0.3, 1.0):
            for width in (1, 2, 4):
                weight = (torch.randn(50, 40) * scale).requires_grad_()
                with torch.no_grad():
                    weight[0, :5] = torch.tensor([0.0, 1e-9, -1e-9, scale / 4, -scale / 4])
                bitslice.bl1_by_autograd(weight, width).backward()
                closed = bitslice.bl1_gradient(weight.detach(), width)
                torch.testing.assert_close(closed, weight.grad, rtol=1e-6, atol=0)

    def test_weighted_slices(self):
        torch.manual_seed(3)
        for width, weights in ((2, [0.5, 1.0, 0.0, 3.0]), (4, [2.0, 0.25]), (1, [k / 4 for k in range(8)])):
            weight = torch.randn(60, 50).requires_grad_()
            bitslice.bl1_by_autograd(weight, width, weights).backward()
            closed = bitslice.bl1_gradient(weight.detach(), width, slice_weights=weights)
            torch.testing.assert_close(closed, weight.grad, rtol=1e-6, atol=0)

    def test_pull_follows_the_order_of_memory(self):
        codes = torch.randint(-255, 256, (7, 5, 3, 3)).float()
        table = bitslice.pull_table()
        permuted = codes.permute(2, 3, 1, 0).contiguous().permute(3, 2, 0, 1)
        self.assertTrue(torch.equal(bitslice.pull(permuted, table), bitslice.pull(codes, table)))
        self.assertEqual(bitslice.pull(permuted, table).stride(), permuted.stride())

    def test_pull_of_chosen_codes(self):
        table = bitslice.pull_table()
        for code, pull in ((0, 0), (1, 1), (-1, -1), (4, 1 / 4), (16, 1 / 16), (64, 1 / 64), (-85, -85 / 64), (255, 85 / 64)):
            self.assertEqual(table[code + 255].item(), pull)

    def test_sparsity_counts_nonzero_slice_elements(self):
        shares = bitslice.sparsity([torch.tensor([0, 1, -4]), torch.tensor([64 + 16 + 4])])
        self.assertEqual(shares, [25, 50, 25, 25])


class Pruning(unittest.TestCase):
    def test_masks_remove_the_share_and_the_smallest_in_each_layer(self):
        torch.manual_seed(4)
        weights = [torch.randn(30, 20), 0.01 * torch.randn(50, 8)]
        kept = sparsify.masks(weights, 0.7)
        self.assertEqual(int(sum(m.sum() for m in kept)), 1000 - 700)
        for weight, mask in zip(weights, kept):
            self.assertGreater(mask.sum(), 0)  # whatever the scale of the layer
            self.assertGreaterEqual(weight.abs()[mask == 1].min(), weight.abs()[mask == 0].max())

    def test_threshold_keeps_what_reaches_it(self):
        mask, = sparsify.threshold_masks([torch.tensor([0.0, 0.25, -0.25, 0.24, -0.1])], 0.25)
        self.assertEqual(mask.tolist(), [0, 1, 1, 0, 0])

    def test_share_rises_to_the_target(self):
        shares = [schedules.pruned_share(p / 10, 0.9, 0.4) for p in range(11)]
        self.assertEqual(shares[0], 0)
        self.assertEqual(shares, sorted(shares))
        self.assertEqual(shares[4:], [0.9] * 7)


if __name__ == "__main__":
    unittest.main()
