"""Mini-batches of tensors."""
import torch

from .errors import BadInput


class Batches:
    """Endless shuffled mini-batches; where they stand can be kept and taken up again (`order`, `position`).

    x, y    images [N, ...] and labels [N], on one device
    change  x [batch, ...] -> the same shape: the augmentation of a batch, or None
    Random numbers come from PyTorch's own generator on the CPU, so that a seed means the same batches on every device.
    """

    def __init__(self, x, y, batch, change=None):
        if batch > len(x):
            raise BadInput(f"--batch {batch}: there are {len(x)} training images")
        self.x, self.y, self.batch, self.change = x, y, batch, change
        self.order, self.position = torch.empty(0, dtype=torch.int64), 0

    def draw(self):
        """(images, labels) of the next batch, images with channels last in memory where they have channels."""
        if self.position + self.batch > len(self.order):
            self.order, self.position = torch.randperm(len(self.x)), 0
        pick = self.order[self.position:self.position + self.batch].to(self.x.device)
        self.position += self.batch
        images = self.x[pick]
        if self.change is not None:
            images = self.change(images)
        return (images.contiguous(memory_format=torch.channels_last) if images.ndim == 4 else images), self.y[pick]
