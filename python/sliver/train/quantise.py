"""Dynamic fixed point with power-of-two steps, as the chip computes it, and its straight-through training form.

Weights:     S = ceil(log2 max|w|), step 2^(S-8), code = min(255, |w|/step rounded), sign apart.
Activations: unsigned codes 0..255 with step 2^(S-8) behind a ReLU; otherwise, and for the input image, two's complement -128..127
with step 2^(S-7).
Rounding is half to even unless "floor" is asked for (weights only). An "exponent" below is log2 of a step or S itself.
"""
import math

import torch

BITS = 8
TOP = 2 ** BITS - 1  # the largest magnitude code; a layer whose maximum is a power of two saturates here
LOWEST, HIGHEST = -2 ** (BITS - 1), 2 ** (BITS - 1) - 1  # signed activations
FLOOR = 1e-5         # the maximum is never taken smaller than this


def range_exponent(maximum):
    """S: the smallest integer with 2^S >= maximum."""
    mantissa, exponent = math.frexp(max(float(maximum), FLOOR))  # exact, where log2 of a float is not
    return exponent - 1 if mantissa == 0.5 else exponent


def weight_step_exponent(weight):
    """log2 of the weight step of a layer."""
    return weight_step_exponents([weight])[0]


def weight_step_exponents(weights):
    """log2 of the weight step, layer by layer: one pass over each, one transfer from the device for all."""
    extremes = torch.stack([torch.stack(torch.aminmax(weight.detach())) for weight in weights]).abs().amax(1)
    return [range_exponent(maximum) - BITS for maximum in extremes.tolist()]


def weight_codes(weight, step_exponent, rounding="nearest"):
    """Signed integer codes in -255..255, in the weight's own floating type."""
    scaled = weight.detach() * 2.0 ** -step_exponent
    scaled = torch.round(scaled) if rounding == "nearest" else torch.trunc(scaled)
    return scaled.clamp_(-TOP, TOP)


def keep_allowed(codes, allowed):
    """sign * (|code| & allowed): the codes that a column budget leaves; all of them where `allowed` is None."""
    if allowed is None:
        return codes
    return (codes.abs().to(torch.uint8) & allowed).to(codes.dtype).mul_(codes.sign())


class FakeWeight(torch.autograd.Function):
    """codes * step forward, the identity backward."""

    @staticmethod
    def forward(context, weight, step_exponent, rounding, allowed=None):
        return keep_allowed(weight_codes(weight, step_exponent, rounding), allowed).mul_(2.0 ** step_exponent)

    @staticmethod
    def backward(context, gradient):
        return gradient, None, None, None


class FakeBias(torch.autograd.Function):
    """Biases rounded to the accumulator's unit forward, the identity backward."""

    @staticmethod
    def forward(context, bias, unit_exponent):
        return torch.round(bias * 2.0 ** -unit_exponent) * 2.0 ** unit_exponent

    @staticmethod
    def backward(context, gradient):
        return gradient, None


class FakeRelu(torch.autograd.Function):
    """ReLU and 8-bit unsigned quantisation forward; the gradient passes where the value lies inside the range."""

    @staticmethod
    def forward(context, x, step_exponent):
        scaled = x * 2.0 ** -step_exponent
        context.save_for_backward((scaled > 0) & (scaled <= TOP))
        return scaled.round_().clamp_(0, TOP).mul_(2.0 ** step_exponent)

    @staticmethod
    def backward(context, gradient):
        return gradient * context.saved_tensors[0], None


class FakeSigned(torch.autograd.Function):
    """Two's complement 8-bit quantisation forward; the gradient passes where the value lies inside the range."""

    @staticmethod
    def forward(context, x, step_exponent):
        scaled = x * 2.0 ** -step_exponent
        context.save_for_backward((scaled >= LOWEST) & (scaled <= HIGHEST))
        return scaled.round_().clamp_(LOWEST, HIGHEST).mul_(2.0 ** step_exponent)

    @staticmethod
    def backward(context, gradient):
        return gradient * context.saved_tensors[0], None


def image_codes(x, step_exponent):
    """Two's complement 8-bit codes of the input image."""
    return torch.round(x * 2.0 ** -step_exponent).clamp_(LOWEST, HIGHEST)


def requantise(accumulator, shift, signed=False):
    """An accumulator in 8 bits: clamp(round_half_even(acc * 2^shift)) to 0..255, which is the ReLU too, or to -128..127."""
    return torch.round(accumulator * 2.0 ** shift).clamp_(*((LOWEST, HIGHEST) if signed else (0, TOP)))


def slices(codes, width=2):
    """Bit slices of |codes|, least significant first: BITS/width integer tensors."""
    magnitude = codes.detach().abs().to(torch.int32)
    return [(magnitude >> (width * k)) & (2 ** width - 1) for k in range(BITS // width)]


def best_range_exponent(values, maximum, candidates=3, signed=False):
    """The power-of-two range, at most the one that holds `maximum` (of |values|), with the least squared error on `values`."""
    largest = range_exponent(maximum)
    low, high, bits = (LOWEST, HIGHEST, BITS - 1) if signed else (0, TOP, BITS)

    def error(exponent):
        step = 2.0 ** (exponent - bits)
        return float((torch.round(values / step).clamp_(low, high) * step - values).square().double().sum())

    return min((largest - i for i in range(candidates)), key=error)
