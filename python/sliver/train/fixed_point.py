"""Any nn.Module in the fixed point of Sliver's crossbars, for training: 8-bit weights and maps at power-of-two steps.

Arithmetic as in docs/arithmetic.md: the weights of every nn.Linear and nn.Conv2d are rounded to their codes, biases to units of the
accumulator, and what each of these layers reads to 8 bits, unsigned where it is never negative and two's complement otherwise (the
network's input always). Gradients pass straight through, in maps only inside the range. Everything between the layers stays as the
module has it: additions and averages are not rounded here, which the exported network does.
"""
import contextlib

import torch
import torch.nn as nn

from . import graph
from .errors import BadInput
from .layers import WeightLayers, modules_with_weights
from .quantise import BITS, HIGHEST, LOWEST, TOP, FakeBias, FakeWeight, best_range_exponent, range_exponent

try:
    from torch.func import functional_call
except ImportError:  # PyTorch 1
    from torch.nn.utils.stateless import functional_call


class FixedPoint(nn.Module, WeightLayers):
    """Wraps a copy of a module, batch norms folded: the user's own stays as it is.

    module     the copy; its parameters are what trains
    maps       {layer: [log2 of the step of what it reads, whether that is signed]}; calibrate() sets it
    used       [(log2 step, quantised weight)] of the last forward pass, layer by layer
    """

    def __init__(self, module, rounding="nearest"):
        super().__init__()
        if isinstance(module, WeightLayers):
            raise BadInput(f"{type(module).__name__} is in fixed point already")
        self.module = graph.fold_batch_norms(module)
        self.layers = modules_with_weights(self.module)
        self.start_layers(self.layers, rounding)
        self.maps, self.used = {}, None
        self.eval()  # dropout, where there is some, is not wanted in fine-tuning

    @property
    def weights(self):
        return [layer.weight for layer in self.layers.values()]

    @property
    def biases(self):
        return [layer.bias for layer in self.layers.values()]

    def channel_sources(self):
        return graph.channel_sources(self.module, self.names)

    def _fake_parameters(self):
        """{parameter of the module: what it is replaced by}, quantised, gradients straight through."""
        exponents, replaced, self.used = self.step_exponents(), {}, []
        for name, exponent, allowed, layer in zip(self.names, exponents, self.allowed, self.layers.values()):
            weight = FakeWeight.apply(layer.weight, exponent, self.rounding, allowed)
            self.used.append((exponent, weight.detach()))
            path = "" if layer is self.module else name + "."
            replaced[path + "weight"] = weight
            if layer.bias is not None and name in self.maps:
                replaced[path + "bias"] = FakeBias.apply(layer.bias, exponent + self.maps[name][0])
        return replaced

    def _quantised(self, name, x):
        exponent, signed = self.maps[name]
        low, high = (LOWEST, HIGHEST) if signed else (0, TOP)
        return torch.fake_quantize_per_tensor_affine(x, 2.0 ** exponent, 0, low, high)

    @contextlib.contextmanager
    def _reading(self, change):
        """change(layer's name, what it reads) -> what it is to read, as long as this lasts."""
        hooks = [layer.register_forward_pre_hook(lambda _, inputs, name=name: (change(name, inputs[0]),))
                 for name, layer in self.layers.items()]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def forward(self, x):
        if not self.maps:
            raise BadInput("the ranges of the maps are not known: calibrate(x) before the first forward pass")
        with self._reading(self._quantised):
            if torch.onnx.is_in_onnx_export():  # settled weights lie on their grid; the file is to hold them as they are
                return self.module(x)
            return functional_call(self.module, self._fake_parameters(), (x,))

    @torch.no_grad()
    def calibrate(self, x, choice="squared-error"):
        """Freezes the steps of all maps on images x [N, ...]: their measured maximum ("max"), or the range of least squared error.

        Each range is measured behind the quantised maps before it. All of x goes through at once: hundreds of images are enough.
        """
        if choice not in ("squared-error", "max"):
            raise BadInput(f"range {choice!r}: wanted 'squared-error' or 'max'")
        if not torch.is_tensor(x) or not x.is_floating_point() or not x.numel() or not bool(torch.isfinite(x).all()):
            raise BadInput("calibration wants a floating-point tensor [N, ...] of finite values, N at least 1")
        maps = {}

        def measure(name, values):
            signed = values.data_ptr() == x.data_ptr() or bool((values < 0).any())
            maximum = values.abs().max()
            range_ = best_range_exponent(values, maximum, signed=signed) if choice == "squared-error" else range_exponent(maximum)
            exponent = range_ - (BITS - 1 if signed else BITS)
            if name in maps:  # a layer that is called twice reads the wider range
                exponent, signed = max(exponent, maps[name][0]), signed or maps[name][1]
            maps[name] = [exponent, signed]
            self.maps = {**self.maps, name: maps[name]}
            return self._quantised(name, values)

        was_training = self.training
        self.eval()
        self.maps = {}
        try:
            with self._reading(measure):
                functional_call(self.module, self._fake_parameters(), (x,))
        finally:
            self.train(was_training)
        missing = [name for name in self.names if name not in maps]
        if missing:
            raise BadInput(f"layer {missing[0]} reads nothing in a forward pass: the module does not call it")
        self.maps = maps
