"""Where a training runs: what malloc keeps."""
import resource
import sys
import unittest

import train_common as common  # noqa: F401
import torch

from sliver.train import device


class Memory(unittest.TestCase):
    @unittest.skipUnless(sys.platform == "linux" and device.keep_memory(), "this C library has no mallopt")
    def test_freed_maps_are_used_again(self):
        """Without keep_memory() each of these tensors is a new mapping of 8192 pages, cleared by the system."""
        def pages():
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
            for _ in range(12):
                torch.ones(8_388_608)
            return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

        pages()  # the heap grows to what it needs
        self.assertLess(pages(), 6 * 8192)

    def test_cpu_is_chosen_by_name(self):
        self.assertEqual(device.choose("cpu").type, "cpu")


if __name__ == "__main__":
    unittest.main()
