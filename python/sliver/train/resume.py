"""The training loop: draws batches, reports progress, and survives being stopped.

Beside OUT lies OUT.resume while a training runs: everything that the next step depends on, written whole at each epoch, every
five minutes, and when the process is told to end. The same command goes on from it, and gives what the run in one piece gives.
"""
import json
import os
import signal
import time

import torch

from . import files
from .errors import BadInput

SAVE_EVERY_S = 300
PROGRESS_EVERY = 50    # steps, and
PROGRESS_EVERY_S = 5   # at least so many seconds
FREE_OPTIONS = ("stop_at_step",)  # may differ between a run and its continuation


class Stopped(Exception):
    """The training was told to end before its last step; its state is kept."""


class Clock:
    """Seconds of work, those before a resumption counted."""

    def __init__(self):
        self.start, self.before = time.time(), 0.0

    def seconds(self):
        return self.before + time.time() - self.start

    def log(self, text):
        print(f"{self.seconds():6.0f} s  {text}", flush=True)


def _options_of(options):
    return {name: value for name, value in sorted(vars(options).items()) if name not in FREE_OPTIONS}


def _pack(value, tensors):
    """`value` as JSON, its tensors moved to the list: torch.load() then needs to trust nothing but tensors and texts."""
    if isinstance(value, torch.Tensor):
        tensors.append(value)
        return {"tensor": len(tensors) - 1}
    if isinstance(value, dict):
        return {"dict": [[key, _pack(item, tensors)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        return {"list": [_pack(item, tensors) for item in value]}
    return value


def _unpack(value, tensors):
    if not isinstance(value, dict):
        return value
    (kind, content), = value.items()
    if kind == "tensor":
        return tensors[content]
    if kind == "dict":
        return {key: _unpack(item, tensors) for key, item in content}
    return [_unpack(item, tensors) for item in content]


def keep_state(path, state):
    tensors = []
    files.write_torch(path, {"plain": json.dumps(_pack(state, tensors)), "tensors": tensors})


def load_state(path, options, device):
    """The state kept at `path`, or None; refuses one of a run with other options."""
    if not os.path.exists(path):
        return None
    try:
        file = torch.load(path, map_location=device, weights_only=True)
        state = _unpack(json.loads(file["plain"]), file["tensors"])
        kept = state["options"]
    except Exception as error:  # torch raises a dozen kinds for a damaged file
        raise BadInput(f"cannot read {path}: {type(error).__name__}: {error}; remove it to start over") from error
    for name, value in _options_of(options).items():
        if kept.get(name) != value:
            raise BadInput(f"{path} was written with --{name.replace('_', '-')} {kept.get(name)}, not {value}; "
                           "remove it to start over")
    return state


def run(task, batches, steps, per_epoch, options, device, clock):
    """`steps` steps of a task, which has step(i, images, labels) -> progress text, epoch_end(), state() and restore(state).

    Leaves OUT.resume behind, for remove() once the result is written; raises Stopped on --stop-at-step, SIGINT and SIGTERM.
    """
    path, first = options.out + ".resume", 0
    kept = load_state(path, options, device)
    if kept is None:
        task.begin()
    else:
        first, clock.before = kept["step"], kept["seconds"]
        task.restore(kept["task"])
        batches.order, batches.position = kept["order"].cpu(), kept["position"]
        torch.set_rng_state(kept["random"].cpu())
        if device.type == "cuda":
            torch.cuda.set_rng_state(kept["random_cuda"].cpu())
        clock.log(f"going on at step {first}/{steps} of {path}")

    def keep(done):
        keep_state(path, {
            "options": _options_of(options), "step": done, "seconds": clock.seconds(), "task": task.state(),
            "order": batches.order, "position": batches.position, "random": torch.get_rng_state(),
            "random_cuda": torch.cuda.get_rng_state() if device.type == "cuda" else torch.empty(0)})

    signals = []
    handlers = {number: signal.signal(number, lambda received, _: signals.append(received))
                for number in (signal.SIGINT, signal.SIGTERM)}
    started = saved = time.time()
    said = 0.0
    try:
        for step in range(first, steps):
            text = task.step(step, *batches.draw())
            done = step + 1
            if step % PROGRESS_EVERY == 0 and time.time() - said >= PROGRESS_EVERY_S:
                said = time.time()
                left = (time.time() - started) / (done - first) * (steps - done)
                clock.log(f"step {step}/{steps} {text()}  {left / 60:.1f} min left")
            if done == steps:
                break
            if done % per_epoch == 0:
                task.epoch_end()
            stop = signals or done == options.stop_at_step
            if stop or done % per_epoch == 0 or time.time() - saved > SAVE_EVERY_S:
                keep(done)
                saved = time.time()
            if stop:
                raise Stopped(f"stopped after step {done} of {steps}; the same command goes on from {path}")
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def remove(options):
    if os.path.exists(options.out + ".resume"):
        os.remove(options.out + ".resume")
