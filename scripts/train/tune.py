"""The fixed-point methods: fine-tuning of a folded network, with a regulariser, masks and column budgets as asked for."""
import math
import shlex
import sys

import numpy as np
import torch
import torch.nn.functional as F

import bitslice
import checkpoint
import columns
import data
import device as devices
import resume
import sparsify
import structured
from accuracy import count_hits
from errors import BadInput
from quantise import TOP, keep_allowed, weight_codes, weight_step_exponents

LARGEST_GRADIENT = 5.0  # norm over all parameters
WARM_UP = 50            # steps


def learning_rate(step, steps, peak):
    """A short rise, then a cosine to zero."""
    return peak * min(1.0, (step + 1) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * step / steps))


def clip(parameters):
    """The norm of all gradients, which are scaled down where it is larger than LARGEST_GRADIENT."""
    gradients = [p.grad for p in parameters]
    norm = float(torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(g) for g in gradients])))
    if norm > LARGEST_GRADIENT:
        for gradient in gradients:
            gradient.mul_(LARGEST_GRADIENT / norm)
    return norm


def known_layers(model, option, names):
    """Refuses names that no layer has."""
    unknown = [name for name in names if name not in model.layer_names()]
    if unknown:
        raise BadInput(f"--{option} {','.join(unknown)}: the layers are {', '.join(model.layer_names())}")


class ColumnBudget:
    """Holds the columns of the layers within what converters of so many bits read without clipping (columns.py).

    From the share `column_from` of the run on, every `column_every` steps, the slices that do not fit are taken out of the weights,
    which then train on: iterative hard thresholding. The budgets narrow from what the columns hold to the target, which they
    reach at the share `column_full`, as the masks of gradual pruning do (sparsify.share_at).
    """

    def __init__(self, model, options, steps):
        self.model, self.rows, self.width = model, options.column_rows, options.slice_width
        self.sums, self.every = [2 ** bits - 1 for bits in options.column_bits], options.column_every
        self.first = math.ceil(options.column_from * steps)
        self.full = max(self.first, math.ceil(options.column_full * steps))
        known_layers(model, "column-free", options.column_free)
        self.layers = [i for i, name in enumerate(model.layer_names()) if name not in options.column_free]
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
    """A task for resume.run()."""

    def __init__(self, model, set_, options, steps, per_epoch, clock, record):
        self.model, self.set_, self.options, self.clock, self.record = model, set_, options, clock, record
        self.steps, self.per_epoch = steps, per_epoch
        optimiser = torch.optim.Adam if options.optimiser == "adam" else torch.optim.SGD
        more = {} if options.optimiser == "adam" else {"momentum": 0.9}
        self.optimiser = optimiser(model.parameters(), options.lr, **more)
        self.table = bitslice.pull_table(options.slice_width, options.alpha_slices).to(model.weights[0].device)
        self.count = sum(w.numel() for w in model.weights)
        self.masks, self.bias_masks, self.masked, self.done = None, None, 0.0, 0
        self.budget = ColumnBudget(model, options, steps) if options.column_bits else None
        self.cut = WeightCut(model, options) if options.cut_share is not None else None
        known_layers(model, "prune-keep", options.prune_keep)
        self.structure = self._structure()
        self.packing = packing(record)

    def _structure(self):
        options = self.options
        if not options.prune:
            return None
        if options.prune_structure == "weights":
            structure, kept = None, sum(self.model.weights[i].numel() for i in self._kept_layers())
            reachable = 1 - kept / self.count
        else:
            structure = structured.Structure(self.model.plan, options.prune_structure, options.array, options.prune_keep)
            reachable = structure.reachable()
        if options.prune > reachable:
            raise BadInput(f"--prune {options.prune}: at most {reachable:.4f} of the weights can go by {options.prune_structure}")
        return structure

    @torch.no_grad()
    def begin(self):
        weights, biases, bias_masks = list(self.model.weights), list(self.model.biases), None
        masks = [(w != 0).float() for w in weights] if self.options.keep_zeros else None
        if masks:  # the bias of an output that is gone is one of its zeros
            bias_masks = [(m.flatten(1).any(1) | (b != 0)).float() for m, b in zip(masks, biases)]
        if self.options.threshold:
            kept = sparsify.threshold_masks(weights, self.options.threshold)
            masks = [a * b for a, b in zip(masks, kept)] if masks else kept
        self._set_masks(masks, bias_masks)
        if self.cut:
            self.cut.begin()
            self.clock.log(f"weights cut at codes {self.cut.codes} of steps {self.model.held}")
        self._calibrate()
        self.report()

    def state(self):
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
        self.model.calibrate(self.set_.train[0][:self.options.calibration], self.options.range)

    def _set_masks(self, masks, bias_masks=None):
        self.masks, self.bias_masks = masks, bias_masks
        self.masked = 1 - sum(float(mask.double().sum()) for mask in masks) / self.count if masks else 0.0
        self._apply_masks()

    @torch.no_grad()
    def _apply_masks(self):
        for weight, mask in zip(self.model.weights, self.masks or []):
            weight.mul_(mask)
        for bias, mask in zip(self.model.biases, self.bias_masks or []):
            bias.mul_(mask)

    @torch.no_grad()
    def _prune(self, step):
        options, position = self.options, step / self.steps
        if not options.prune:
            return
        if step % options.prune_every == 0 and position < options.prune_end + options.prune_every / self.steps:
            share = sparsify.share_at(position, options.prune, options.prune_end)
            weights = list(self.model.weights)
            if self.structure is None:
                self._set_masks(sparsify.masks(weights, share, self._kept_layers()), self.bias_masks)
                return
            masks, biases = self.structure.masks(weights, share)
            if self.masks:  # single weights that were left out at the start, inside of groups that stay
                masks = [a * b for a, b in zip(masks, self.masks)]
            if self.bias_masks:
                biases = [a * b for a, b in zip(biases, self.bias_masks)] if biases else self.bias_masks
            self._set_masks(masks, biases)

    def _kept_layers(self):
        return [i for i, name in enumerate(self.model.layer_names()) if name in self.options.prune_keep]

    @torch.no_grad()
    def _regularise(self, position):
        """Add alpha times the regulariser's gradient to that of the weights: a term of the loss without its graph."""
        options = self.options
        alpha = options.alpha * (1.0 if options.alpha_ramp <= 0 else min(1.0, position / options.alpha_ramp))
        if not alpha:
            return
        if options.method == "l1":
            for weight in self.model.weights:
                weight.grad.add_(weight.sign(), alpha=alpha / self.count)
            return
        for weight, (exponent, quantised) in zip(self.model.weights, self.model.used):
            pull = bitslice.pull(quantised * 2.0 ** -exponent, self.table)
            weight.grad.add_(pull, alpha=alpha / (4 * self.count) * 2.0 ** -exponent)

    def step(self, step, x, y):
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(step, self.steps, self.options.lr)
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

    def epoch_end(self):
        self.report()
        self.save()

    def finish(self):
        if self.budget:
            self.budget.finish()
        self.report()
        self.save()

    def report(self):
        hits, count = count_hits(self.model, self.set_.held_out), len(self.set_.held_out[1])
        shares = bitslice.sparsity(self.model.codes(), self.options.slice_width)
        self.clock.log(
            f"{count} held-out training images: top-1 {100 * hits / count:.2f} %  non-zero slices "
            + " ".join(f"B{k} {shares[k]:.3f}" for k in reversed(range(len(shares)))) + f" mean {np.mean(shares):.3f} %"
            + f"  weight steps {self.model.step_exponents()} map steps {list(self.model.maps.values())}")
        if self.packing:
            it = structured.compression(self.model.codes(), *self.packing)
            self.clock.log(f"by {it['structure']}: {it['weights_left_percent']:.2f} % of the weights left, {it['arrays_packed']} of "
                           f"{it['arrays_dense']} arrays of {it['array']} x {it['array']}, {it['factor']:.2f} times fewer")

    def save(self):
        epochs = round(self.done / self.per_epoch, 3)
        record = {**self.record, "seconds": round(self.clock.seconds(), 1), "epochs_done": epochs}
        if self.packing:
            record["crossbar_compression"] = structured.compression(self.model.codes(), *self.packing)
        if self.cut:
            record.update(self.cut.record())
        checkpoint.save_fixed(self.model, self.options.out, record)


def packing(record):
    """(structure, array) of the last stage that pruned groups; None where none did, or single weights were pruned after it."""
    for stage in [record] + record["stages"][::-1]:
        if stage.get("prune"):
            structure = stage.get("prune_structure", "weights")
            return None if structure == "weights" else (structure, stage["array"])
    return None


def fine_tune(plan, set_, options, device, clock):
    model, stages, start = checkpoint.load_start(options.start, plan, options.rounding)
    model = model.to(device)
    record = {**vars(options), **devices.record(device), "stages": stages, **start,
              "command": "python3 " + shlex.join(["scripts/train/train.py"] + sys.argv[1:])}
    per_epoch = max(1, len(set_.train[0]) // options.batch)
    steps = round(options.epochs * per_epoch)
    last = min(steps, round((options.stop_after or options.epochs) * per_epoch))
    task = FineTuning(model, set_, options, steps, per_epoch, clock, record)
    resume.run(task, data.Batches(set_, options.batch), last, per_epoch, options, device, clock)
    task.finish()
    resume.remove(options)
