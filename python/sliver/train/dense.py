"""The float form of a plan that is trained from scratch: batch norm where the plan has it, dropout in training only."""
import torch
import torch.nn as nn
import torch.nn.functional as F

from . import networks


class Dense(nn.Module):
    """A plan with float layers; `layers[name]` are the convolutions and linear layers, `norms[name]` their batch norms."""

    def __init__(self, plan):
        super().__init__()
        self.plan = plan
        self.layers, self.norms = nn.ModuleDict(), nn.ModuleDict()
        for step, shape in zip(networks.layers(plan), networks.weight_shapes(plan)):
            name = step["name"]
            if step["op"] == "conv":
                self.layers[name] = nn.Conv2d(shape[1], shape[0], step["kernel"], step["stride"], step["kernel"] // 2,
                                              bias=not plan["norm"])
                if plan["norm"]:
                    self.norms[name] = nn.BatchNorm2d(shape[0])
            else:
                self.layers[name] = nn.Linear(shape[1], shape[0])
            if not plan["norm"]:  # deep chains without batch norm do not start from PyTorch's smaller weights
                nn.init.kaiming_normal_(self.layers[name].weight, nonlinearity="relu")
                nn.init.zeros_(self.layers[name].bias)

    def forward(self, x):
        return networks.walk(self.plan, x, self._compute)

    def _compute(self, step, x, other=None):
        if step["op"] == "average":
            return x.mean((2, 3), keepdim=True)
        if step["op"] == "add":
            return F.relu(x + other)
        if step["op"] == "linear":
            x = self.layers[step["name"]](F.dropout(x.flatten(1), step["dropout"], self.training))
            return F.relu(x) if step["relu"] else x
        x = self.layers[step["name"]](x)
        if step["name"] in self.norms:
            x = self.norms[step["name"]](x)
        x = F.relu(x) if step["relu"] else x
        return F.max_pool2d(x, 2) if step["pool"] else x

    @torch.no_grad()
    def folded(self):
        """(weights, biases) with batch norm folded in, layer by layer."""
        weights, biases = [], []
        for name, layer in self.layers.items():
            if name in self.norms:
                weight, bias = fold_batch_norm(layer, self.norms[name])
            else:
                weight, bias = layer.weight.detach().clone(), layer.bias.detach().clone()
            weights.append(weight)
            biases.append(bias)
        return weights, biases


def fold_batch_norm(layer, norm):
    """(weight, bias) of the convolution or linear layer that equals layer + batch norm at inference: in double, then rounded to float."""
    spread = torch.sqrt(norm.running_var.double() + norm.eps)
    gain = norm.weight.double() / spread if norm.affine else 1 / spread
    offset = norm.bias.double() if norm.affine else torch.zeros_like(gain)
    mean = norm.running_mean.double() if layer.bias is None else norm.running_mean.double() - layer.bias.double()
    weight = layer.weight.double() * gain.reshape(-1, *[1] * (layer.weight.ndim - 1))
    return weight.float().detach(), (offset - mean * gain).float().detach()
