"""Trainings of any nn.Module on tensors, and what is done to its weights in one shot. The recipes of the command line do the same.

A training draws its random numbers from its own seed and leaves PyTorch's generator as it was. The same seed, data, threads and
machine give the same weights. Nothing is written and nothing printed.
"""
import types

import torch

from . import sparsify, structured
from .batches import Batches
from .errors import BadInput
from .fixed_point import FixedPoint
from .layers import WeightLayers, layers_of
from .pretrain import Pretraining
from .recipe import STRUCTURES, Recipe
from .tuning import FineTuning, WeightCut


def check_data(x, y):
    """Refuses what is no set of finite images [N, ...] with labels int64 [N]."""
    if not (torch.is_tensor(x) and torch.is_tensor(y)) or not x.is_floating_point() or y.dtype != torch.int64:
        kinds = [str(t.dtype) if torch.is_tensor(t) else type(t).__name__ for t in (x, y)]
        raise BadInput(f"images and labels are {kinds[0]} and {kinds[1]}: wanted floating-point and int64 tensors")
    if x.ndim < 2 or y.ndim != 1 or len(x) != len(y) or not len(x):
        raise BadInput(f"images of shape {list(x.shape)} and labels of shape {list(y.shape)}: wanted [N, ...] and [N], N at least 1")
    if not bool(torch.isfinite(x).all()):
        raise BadInput("an image holds a value that is not finite")


def _run(task, x, y, batch, last, change, progress, seed):
    """Steps 0..last-1 of a task."""
    if batch > len(x):
        raise BadInput(f"batch {batch}: there are {len(x)} training images")
    batches = Batches(x, y, batch, change)
    with torch.random.fork_rng(devices=[x.device] if x.is_cuda else []):
        torch.manual_seed(seed)
        task.begin()
        for step in range(last):
            text = task.step(step, *batches.draw())
            if progress is not None:
                progress(step + 1, last, text)


def train_float(module, x, y, epochs=1, batch=128, lr=None, smoothing=0.05, seed=1, change=None, progress=None):
    """Trains any nn.Module in floating point, in place: SGD with Nesterov momentum and one cycle of the learning rate.

    x, y      images float [N, ...] and labels int64 [N], on the module's device
    lr        peak learning rate; None: 0.1, and 0.05 for a module without batch norm, whose gradients are clipped at a norm of 5
    change    images of a batch -> images of the same shape: an augmentation
    progress  called as progress(step, steps, text) behind each step, text() being a line about it
    Returns the module in evaluation mode.
    """
    check_data(x, y)
    if not epochs > 0 or batch < 1 or not 0 <= smoothing < 1:
        raise BadInput(f"epochs {epochs}, batch {batch}, smoothing {smoothing}: wanted more than 0, at least 1, and [0, 1)")
    steps = max(1, round(epochs * max(1, len(x) // batch)))
    task = Pretraining(module, types.SimpleNamespace(lr=lr or 0.0, precision="single", smoothing=smoothing), steps)
    if lr is None:
        task.options.lr = 0.05 if task.clipped else 0.1
    _run(task, x, y, batch, steps, change, progress, seed)
    return module.eval()


def fine_tune(module, x, y, recipe=None, change=None, progress=None):
    """Trains any nn.Module in fixed point by a Recipe (default: dense, one epoch) and returns it as a FixedPoint.

    A FixedPoint, or what is one (sliver.torch.Crossbars), is trained in place; of any other module a copy. The arguments are those
    of train_float(). Weights are left between the codes of their grid, but for column budgets; settle() puts them on it.
    """
    options = (recipe or Recipe()).checked()
    check_data(x, y)
    model = module if isinstance(module, WeightLayers) else FixedPoint(module, options.rounding)
    model.rounding = options.rounding
    per_epoch = max(1, len(x) // options.batch)
    steps = round(options.epochs * per_epoch)
    last = min(steps, round((options.stop_after or options.epochs) * per_epoch))
    task = FineTuning(model, options, steps, per_epoch, x[:options.calibration], str)
    _run(task, x, y, options.batch, last, change, progress, options.seed)
    task.finish()
    return model


def prune(module, share, structure="weights", array=64, keep=()):
    """Takes at most `share` of all weights of any nn.Module away, in one shot and in place. Returns what stays.

    structure  "weights" one by one; or whole groups, as structured.py has them: "channels", "crossbar-columns", "crossbar-rows"
    array      rows and columns of a crossbar array, for groups
    keep       names of layers left alone
    The result, {parameter: float mask shaped as it, 1 where it stays}, is for keep_masks() behind each step of a training.
    Parameters are called as in module.named_parameters().
    """
    if structure not in STRUCTURES:
        raise BadInput(f"structure {structure}: wanted one of {', '.join(STRUCTURES)}")
    if not 0 <= share < 1 or array < 1:
        raise BadInput(f"share {share}, array {array}: wanted [0, 1) and at least 1")
    layers = layers_of(module)
    kept = layers.numbers_of(keep, "keep")
    weights, bias_masks = list(layers.weights), None
    if structure == "weights":
        masks = sparsify.masks([w.detach() for w in weights], share, kept)
    else:
        masks, bias_masks = structured.of_layers(layers, structure, array, keep).masks([w.detach() for w in weights], share)
    named = {id(parameter): name for name, parameter in module.named_parameters()}
    result = {named[id(weight)]: mask for weight, mask in zip(weights, masks)}
    result.update({named[id(bias)]: mask for bias, mask in zip(layers.biases, bias_masks or []) if bias is not None})
    keep_masks(module, result)
    return result


def keep_masks(module, masks):
    """Puts weights that prune() took away back to zero, in place."""
    parameters = dict(module.named_parameters())
    sparsify.apply_masks([parameters[name] for name in masks], list(masks.values()))


def cut_weights(network, share, scale="kept"):
    """Bounds the weights of a FixedPoint by W_cut, in place (arXiv 2201.05229), and returns {layer: W_cut in codes}.

    share  W_cut is this quantile of a layer's non-zero abs(w), at least one code
    scale  "kept": the weight step stays that of the weights before; "fitted": it follows W_cut. Either is held from now on
    """
    if not isinstance(network, WeightLayers):
        raise BadInput(f"{type(network).__name__} holds no steps; wrap it first: FixedPoint(module)")
    if not 0 < share < 1 or scale not in ("kept", "fitted"):
        raise BadInput(f"share {share}, scale {scale}: wanted a number between 0 and 1, and 'kept' or 'fitted'")
    cut = WeightCut(network, types.SimpleNamespace(cut_share=share, cut_scale=scale))
    cut.begin()
    return dict(zip(network.names, cut.codes))
