"""Column budgets while they narrow: what they leave fits at every moment, and nothing that fits is touched."""
import types
import unittest

import train_common as common
import torch

from sliver.train import columns, tuning


def budget(model, bits, **more):
    options = types.SimpleNamespace(column_rows=16, slice_width=2, column_bits=bits, column_every=2, column_from=0.25, column_full=0.5,
                                    column_free=[], **more)
    return tuning.ColumnBudget(model, options, 40)


class Narrowing(unittest.TestCase):
    def test_budgets_narrow_to_the_target(self):
        model, _ = common.tiny_fixed("vgg")
        before = [columns.worst_sums(c, 16)[::-1] for c in model.codes()]
        it, target = budget(model, [2, 3, 3, 4]), [3, 7, 7, 15]
        last = before
        for progress in (0.0, 0.3, 0.7, 1.0):
            it.choose(progress)
            now = [columns.worst_sums(c, 16)[::-1] for c in model.codes()]
            for first, was, sums in zip(before, last, now):
                for f, w, s, t in zip(first, was, sums, target):
                    self.assertLessEqual(s, max(t, t + (f - t) * (1 - progress) ** 3))
                    self.assertLessEqual(s, w)
            last = now
        self.assertTrue(any(f != s for f, s in zip(before, last)))
        self.assertTrue(all(s <= t for sums in last for s, t in zip(sums, target)))

    def test_the_first_choice_takes_nothing_out(self):
        model, _ = common.tiny_fixed("vgg")
        before = [w.detach().clone() for w in model.weights]
        budget(model, [2, 3, 3, 3]).choose(0.0)
        self.assertTrue(all(torch.equal(a, b) for a, b in zip(before, model.weights)))

    def test_weights_that_lose_a_slice_are_put_on_what_is_left(self):
        model, _ = common.tiny_fixed("vgg")
        before, codes = [w.detach().clone() for w in model.weights], model.codes()
        budget(model, [1, 2, 2, 2]).choose(1.0)
        for old, code, weight, left, exponent in zip(before, codes, model.weights, model.codes(), model.step_exponents()):
            same = left == code
            self.assertTrue(bool((~same).any()))
            self.assertTrue(torch.equal(weight[same], old[same]))
            self.assertTrue(torch.equal(weight[~same], (left * 2.0 ** exponent)[~same]))

    def test_when_it_acts(self):
        model, _ = common.tiny_fixed("vgg")
        it, seen = budget(model, [2, 3, 3, 4]), []
        it.choose = seen.append
        for step in range(40):
            it.before(step)
        self.assertEqual(seen[:6], [0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
        self.assertEqual(len(seen), 15)
        self.assertTrue(all(p == 1.0 for p in seen[5:]))


if __name__ == "__main__":
    unittest.main()
