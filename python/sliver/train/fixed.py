"""A plan in fixed point: folded float weights, their codes, the fake-quantised training forward and the exact integer one.

Arithmetic: docs/arithmetic.md, "bit for bit" what Sliver's golden executor computes. Maps behind a ReLU are unsigned 8-bit codes,
other maps signed ones, each with a power-of-two step of its own; an addition aligns its operands to the finer step, adds exactly
and rounds to its own; the global average is rounded once. The last layer leaves its accumulators. No batch norm.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

from . import networks, structured, winograd
from .errors import BadInput
from .integers import exact_convolution
from .layers import WeightLayers
from .quantise import BITS, FakeBias, FakeRelu, FakeSigned, FakeWeight, best_range_exponent, image_codes, range_exponent, requantise


def _laid_out(weight):
    """The weight in the order of memory that winograd.py reads without a copy: (ky, kx, input, output)."""
    weight = weight.detach().float()
    if weight.ndim == 4 and weight.shape[2] == 3:
        return weight.permute(2, 3, 1, 0).contiguous().permute(3, 2, 0, 1)
    return weight.contiguous()


class FixedNetwork(nn.Module, WeightLayers):
    """maps  {map: log2 of its step}, "image" included; calibrate() sets it"""

    def __init__(self, plan, weights, biases, rounding="nearest"):
        super().__init__()
        shapes = networks.weight_shapes(plan)
        found = [tuple(w.shape) for w in weights]
        if found != shapes or [tuple(b.shape) for b in biases] != [s[:1] for s in shapes]:
            raise BadInput(f"network {plan['network']} has weights of shape {shapes}, given are {found}")
        self.plan = plan
        self.start_layers([step["name"] for step in networks.layers(plan)], rounding)
        self.weights = nn.ParameterList(nn.Parameter(_laid_out(w)) for w in weights)
        self.biases = nn.ParameterList(nn.Parameter(b.detach().float()) for b in biases)
        self.maps = {}
        self.used = None  # [(log2 step, quantised weight)] of the last training forward, for the regulariser
        self._index = {name: i for i, name in enumerate(self.names)}
        self._signed = {step["name"]: step["op"] in ("conv", "linear") and not step["relu"] for step in plan["steps"]}
        self._output = plan["steps"][-1]["name"]

    @classmethod
    def from_dense(cls, dense, rounding="nearest"):
        return cls(dense.plan, *dense.folded(), rounding)

    def sources(self):
        """The map that each layer reads."""
        return [step["from"][0] for step in networks.layers(self.plan)]

    def channel_sources(self):
        """As structured.py wants them."""
        return structured.channel_sources(self.plan)

    def bias_exponents(self):
        """log2 of the accumulator's unit, weight step times input step, layer by layer."""
        return [e + self.maps[source] for e, source in zip(self.step_exponents(), self.sources())]

    def logit_exponent(self):
        return self.bias_exponents()[-1]

    def integer_biases(self):
        """Biases in units of the accumulator, double."""
        return [torch.round(b.detach().double() * 2.0 ** -e) for b, e in zip(self.biases, self.bias_exponents())]

    def _layer(self, step, x, weight, bias):
        """Convolution or linear layer in floating point, its pool left out."""
        if step["op"] == "linear":
            return F.linear(x.flatten(1), weight, bias)
        if step["kernel"] == 3 and step["stride"] == 1:
            return winograd.convolve(x, weight, bias)
        return F.conv2d(x, weight, bias, step["stride"], step["kernel"] // 2)

    def forward_float(self, x):
        """The folded network without any quantisation."""
        weights, biases = list(self.weights), list(self.biases)

        def compute(step, *inputs):
            values = self._values(step, weights, biases, *inputs)
            return F.relu(values) if step.get("relu") else values
        return networks.walk(self.plan, x, compute)

    def _fake_parameters(self):
        """Quantised weights and biases by layer name, gradients straight through."""
        exponents = self.step_exponents()
        weights = [FakeWeight.apply(*it) for it in zip(self.weights, exponents, [self.rounding] * len(exponents), self.allowed)]
        units = [e + self.maps[source] if source in self.maps else None for e, source in zip(exponents, self.sources())]
        biases = [b if unit is None else FakeBias.apply(b, unit) for b, unit in zip(self.biases, units)]
        return exponents, weights, biases

    def _values(self, step, weights, biases, x, other=None):
        """The map of a step before its quantisation and before its ReLU."""
        if step["op"] == "average":
            return x.mean((2, 3), keepdim=True)
        if step["op"] == "add":
            return x + other
        i = self._index[step["name"]]
        x = self._layer(step, x, weights[i], biases[i])
        # Pooling comes before ReLU and quantisation: it commutes with monotone functions, and they cost a quarter then.
        return F.max_pool2d(x, 2) if step.get("pool") else x

    def _quantised(self, name, x):
        return (FakeSigned if self._signed[name] else FakeRelu).apply(x, self.maps[name])

    def forward(self, x):
        """Fake-quantised forward for training."""
        exponents, weights, biases = self._fake_parameters()
        self.used = list(zip(exponents, [w.detach() for w in weights]))

        def compute(step, *inputs):
            values = self._values(step, weights, biases, *inputs)
            return values if step["name"] == self._output else self._quantised(step["name"], values)
        return networks.walk(self.plan, image_codes(x, self.maps["image"]) * 2.0 ** self.maps["image"], compute)

    @torch.no_grad()
    def forward_integer(self, x, convolve=exact_convolution):
        """Integer logits as the chip computes them, int64 [N, classes]; `convolve` as in integers.py."""
        exponents, codes, biases = self.step_exponents(), self.codes(), self.integer_biases()

        def rounded(step, accumulator, exponent):
            if step["name"] == self._output:
                return accumulator
            return requantise(accumulator, exponent - self.maps[step["name"]], self._signed[step["name"]]).float()

        def compute(step, x, other=None):
            source = self.maps[step["from"][0]]
            if step["op"] == "average":
                # The sum and its scaling are exact in double; one division, one rounding.
                return rounded(step, x.double().sum((2, 3), keepdim=True) * 2.0 ** (source - self.maps[step["name"]])
                               / (x.shape[2] * x.shape[3]), self.maps[step["name"]])
            if step["op"] == "add":
                second = self.maps[step["from"][1]]
                finest = min(source, second)
                total = x.double() * 2.0 ** (source - finest) + other.double() * 2.0 ** (second - finest)
                return rounded(step, total, finest)
            i = self._index[step["name"]]
            if step["op"] == "linear":
                return rounded(step, F.linear(x.flatten(1).double(), codes[i].double(), biases[i]), exponents[i] + source)
            x = convolve(x, codes[i], step["stride"]) + biases[i][:, None, None]
            x = rounded(step, x, exponents[i] + source)
            return F.max_pool2d(x, 2) if step["pool"] else x
        return networks.walk(self.plan, image_codes(x, self.maps["image"]), compute).to(torch.int64)

    @torch.no_grad()
    def calibrate(self, x, choice="squared-error", batch=250):
        """Freeze the steps of all maps on the images x: the measured maximum, or the range of least squared error.

        Each range is measured behind the quantised maps before it, before the pool, with biases not yet rounded.
        """
        maps = {"image": range_exponent(x.abs().max()) - (BITS - 1)}
        self.maps = {}
        _, weights, biases = self._fake_parameters()
        self.maps = maps

        def compute(step, *inputs):
            unpooled = {**step, "pool": False}
            if step["name"] == self._output:
                return None
            parts = zip(*(value.split(batch) for value in inputs))
            outputs = torch.cat([self._values(unpooled, weights, biases, *part) for part in parts])
            signed = self._signed[step["name"]]
            outputs = outputs if signed else outputs.relu_()
            maximum = outputs.abs().max()
            best = (best_range_exponent(outputs, maximum, signed=signed) if choice == "squared-error"
                    else range_exponent(maximum))
            maps[step["name"]] = best - (BITS - 1 if signed else BITS)
            outputs = F.max_pool2d(outputs, 2) if step.get("pool") else outputs
            return self._quantised(step["name"], outputs)
        networks.walk(self.plan, image_codes(x, maps["image"]) * 2.0 ** maps["image"], compute)
