"""PyTorch modules on Sliver: import a trained nn.Module, and train one against the modelled crossbars.

    network = sliver.torch.from_torch(module, example, calibration)     # network.agreement
    hardware = sliver.torch.Crossbars(module, sliver.Chip("isaac", adc="3"))

Images are floating-point tensors [N, ...] on the CPU. What cannot be used is refused in one line: by BadInput here, by sliver's own
exceptions where the importer or the chip refuses.
"""
import contextlib
import copy
import dataclasses
import inspect
import io
import warnings

import torch
import torch.nn as nn
import torch.nn.functional as F

from .train.errors import BadInput
from .train.fixed_point import FixedPoint
from .train.layers import WeightLayers
from .train.quantise import HIGHEST

IMPORT_TOLERANCE = 1e-3  # of the largest logit: sums in another order
OPSET = 13  # has 8-bit quantisation, and every version of PyTorch that is supported writes it


def to_onnx(module, example):
    """The ONNX file of any nn.Module as bytes: evaluation mode, any number of images, opset 13.

    example  images [N, ...] of the shape that the module takes; one is enough
    A FixedPoint is written with its steps (QuantizeLinear) and its weights on their grid. BadInput where PyTorch cannot export it.
    """
    _need_images("example", example)
    module = copy.deepcopy(module).eval()
    if isinstance(module, WeightLayers):
        module.settle()
    options = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    file = io.BytesIO()
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(module, example[:1], file, opset_version=OPSET, input_names=["image"], output_names=["logits"],
                              dynamic_axes={"image": {0: "N"}, "logits": {0: "N"}}, **options)
    except BadInput:
        raise
    except Exception as error:  # the exporter raises whatever the module's own code and its own registry raise
        raise BadInput(f"PyTorch cannot export {type(module).__name__} to ONNX opset {OPSET}: {type(error).__name__}: "
                       + (str(error).strip().splitlines() or ["no message"])[0]) from error
    return file.getvalue()


@dataclasses.dataclass(frozen=True)
class Agreement:
    """How a network in fixed point does beside the floating-point module that it was made of, on the same images."""
    images: int
    same_top1: int            # images that both put in the same class
    largest_deviation: float  # of any logit, in the module's units
    largest_logit: float      # of the module, by magnitude

    @property
    def top1_agreement(self):
        """Share of the images that both put in the same class, 0..1."""
        return self.same_top1 / self.images

    def __str__(self):
        return (f"same top-1 on {self.same_top1} of {self.images} images ({100 * self.top1_agreement:.2f} %), logits at most "
                f"{self.largest_deviation:.4g} apart, of up to {self.largest_logit:.4g}")


def agreement(logits, others):
    """The Agreement of two sets of logits [N, classes] in the same units, the module's first."""
    logits, others = (torch.as_tensor(values, dtype=torch.float64) for values in (logits, others))
    if logits.ndim != 2 or logits.shape != others.shape or not len(logits):
        raise BadInput(f"logits of shapes {list(logits.shape)} and {list(others.shape)}: wanted the same [N, classes], N at least 1")
    return Agreement(len(logits), int((logits.argmax(1) == others.argmax(1)).sum()), float((logits - others).abs().max()),
                     float(logits.abs().max()))


def from_torch(module, example, calibration, chip="isaac", least_agreement=0.0):
    """The sliver.Network of a trained nn.Module, with its `agreement`: an Agreement of the module and the network in fixed point.

    example          images [N, ...] that the agreement is measured on: the module's logits in floating point against those of the
                     golden executor; the shape of one is that which the network takes
    calibration      images [M, ...] that set the ranges of the maps; hundreds are enough. Without effect for a FixedPoint, which
                     brings its steps
    chip             whose number formats are meant
    least_agreement  BadInput where fewer than this share of `example` get the same class from both
    Batch norms are folded by the importer. sliver.InputError, with the importer's line, where the network cannot run; BadInput where
    the imported network is another one than the module.
    """
    import sliver

    _need_images("calibration", calibration)
    network = sliver.Network.from_onnx(to_onnx(module, example), type(module).__name__)
    was_training = module.training
    module.eval()
    try:
        with torch.no_grad():
            logits = module(example)
    finally:
        module.train(was_training)
    if not isinstance(module, WeightLayers):  # whose file has its roundings, which floating point leaves out
        imported = agreement(logits, network.float_logits(_array(example)))
        if imported.largest_deviation > IMPORT_TOLERANCE * max(1.0, imported.largest_logit):
            raise BadInput(f"{type(module).__name__}: the imported network is another one in floating point: {imported}")
    ranges = network.calibrate(_array(calibration), count=len(calibration)) if network.needs_calibration else None
    quantised = network.quantise(chip, ranges)
    values = quantised.logits(_array(example)).astype("float64")
    values = (values - quantised.logit_zero) * quantised.logit_step
    network.agreement = agreement(logits, values)
    if network.agreement.top1_agreement < least_agreement:
        raise BadInput(f"{type(module).__name__}: {network.agreement}: wanted at least {100 * least_agreement:.2f} % of the images; more "
                       "calibration images or fine-tuning (sliver.train.fine_tune) may help")
    return network


def _need_images(what, x):
    if not torch.is_tensor(x) or not x.is_floating_point() or x.ndim < 2 or not len(x):
        found = f"{x.dtype} of shape {list(x.shape)}" if torch.is_tensor(x) else type(x).__name__
        raise BadInput(f"{what} is {found}: wanted a floating-point tensor [N, ...], N at least 1")


def _array(x):
    return x.detach().cpu().float().contiguous().numpy()


class _Instead(torch.autograd.Function):
    """What the hardware made forward, the gradient of what it was to make backward."""

    @staticmethod
    def forward(context, ideal, hardware):
        return hardware

    @staticmethod
    def backward(context, gradient):
        return gradient, None


class _Layer:
    """One layer on crossbars: exact integers of signed or unsigned input codes; programmed anew when its weights have changed."""

    def __init__(self, program):
        self._program, self._weights, self._crossbars = program, None, None

    def multiply(self, weights, inputs, signed):
        """int64 [n, outputs] of weights int16 [outputs, rows] and inputs int32 [n, rows].

        The sign bit of a signed code is driven alone and subtracted, as the chip does it.
        """
        if self._weights is None or not torch.equal(self._weights, weights):
            self._weights, self._crossbars = weights.clone(), self._program(weights.numpy())
        if not signed:
            return self._read(inputs)
        return self._read(inputs & HIGHEST) - (HIGHEST + 1) * self._read((inputs < 0).to(torch.int32))

    def _read(self, inputs):
        return torch.as_tensor(self._crossbars.multiply(inputs.contiguous().numpy())).to(torch.int64)


class Crossbars(FixedPoint):
    """Any nn.Module whose nn.Linear and nn.Conv2d layers are executed on modelled crossbars, to fine-tune it against the hardware.

    module  a copy of it is wrapped, batch norms folded. A FixedPoint brings its weights, steps and ranges along
    chip    sliver.Chip: clipping converters, variation and wires are as it says
    seed    of the devices: the same seed programs the same variation
    program what puts a layer on crossbars: program(weights int16 [outputs, rows], chip, seed=...) gives an object whose
            multiply(inputs int32 [n, rows], 0..255) returns int32 [n, outputs]. Default: sliver.LayerOnCrossbars

    calibrate(x) before the first forward pass. Forward: weights and maps in 8 bits, the products by the chip's arithmetic, exact
    integers in between. Backward: that of the ideal layers, straight through. sliver.train.fine_tune() trains it in place. On the
    CPU; grouped convolutions and paddings other than zeros are refused by BadInput.
    """

    def __init__(self, module, chip, seed=1, program=None):
        super().__init__(module.module if isinstance(module, FixedPoint) else module)
        if isinstance(module, FixedPoint):
            self.rounding, self.maps = module.rounding, copy.deepcopy(module.maps)
            self.held, self.allowed = list(module.held), copy.deepcopy(module.allowed)
        for name, layer in self.layers.items():
            if isinstance(layer, nn.Conv2d) and (layer.groups != 1 or layer.padding_mode != "zeros" or isinstance(layer.padding, str)):
                raise BadInput(f"layer {name}: groups {layer.groups}, padding {layer.padding} of {layer.padding_mode}: wanted one group, "
                               "and padding with zeros given in numbers")
        if program is None:
            import sliver

            program = sliver.LayerOnCrossbars
        self.chip, self.seed = chip, seed
        self._on_crossbars = [_Layer(lambda weights, number=number: program(weights, self.chip, seed=(self.seed << 16) + number))
                              for number in range(len(self.names))]

    @torch.no_grad()
    def _hardware(self, number, layer, x, ideal):
        """What the crossbars make of the quantised map x, in place of the `ideal` output of the layer."""
        exponent, signed = self.maps[self.names[number]]
        weight_exponent, weight = self.used[number]
        codes = x * 2.0 ** -exponent
        if isinstance(layer, nn.Conv2d):
            columns = F.unfold(codes, layer.kernel_size, layer.dilation, layer.padding, layer.stride)
            rows = columns.transpose(1, 2).reshape(-1, columns.shape[1])
        else:
            rows = codes.reshape(-1, codes.shape[-1])
        weights = (weight * 2.0 ** -weight_exponent).reshape(len(weight), -1).to(torch.int16).contiguous()
        unit = 2.0 ** (weight_exponent + exponent)
        values = self._on_crossbars[number].multiply(weights, rows.round().to(torch.int32), signed).double()
        if layer.bias is not None:  # the rounded one, as long as a forward pass lasts
            values = values + torch.round(layer.bias.double() / unit)
        values = (values * unit).to(ideal.dtype)
        if isinstance(layer, nn.Conv2d):
            return values.reshape(len(ideal), -1, values.shape[1]).transpose(1, 2).reshape(ideal.shape)
        return values.reshape(ideal.shape)

    @contextlib.contextmanager
    def _executing(self):
        """Layers are executed on crossbars as long as this lasts."""
        hooks = [layer.register_forward_hook(
            lambda module, inputs, output, number=number: _Instead.apply(output, self._hardware(number, module, inputs[0], output)))
            for number, layer in enumerate(self.layers.values())]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def forward(self, x):
        if torch.onnx.is_in_onnx_export():
            return super().forward(x)
        if x.device.type != "cpu":
            raise BadInput(f"images are on {x.device}: the crossbars are modelled on the CPU")
        with self._executing():
            return super().forward(x)
