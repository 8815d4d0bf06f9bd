"""Reading data sets: what the arrays hold, and that damaged files are refused."""
import os
import tempfile
import unittest

import train_common as common
import numpy as np
import torch

from sliver.train import data
from sliver.train.batches import Batches
from sliver.train.errors import BadInput


class Sets(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def records(self, name, count, labels, classes):
        records = np.random.default_rng(2).integers(0, 256, (count, labels + 3072), np.uint8)
        records[:, :labels] %= classes
        records.tofile(os.path.join(self.folder, name))
        return records

    def test_cifar10_records(self):
        train = [self.records(f"data_batch_{i}.bin", 5, 1, 10) for i in range(1, 6)]
        self.records("test_batch.bin", 4, 1, 10)
        set_ = data.load_cifar10(self.folder)
        self.assertEqual(set_.train[1].tolist(), [int(r[0]) for part in train for r in part])
        value = (train[0][1, 1 + 2 * 1024 + 3 * 32 + 4] / 255 - 0.4465) / 0.2616
        self.assertAlmostEqual(set_.train[0][1, 2, 3, 4].item(), value, places=5)
        self.assertEqual((set_.image_shape, len(set_.test[0]), set_.flip), ([3, 32, 32], 4, True))

    def test_cifar100_takes_the_fine_label(self):
        with self.assertRaisesRegex(BadInput, "holds neither train.bin nor train.bin.gz"):
            data.load_cifar100(self.folder)
        train, _ = self.records("train.bin", 6, 2, 100), self.records("test.bin", 3, 2, 100)
        set_ = data.load_cifar100(self.folder)
        self.assertEqual(set_.train[1].tolist(), train[:, 1].tolist())
        value = (train[4, 2 + 1024 + 5] / 255 - 0.4865) / 0.2564
        self.assertAlmostEqual(set_.train[0][4, 1, 0, 5].item(), value, places=5)
        self.assertEqual((len(set_.classes), set_.classes[0], set_.classes[99]), (100, "apple", "worm"))

    def test_fashion_is_padded_and_normalised(self):
        common.fake_idx_set(self.folder)
        set_ = data.load_fashion(self.folder)
        self.assertEqual(set_.image_shape, [1, 32, 32])
        self.assertAlmostEqual(set_.test[0][0, 0, 0, 0].item(), -0.2860 / 0.3530, places=6)
        raw = data.read_idx(os.path.join(self.folder, "t10k-images-idx3-ubyte.gz"))
        self.assertAlmostEqual(set_.test[0][3, 0, 2, 5].item(), (raw[3, 0, 3] / 255 - 0.2860) / 0.3530, places=5)

    def test_mnist_is_not_padded(self):
        common.fake_idx_set(self.folder)
        set_ = data.load_mnist(self.folder)
        self.assertEqual((set_.image_shape, set_.flip), ([1, 28, 28], False))
        raw = data.read_idx(os.path.join(self.folder, "train-images-idx3-ubyte.gz"))
        self.assertAlmostEqual(set_.train[0][3, 0, 2, 5].item(), (raw[3, 2, 5] / 255 - 0.1307) / 0.3081, places=5)

    def test_what_is_missing_or_wrong_is_refused(self):
        for load in (data.load_mnist, data.load_cifar10, data.load_cifar100):
            with self.assertRaisesRegex(BadInput, "needs --data-folder"):
                load(None)
        common.fake_idx_set(self.folder, labels=12)
        with self.assertRaisesRegex(BadInput, "label 11 where there are 10 classes"):
            data.load_mnist(self.folder)

    def test_damaged_files(self):
        path = os.path.join(self.folder, "x-idx1-ubyte")
        for content in (b"", b"\0\0\x08\x02\0\0", b"\0\0\x0d\x01\0\0\0\x01\0", b"\0\0\x08\x01\0\0\0\x05ab"):
            with open(path, "wb") as file:
                file.write(content)
            with self.assertRaises(BadInput):
                data.read_idx(path)
            with self.assertRaises(BadInput):
                data.read_cifar([path])
        with open(path + ".gz", "wb") as file:
            file.write(b"\x1f\x8b\x08\0")
        with self.assertRaises(BadInput):
            data.read_idx(path + ".gz")


class Augmentation(unittest.TestCase):
    def test_images_are_shifted_and_mirrored_copies(self):
        torch.manual_seed(5)
        x, border = torch.rand(200, 1, 6, 6) + 1, torch.full((1, 1, 1, 1), -3.0)
        flips = set()
        for image, made in zip(x, data.augment(x, 1, border)):
            found = []
            for flip in (False, True):
                source = torch.nn.functional.pad((image.flip(2) if flip else image) + 3, (1,) * 4) - 3
                found += [flip for i in range(3) for j in range(3) if torch.equal(source[:, i:i + 6, j:j + 6], made)]
            self.assertEqual(len(found), 1)
            flips.update(found)
        self.assertEqual(flips, {False, True})

    def test_digits_are_never_mirrored(self):
        torch.manual_seed(6)
        x = torch.rand(50, 1, 6, 6)
        self.assertTrue(torch.equal(data.augment(x, 0, torch.zeros(1, 1, 1, 1), flip=False), x))

    def test_batches_visit_every_image_once_an_epoch(self):
        x = torch.arange(12).float()[:, None, None, None].expand(12, 1, 1, 1)
        set_ = data.DataSet("x", "", [], 0, [0.0], [1.0], 0, False, (x, torch.arange(12)), (x, torch.arange(12)))
        batches = Batches(*set_.train, 4, set_.augment)
        for _ in range(2):
            self.assertEqual(sorted(int(y) for _ in range(3) for y in batches.draw()[1]), list(range(12)))


if __name__ == "__main__":
    unittest.main()
