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
from accuracy import count_hits
from errors import BadInput
from quantise import keep_allowed, weight_codes

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
        names = model.layer_names()
        unknown = [name for name in options.column_free if name not in names]
        if unknown:
            raise BadInput(f"--column-free {','.join(unknown)}: the layers are {', '.join(names)}")
        self.layers = [i for i, name in enumerate(names) if name not in options.column_free]
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
        self.masks, self.masked, self.done = None, 0.0, 0
        self.budget = ColumnBudget(model, options, steps) if options.column_bits else None

    @torch.no_grad()
    def begin(self):
        weights = list(self.model.weights)
        masks = [(w != 0).float() for w in weights] if self.options.keep_zeros else None
        if self.options.threshold:
            kept = sparsify.threshold_masks(weights, self.options.threshold)
            masks = [a * b for a, b in zip(masks, kept)] if masks else kept
        self._set_masks(masks)
        self._calibrate()
        self.report()

    def state(self):
        return {"model": self.model.state_dict(), "optimiser": self.optimiser.state_dict(), "masks": self.masks,
                "begun": self.budget.begun if self.budget else {}, "maps": self.model.maps, "allowed": self.model.allowed, "held": self.model.held, "masked": self.masked,
                "done": self.done}

    def restore(self, state):
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.masks, self.masked, self.done = state["masks"], state["masked"], state["done"]
        if self.budget:
            self.budget.begun = state["begun"]
        self.model.maps, self.model.allowed, self.model.held = state["maps"], state["allowed"], state["held"]

    def _calibrate(self):
        self.model.calibrate(self.set_.train[0][:self.options.calibration], self.options.range)

    def _set_masks(self, masks):
        self.masks = masks
        self.masked = 1 - sum(float(mask.double().sum()) for mask in masks) / self.count if masks else 0.0
        self._apply_masks()

    @torch.no_grad()
    def _apply_masks(self):
        for weight, mask in zip(self.model.weights, self.masks or []):
            weight.mul_(mask)

    @torch.no_grad()
    def _prune(self, step):
        options, position = self.options, step / self.steps
        if not options.prune:
            return
        if step % options.prune_every == 0 and position < options.prune_end + options.prune_every / self.steps:
            share = sparsify.share_at(position, options.prune, options.prune_end)
            self._set_masks(sparsify.masks(list(self.model.weights), share))

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

    def save(self):
        epochs = round(self.done / self.per_epoch, 3)
        record = {**self.record, "seconds": round(self.clock.seconds(), 1), "epochs_done": epochs}
        checkpoint.save_fixed(self.model, self.options.out, record)


def fine_tune(plan, set_, options, device, clock):
    model, stages, float_start = checkpoint.load_start(options.start, plan, options.rounding)
    model = model.to(device)
    record = {**vars(options), **devices.record(device), "stages": stages, "float_start": float_start,
              "command": "python3 " + shlex.join(["scripts/train/train.py"] + sys.argv[1:])}
    per_epoch = max(1, len(set_.train[0]) // options.batch)
    steps = round(options.epochs * per_epoch)
    last = min(steps, round((options.stop_after or options.epochs) * per_epoch))
    task = FineTuning(model, set_, options, steps, per_epoch, clock, record)
    resume.run(task, data.Batches(set_, options.batch), last, per_epoch, options, device, clock)
    task.finish()
    resume.remove(options)
