"""The weight layers of a network in one place: what regularisers, masks, budgets and cuts work on, whatever the network is.

`layers_of(module)` gives them for any nn.Module: those of its nn.Linear and nn.Conv2d modules, in the order of named_modules().
A network that quantises (FixedPoint, FixedNetwork) is a WeightLayers itself: its steps are then those it trains with.
"""
import torch

from . import graph
from .errors import BadInput
from .quantise import keep_allowed, weight_codes, weight_step_exponents


class WeightLayers:
    """names, weights and biases of the layers, in one order, and the grid that the weights are rounded to.

    weights   float parameters [outputs, ...]; biases float parameters [outputs], or None where a layer has none
    rounding  of the codes: "nearest" (half to even) or "floor" (towards zero)
    allowed   layer by layer None, or a uint8 mask shaped as the weight: the code bits that a column budget leaves
    held      layer by layer None: log2 of the step follows max|w|; or that number, fixed
    """

    def start_layers(self, names, rounding):
        if rounding not in ("nearest", "floor"):
            raise BadInput(f"rounding {rounding!r}: wanted 'nearest' or 'floor'")
        self.names, self.rounding = list(names), rounding
        self.allowed, self.held = [None] * len(self.names), [None] * len(self.names)

    def layer_names(self):
        return list(self.names)

    def weight_count(self):
        return sum(weight.numel() for weight in self.weights)

    def trained(self):
        """The parameters that a training moves: all weights, then all biases."""
        return [*self.weights, *(bias for bias in self.biases if bias is not None)]

    def numbers_of(self, names, what):
        """The places of layers by name; refuses names that no layer has. `what` names the option that holds them."""
        unknown = [name for name in names if name not in self.names]
        if unknown:
            raise BadInput(f"{what} {','.join(unknown)}: the layers are {', '.join(self.names)}")
        return [i for i, name in enumerate(self.names) if name in names]

    def step_exponents(self):
        """log2 of the weight step, layer by layer."""
        if all(held is not None for held in self.held):
            return list(self.held)
        measured = weight_step_exponents(list(self.weights))
        return [found if held is None else held for held, found in zip(self.held, measured)]

    def codes(self):
        """Signed weight codes -255..255 in floating point, layer by layer, shaped as the weights."""
        return [keep_allowed(weight_codes(w, e, self.rounding), allowed)
                for w, e, allowed in zip(self.weights, self.step_exponents(), self.allowed)]

    @torch.no_grad()
    def settle(self):
        """Put the weights on their grid, so that whoever measures the range again finds the same step.

        A maximum that rounds to code 128 would otherwise be read as the power of two below: its range halves here, the other
        codes double and the maximum saturates at 255. A held step stays.
        """
        before = None
        while before != self.step_exponents():
            before = self.step_exponents()
            for weight, codes, exponent in zip(self.weights, self.codes(), before):
                weight.copy_(codes * 2.0 ** exponent)

    def hold_steps(self):
        """From now on the weight steps no longer follow max|w|."""
        self.held = self.step_exponents()


def modules_with_weights(module):
    """{name: nn.Linear or nn.Conv2d} of any nn.Module, each once; refuses a module that has none."""
    found = {name or "layer": layer for name, layer in module.named_modules() if isinstance(layer, (torch.nn.Linear, torch.nn.Conv2d))}
    if not found:
        raise BadInput(f"{type(module).__name__} has no nn.Linear and no nn.Conv2d: there is nothing to put on crossbars")
    return found


class _Plain(WeightLayers):
    """Those of any module, on the grid that max|w| of each layer asks for."""

    def __init__(self, module, rounding):
        layers = modules_with_weights(module)
        self.start_layers(layers, rounding)
        self.weights = [layer.weight for layer in layers.values()]
        self.biases = [layer.bias for layer in layers.values()]
        self.module = module

    def channel_sources(self):
        """As structured.py wants them; found by tracing the module."""
        return graph.channel_sources(self.module, self.names)


def layers_of(module, rounding="nearest"):
    """The WeightLayers of any nn.Module; itself where it is one. The parameters are the module's own, not copies."""
    return module if isinstance(module, WeightLayers) else _Plain(module, rounding)
