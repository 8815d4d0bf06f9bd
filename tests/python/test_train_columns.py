"""Column budgets against sums counted the slow way."""
import unittest

import train_common as common  # noqa: F401  (puts the modules on the path)
import torch

from sliver.train import columns
from sliver.train.quantise import keep_allowed


def slow_sums(codes, rows, width):
    """Largest column sums, k = 0 first, with plain loops."""
    worst = [0] * (8 // width)
    for line in codes.reshape(len(codes), -1).tolist():
        for first in range(0, len(line), rows):
            for sign in (1, -1):
                for k in range(8 // width):
                    total = sum((abs(int(c)) >> (width * k)) % 2 ** width for c in line[first:first + rows] if c * sign > 0)
                    worst[k] = max(worst[k], total)
    return worst


def random_codes(shape, seed):
    generator = torch.Generator().manual_seed(seed)
    codes = torch.randint(-255, 256, shape, generator=generator)
    return (codes * (torch.rand(shape, generator=generator) < 0.6)).float()


class Columns(unittest.TestCase):
    def test_known_column(self):
        # 204 = [3, 0, 3, 0], 102 = [1, 2, 1, 2]: sums 4, 2, 4, 2, most significant first.
        codes = torch.tensor([[204.0, 102.0, -255.0]])
        self.assertEqual(columns.worst_sums(codes, 2), [3, 4, 3, 4])
        self.assertEqual(columns.worst_sums(codes, 3), [3, 4, 3, 4])
        self.assertEqual(columns.worst_bits(codes, 3), [2, 3, 2, 3])
        # Two bits hold 3: of the slices 3 and 1 the 3 stays.
        mask = columns.allowed_bits(codes, [2, 2, 2, 2], 3)
        self.assertEqual(keep_allowed(codes, mask).tolist(), [[204.0, 0b00100010, -255.0]])

    def test_sums_by_brute_force(self):
        for shape, rows, width in (((5, 7, 3, 3), 16, 2), ((4, 40), 128, 2), ((3, 33), 8, 1), ((3, 33), 8, 4)):
            codes = random_codes(shape, 1)
            self.assertEqual(columns.worst_sums(codes, rows, width), slow_sums(codes, rows, width))

    def test_budget_holds_and_nothing_else_changes(self):
        for seed, widths in enumerate(([3, 3, 3, 3], [1, 2, 4, 8], [2, 3, 3, 4])):
            codes = random_codes((6, 10, 3, 3), seed)
            mask = columns.allowed_bits(codes, widths, 32)
            kept = keep_allowed(codes, mask)
            for total, width in zip(slow_sums(kept, 32, 2), reversed(widths)):
                self.assertLessEqual(total, 2 ** width - 1)
            self.assertTrue(bool((kept * codes >= 0).all()))
            self.assertEqual(mask.shape, codes.shape)
            again = columns.allowed_bits(kept, widths, 32)
            self.assertTrue(torch.equal(keep_allowed(kept, again), kept))
        roomy = columns.allowed_bits(codes, [8, 8, 8, 8], 32)
        self.assertTrue(torch.equal(keep_allowed(codes, roomy), codes))

    def test_no_room_is_wasted(self):
        """A slice value that was left out would not have fitted beside what stayed."""
        codes = random_codes((4, 64), 9)
        kept = keep_allowed(codes, columns.allowed_bits(codes, [3, 3, 3, 3], 64))
        for before, after in zip(codes.long().tolist(), kept.long().tolist()):
            for k in range(4):
                for sign in (1, -1):
                    old = [(abs(c) >> 2 * k) % 4 for c in before if c * sign > 0]
                    new = [(abs(a) >> 2 * k) % 4 for c, a in zip(before, after) if c * sign > 0]
                    left_out = [o for o, n in zip(old, new) if o and not n]
                    self.assertTrue(all(sum(new) + o > 7 for o in left_out))

    def test_wrong_number_of_widths(self):
        with self.assertRaises(ValueError):
            columns.allowed_bits(torch.zeros(1, 4), [3, 3], 4)


if __name__ == "__main__":
    unittest.main()
