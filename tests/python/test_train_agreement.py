"""tests/data/agreement, which the C++ tests read, is what sliver.train computes today."""
import os
import tempfile
import unittest

import numpy as np
import train_common as common

import make_agreement_fixture
from sliver.train.quantise import weight_step_exponents

STORED = os.path.join(common.ROOT, "tests", "data", "agreement")


class Agreement(unittest.TestCase):
    def test_stored_files_are_those_made_now(self):
        with tempfile.TemporaryDirectory() as folder:
            make_agreement_fixture.main(["--out", folder])
            for name in ("residual.codes.npy", "residual.integers.npy"):
                np.testing.assert_array_equal(np.load(os.path.join(folder, name)), np.load(os.path.join(STORED, name)), name)
            with open(os.path.join(folder, "residual.onnx"), "rb") as new, open(os.path.join(STORED, "residual.onnx"), "rb") as old:
                self.assertEqual(new.read(), old.read())

    def test_it_holds_what_it_promises(self):
        model, images = make_agreement_fixture.make()
        self.assertEqual(len(images), 1000)
        self.assertTrue(any(model._signed.values()))
        self.assertGreater(len(set(model.maps.values())), 1)
        self.assertNotEqual(weight_step_exponents(list(model.weights)), model.step_exponents())


if __name__ == "__main__":
    unittest.main()
