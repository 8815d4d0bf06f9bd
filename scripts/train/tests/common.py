"""What the tests share: the modules of the folder above, and a tiny network."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.dirname(HERE)
for path in (FOLDER, HERE):
    if path not in sys.path:
        sys.path.insert(0, path)

import torch  # noqa: E402

import models  # noqa: E402

TINY = [6, "M", 10, 12, "M"]  # 4x4 images


def tiny_dense(channels=1, seed=3):
    torch.manual_seed(seed)
    model = models.dense_vgg(channels, plan=TINY)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.3)
            torch.nn.init.normal_(module.running_mean, 0, 0.3)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
    return model.eval()


def tiny_fixed(channels=1, seed=3):
    """(calibrated network, images)"""
    model = models.FixedVgg.from_dense(tiny_dense(channels, seed))
    images = torch.randn(40, channels, 4, 4)
    model.calibrate(images[:20])
    return model, images
