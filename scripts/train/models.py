"""VGG-11 in three forms: dense float with batch norm, folded float, and folded fixed point (training and exact integer)."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from data import BadInput
from quantise import (BITS, TOP, FakeRelu, FakeWeight, best_range_exponent, image_codes, range_exponent, requantise, weight_codes,
                      weight_step_exponent)

VGG11 = [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"]


def dense_vgg(channels, classes=10, plan=VGG11):
    """Float network with batch norm, the form of the dense checkpoints; the plan must end in a 1x1 map."""
    layers = []
    for item in plan:
        if item == "M":
            layers.append(nn.MaxPool2d(2))
        else:
            layers += [nn.Conv2d(channels, item, 3, padding=1, bias=False), nn.BatchNorm2d(item), nn.ReLU()]
            channels = item
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels, classes))


def load_dense(path, channels, plan=VGG11):
    """dense_vgg with the arrays of an .npz checkpoint (PyTorch state-dict names)."""
    model = dense_vgg(channels, plan=plan)
    try:
        with np.load(path) as arrays:
            state = {k: torch.from_numpy(arrays[k]) for k in arrays.files}
    except (OSError, ValueError) as error:
        raise BadInput(f"cannot read the checkpoint {path}: {error}") from error
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        raise BadInput(f"{path}: not a VGG-11 checkpoint for {channels} input channel(s): "
                       + " ".join(str(error).split())[:200]) from error
    return model


def save_dense(model, path):
    """Weights as float16, the rest as it is."""
    arrays = {k: v.half().numpy() if v.ndim > 1 else v.numpy() for k, v in model.state_dict().items()}
    np.savez_compressed(path, **arrays)


def fold_batch_norm(convolution, norm):
    """(weight, bias) of the convolution that equals convolution + batch norm at inference; computed in double."""
    gain = norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)
    weight = convolution.weight.double() * gain[:, None, None, None]
    return weight.float().detach(), (norm.bias.double() - norm.running_mean.double() * gain).float().detach()


class FixedVgg(nn.Module):
    """A chain of 3x3 convolutions with bias and ReLU, 2x2 max pools where planned, and one classifier. No batch norm.

    weights, biases  float parameters; the fixed-point codes are derived from them
    image            log2 of the input step;  activation: log2 of the output step of each convolution
    """

    def __init__(self, weights, biases, pooled, rounding="nearest"):
        super().__init__()
        self.weights = nn.ParameterList(nn.Parameter(w) for w in weights)
        self.biases = nn.ParameterList(nn.Parameter(b) for b in biases)
        self.pooled = list(pooled)
        self.rounding = rounding
        self.image = None
        self.activation = [None] * len(self.pooled)

    @classmethod
    def from_dense(cls, model, rounding="nearest"):
        layers, weights, biases, pooled = list(model), [], [], []
        for index, layer in enumerate(layers):
            if isinstance(layer, nn.Conv2d):
                weight, bias = fold_batch_norm(layer, layers[index + 1])
                weights.append(weight)
                biases.append(bias)
                pooled.append(isinstance(layers[index + 3], nn.MaxPool2d))
            elif isinstance(layer, nn.Linear):
                weights.append(layer.weight.detach().clone())
                biases.append(layer.bias.detach().clone())
        return cls(weights, biases, pooled, rounding)

    def step_exponents(self):
        """log2 of the weight step, layer by layer."""
        return [weight_step_exponent(w) for w in self.weights]

    def codes(self):
        """Signed weight codes, layer by layer."""
        return [weight_codes(w, e, self.rounding) for w, e in zip(self.weights, self.step_exponents())]

    def integer_biases(self):
        """Biases in units of weight step times input step, double."""
        inputs = [self.image] + self.activation
        exponents = [weight + source for weight, source in zip(self.step_exponents(), inputs)]
        return [torch.round(b.detach().double() * 2.0 ** -e) for b, e in zip(self.biases, exponents)]

    @torch.no_grad()
    def settle(self):
        """Put the weights on their grid, so that whoever measures the range again finds the same step.

        A maximum that rounds to code 128 would otherwise be read as the power of two below: its range halves here, the other
        codes double and the maximum saturates at 255.
        """
        for weight in self.weights:
            exponent = None
            while exponent != weight_step_exponent(weight):
                exponent = weight_step_exponent(weight)
                weight.copy_(weight_codes(weight, exponent, self.rounding) * 2.0 ** exponent)

    def forward_float(self, x):
        """The folded network without any quantisation."""
        for weight, bias, pooled in zip(self.weights, self.biases, self.pooled):
            x = F.relu(F.conv2d(x, weight, bias, padding=1))
            x = F.max_pool2d(x, 2) if pooled else x
        return F.linear(x.flatten(1), self.weights[-1], self.biases[-1])

    def forward(self, x):
        """Fake-quantised forward for training. Pooling comes before quantisation: it commutes with a monotone function."""
        exponents = self.step_exponents()
        inputs = [self.image] + self.activation
        biases = [_FakeBias.apply(b, e + i)
                  for b, e, i in zip(self.biases, exponents, inputs)]
        weights = [FakeWeight.apply(w, e, self.rounding) for w, e in zip(self.weights, exponents)]
        x = image_codes(x, self.image) * 2.0 ** self.image
        for weight, bias, pooled, step in zip(weights, biases, self.pooled, self.activation):
            x = F.conv2d(x, weight, bias, padding=1)
            x = FakeRelu.apply(F.max_pool2d(x, 2) if pooled else x, step)
        return F.linear(x.flatten(1), weights[-1], biases[-1])

    @torch.no_grad()
    def forward_integer(self, x, convolve=None):
        """Integer logits as the chip computes them, int64 [N, classes]; `convolve` is exact_convolution or double_convolution."""
        convolve = convolve or exact_convolution
        exponents, inputs = self.step_exponents(), [self.image] + self.activation
        codes, biases = self.codes(), self.integer_biases()
        x = image_codes(x, self.image)
        for i, pooled in enumerate(self.pooled):
            x = convolve(x, codes[i]) + biases[i][:, None, None]
            x = requantise(x, exponents[i] + inputs[i] - self.activation[i]).float()
            x = F.max_pool2d(x, 2) if pooled else x
        return F.linear(x.flatten(1).double(), codes[-1].double(), biases[-1]).to(torch.int64)

    @torch.no_grad()
    def calibrate(self, x, choice="squared-error", batch=250):
        """Freeze the input and activation ranges on the images x: the measured maximum, or the range of least squared error."""
        self.image = range_exponent(x.abs().max()) - (BITS - 1)
        inputs = image_codes(x, self.image) * 2.0 ** self.image
        for i, (weight, exponent) in enumerate(zip(self.weights[:-1], self.step_exponents())):
            weight = FakeWeight.apply(weight, exponent, self.rounding)
            outputs = torch.cat([F.relu(F.conv2d(b, weight, self.biases[i], padding=1)) for b in inputs.split(batch)])
            maximum = outputs.max()
            best = best_range_exponent(outputs, maximum) if choice == "squared-error" else range_exponent(maximum)
            self.activation[i] = best - BITS
            outputs = F.max_pool2d(outputs, 2) if self.pooled[i] else outputs
            inputs = FakeRelu.apply(outputs, self.activation[i])


def double_convolution(x, codes):
    """The 3x3 convolution of integer codes in double: always exact, and slow."""
    return F.conv2d(x.double(), codes.double(), padding=1)


def exact_convolution(x, codes):
    """The same integers, several times faster: single precision over groups of input channels so small that every partial
    sum stays below 2^24, whatever the order of the additions; the groups are added in double."""
    load = codes.abs().sum((2, 3)).double() * TOP  # largest magnitude that each input channel can add to each output
    total, first = 0, 0
    while first < codes.shape[1]:
        worst = load[:, first:].cumsum(1).max(0).values
        last = first + max(1, int((worst < 2 ** 24).sum()))
        images = x[:, first:last].contiguous(memory_format=torch.channels_last)
        part = F.conv2d(images, codes[:, first:last].contiguous(), padding=1)
        total, first = total + part.double(), last
    return total


class _FakeBias(torch.autograd.Function):
    """Biases rounded to the accumulator's unit forward, the identity backward."""

    @staticmethod
    def forward(context, bias, exponent):
        return torch.round(bias * 2.0 ** -exponent) * 2.0 ** exponent

    @staticmethod
    def backward(context, gradient):
        return gradient, None


@torch.no_grad()
def count_hits(function, data, batch=250):
    """How many of the images `function` puts in their class."""
    x, y = data
    return sum(int((function(a).argmax(1) == b).sum()) for a, b in zip(x.split(batch), y.split(batch)))
