"""Fine-tuning in fixed point of any network that offers WeightLayers: masks, regularisers, budgets and cuts, step by step.

FineTuning is the whole of a recipe but its data: who calls it draws the batches (tune.py for the built-in data sets, fitting.py for
tensors). It holds no files and prints nothing.
"""
import math

import torch
import torch.nn.functional as F

from . import bitslice, columns, schedules, sparsify, structured
from .errors import BadInput
from .quantise import TOP, keep_allowed, weight_codes, weight_step_exponents
from .recipe import option_word

LARGEST_GRADIENT = 5.0  # norm over all parameters


def clip(parameters):
    """The norm of all gradients, which are scaled down where it is larger than LARGEST_GRADIENT."""
    gradients = [p.grad for p in parameters if p.grad is not None]
    norm = float(torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(g) for g in gradients])))
    if norm > LARGEST_GRADIENT:
        for gradient in gradients:
            gradient.mul_(LARGEST_GRADIENT / norm)
    return norm


class ColumnBudget:
    """Holds the columns of the layers within what converters of so many bits read without clipping (columns.py).

    From the share `column_from` of the run on, every `column_every` steps, the slices that do not fit are taken out of the weights,
    which then train on: iterative hard thresholding. The budgets narrow from what the columns hold to the target, which they
    reach at the share `column_full`, as the masks of gradual pruning do (schedules.pruned_share).
    """

    def __init__(self, model, options, steps, spell=option_word):
        self.model, self.rows, self.width = model, options.column_rows, options.slice_width
        self.sums, self.every = [2 ** bits - 1 for bits in options.column_bits], options.column_every
        self.first = math.ceil(options.column_from * steps)
        self.full = max(self.first, math.ceil(options.column_full * steps))
        free = model.numbers_of(options.column_free, spell("column_free"))
        self.layers = [i for i in range(len(model.names)) if i not in free]
        self.begun = {}  # largest sums of the layers when the budgets set in, most significant slice first

    def before(self, step):
        if step >= self.first and (step - self.first) % self.every == 0:
            self.choose((step - self.first) / (self.full - self.first) if step < self.full else 1.0)

    @torch.no_grad()
    def choose(self, progress):
        """Choose anew which bits are left, from the weights as they are, and take the others out of them."""
        model = self.model
        for i, exponent in enumerate(model.step_exponents()):
            if i not in self.layers:
                continue
            model.held[i] = exponent  # thinned-out codes would otherwise move the step that they are counted in
            codes = weight_codes(model.weights[i], exponent, model.rounding)
            begun = self.begun.setdefault(i, columns.worst_sums(codes, self.rows, self.width)[::-1])
            sums = [last + math.floor(max(0, first - last) * (1 - progress) ** 3) for first, last in zip(begun, self.sums)]
            allowed = columns.allowed_within(codes, sums, self.rows, self.width)
            model.allowed[i] = torch.empty_like(codes, dtype=torch.uint8).copy_(allowed)  # laid out as the weights
            kept = keep_allowed(codes, model.allowed[i])
            model.weights[i].copy_(torch.where(kept == codes, model.weights[i], kept * 2.0 ** exponent))

    @torch.no_grad()
    def finish(self):
        """Bake the budget into the weights; what is left must fit it as it stands."""
        self.choose(1.0)
        self.model.settle()
        for i in self.layers:
            codes = self.model.codes()[i]
            if not torch.equal(keep_allowed(codes, columns.allowed_within(codes, self.sums, self.rows, self.width)), codes):
                raise AssertionError(f"layer {self.model.layer_names()[i]} does not keep its column budget")


class WeightCut:
    """Weight-constrained training (arXiv 2201.05229): no weight of a layer is larger than W_cut, whole codes of its step.

    W_cut is the quantile `cut_share` of |w| over the layer's non-zero weights as they are when the run begins. Conductances fall
    only where the full scale of the cells, and so the weight step, stays that of the weights before the cut ("kept"); where it
    follows W_cut ("fitted") they rise. Either step is held from the cut on. Biases, which are added digitally, are left alone.
    """

    def __init__(self, model, options):
        self.model, self.share, self.scale = model, options.cut_share, options.cut_scale
        self.codes = None  # W_cut of the layers in codes

    @torch.no_grad()
    def begin(self):
        exponents, codes = self.model.step_exponents(), []
        for weight, exponent in zip(self.model.weights, exponents):
            magnitudes = weight.detach().abs().reshape(-1)
            magnitudes = magnitudes[magnitudes > 0]
            if not len(magnitudes):
                codes.append(TOP)
                continue
            place = max(1, math.ceil(self.share * len(magnitudes)))
            codes.append(min(TOP, max(1, round(float(magnitudes.kthvalue(place).values) * 2.0 ** -exponent))))
        if self.scale == "fitted":
            limits = [code * 2.0 ** exponent for code, exponent in zip(codes, exponents)]
            exponents = weight_step_exponents([torch.tensor([limit]) for limit in limits])
            codes = [min(TOP, round(limit * 2.0 ** -exponent)) for limit, exponent in zip(limits, exponents)]
        self.model.held, self.codes = exponents, codes
        self.apply()

    @torch.no_grad()
    def apply(self):
        for weight, code, exponent in zip(self.model.weights, self.codes, self.model.held):
            weight.clamp_(-code * 2.0 ** exponent, code * 2.0 ** exponent)

    def record(self):
        names = self.model.layer_names()
        return {"cut_codes": dict(zip(names, self.codes)), "cut_log2_steps": dict(zip(names, self.model.held))}


class FineTuning:
    """One training: begin() once, step() as often as there are steps, then finish().

    model        a network that is a WeightLayers and has forward(x), calibrate(x, range) and `used`: FixedPoint, FixedNetwork
    options      a checked Recipe, or what has its attributes
    steps        of the whole run, that the schedules are laid out for; per_epoch: of an epoch
    calibration  images that set the ranges of the maps, again behind every epoch of the first 70 %
    spell        the word for an option in a refusal
    """

    def __init__(self, model, options, steps, per_epoch, calibration, spell=option_word):
        self.model, self.options, self.spell = model, options, spell
        self.steps, self.per_epoch, self.calibration = steps, per_epoch, calibration
        optimiser = torch.optim.Adam if options.optimiser == "adam" else torch.optim.SGD
        more = {} if options.optimiser == "adam" else {"momentum": 0.9}
        self.optimiser = optimiser(model.parameters(), options.lr, **more)
        self.table = bitslice.pull_table(options.slice_width, options.alpha_slices).to(model.weights[0].device)
        self.count = model.weight_count()
        self.masks, self.bias_masks, self.masked, self.done = None, None, 0.0, 0
        self.budget = ColumnBudget(model, options, steps, spell) if options.column_bits else None
        self.cut = WeightCut(model, options) if options.cut_share is not None else None
        self.kept = model.numbers_of(options.prune_keep, spell("prune_keep"))
        self.structure = self._structure()

    def _structure(self):
        options = self.options
        if not options.prune:
            return None
        if options.prune_structure == "weights":
            structure, kept = None, sum(self.model.weights[i].numel() for i in self.kept)
            reachable = 1 - kept / self.count
        else:
            structure = structured.of_layers(self.model, options.prune_structure, options.array, options.prune_keep)
            reachable = structure.reachable()
        if options.prune > reachable:
            raise BadInput(f"{self.spell('prune')} {options.prune}: at most {reachable:.4f} of the weights can go by "
                           f"{options.prune_structure}")
        return structure

    @torch.no_grad()
    def begin(self):
        weights, bias_masks = list(self.model.weights), None
        masks = [(w != 0).float() for w in weights] if self.options.keep_zeros else None
        if masks:  # the bias of an output that is gone is one of its zeros
            bias_masks = [None if b is None else (m.flatten(1).any(1) | (b != 0)).float() for m, b in zip(masks, self.model.biases)]
        if self.options.threshold:
            kept = sparsify.threshold_masks(weights, self.options.threshold)
            masks = [a * b for a, b in zip(masks, kept)] if masks else kept
        self._set_masks(masks, bias_masks)
        if self.cut:
            self.cut.begin()
        self._calibrate()

    def state(self):
        """What restore() needs to go on in another process: tensors, numbers and texts in lists and dictionaries."""
        return {"model": self.model.state_dict(), "optimiser": self.optimiser.state_dict(), "masks": self.masks,
                "bias_masks": self.bias_masks, "masked": self.masked, "done": self.done, "maps": self.model.maps,
                "begun": self.budget.begun if self.budget else {}, "allowed": self.model.allowed, "held": self.model.held,
                "cut": self.cut.codes if self.cut else None}

    def restore(self, state):
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.masks, self.bias_masks = state["masks"], state["bias_masks"]
        self.masked, self.done = state["masked"], state["done"]
        if self.budget:
            self.budget.begun = state["begun"]
        if self.cut:
            self.cut.codes = state["cut"]
        self.model.maps, self.model.allowed, self.model.held = state["maps"], state["allowed"], state["held"]

    def _calibrate(self):
        self.model.calibrate(self.calibration, self.options.range)

    def _set_masks(self, masks, bias_masks=None):
        self.masks, self.bias_masks = masks, bias_masks
        self.masked = 1 - sum(float(mask.double().sum()) for mask in masks) / self.count if masks else 0.0
        self._apply_masks()

    def _apply_masks(self):
        sparsify.apply_masks(self.model.weights, self.masks)
        sparsify.apply_masks(self.model.biases, self.bias_masks)

    @torch.no_grad()
    def _prune(self, step):
        options, position = self.options, step / self.steps
        if not options.prune:
            return
        if step % options.prune_every == 0 and position < options.prune_end + options.prune_every / self.steps:
            share = schedules.pruned_share(position, options.prune, options.prune_end)
            weights = list(self.model.weights)
            if self.structure is None:
                self._set_masks(sparsify.masks(weights, share, self.kept), self.bias_masks)
                return
            masks, biases = self.structure.masks(weights, share)
            if self.masks:  # single weights that were left out at the start, inside of groups that stay
                masks = [a * b for a, b in zip(masks, self.masks)]
            if self.bias_masks:
                biases = [a if b is None else a * b for a, b in zip(biases, self.bias_masks)] if biases else self.bias_masks
            self._set_masks(masks, biases)

    @torch.no_grad()
    def _regularise(self, position):
        """Add alpha times the regulariser's gradient to that of the weights: a term of the loss without its graph."""
        options = self.options
        alpha = options.alpha * schedules.ramp(position, options.alpha_ramp)
        if not alpha:
            return
        if options.method == "l1":
            for weight in self.model.weights:
                weight.grad.add_(weight.sign(), alpha=alpha / self.count)
            return
        for weight, (exponent, quantised) in zip(self.model.weights, self.model.used):
            pull = bitslice.pull(quantised * 2.0 ** -exponent, self.table)
            weight.grad.add_(pull, alpha=alpha / (bitslice.PAPER_SLICES * self.count) * 2.0 ** -exponent)

    def step(self, step, x, y):
        """Step number `step` on images x with labels y; returns a function that makes a line about it."""
        for group in self.optimiser.param_groups:
            group["lr"] = schedules.warm_cosine(step, self.steps, self.options.lr)
        self._prune(step)
        if step and step % self.per_epoch == 0 and step <= 0.7 * self.steps:
            self._calibrate()
        if self.budget:
            self.budget.before(step)
        self.optimiser.zero_grad(set_to_none=True)
        loss = F.cross_entropy(self.model(x), y, label_smoothing=self.options.smoothing)
        loss.backward()
        self._regularise(step / self.steps)
        norm = clip(self.model.parameters())
        self.optimiser.step()
        self._apply_masks()
        if self.cut:
            self.cut.apply()
        self.done = step + 1
        return lambda: f"loss {loss.item():.4f} gradient {norm:.2f} masked {100 * self.masked:.2f} %"

    def finish(self):
        """Bakes column budgets into the weights; they hold for certain from here on."""
        if self.budget:
            self.budget.finish()
