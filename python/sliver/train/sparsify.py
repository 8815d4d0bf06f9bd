"""Which weights stay: one-shot by a threshold (the paper's), or a share of the whole network, layer-adaptive."""
import math

import torch


def lamp_scores(weight):
    """LAMP (arXiv 2010.07611): w^2 over the sum of the squares not smaller than it in the layer. Comparable across layers."""
    squares = weight.detach().reshape(-1).double().square()
    ordered, order = squares.sort()
    remaining = ordered.flip(0).cumsum(0).flip(0).clamp_(min=1e-300)
    return torch.empty_like(squares).scatter_(0, order, ordered / remaining).reshape(weight.shape).float()


def masks(weights, share, keep=()):
    """Float masks (1 keeps) that remove `share` of all weights, smallest LAMP scores first; a zero weight stays out.

    Layers whose numbers are in `keep` stay whole.
    """
    scores = [torch.full(w.shape, math.inf) if i in keep else lamp_scores(w) for i, w in enumerate(weights)]
    everything = torch.cat([s.reshape(-1) for s in scores])
    count = int(share * everything.numel())
    if count < 1:
        return [torch.ones_like(w) for w in weights]
    threshold = everything.kthvalue(count).values
    return [torch.empty_like(w).copy_(s > threshold) for w, s in zip(weights, scores)]  # laid out as the weights


def threshold_masks(weights, threshold):
    """Float masks that keep |w| >= threshold."""
    return [(w.detach().abs() >= threshold).float() for w in weights]


@torch.no_grad()
def apply_masks(tensors, masks):
    """Multiplies parameters by their masks, in place; None for a mask, or for all of them, leaves what it stands for alone."""
    for tensor, mask in zip(tensors, masks or []):
        if mask is not None:
            tensor.mul_(mask)
