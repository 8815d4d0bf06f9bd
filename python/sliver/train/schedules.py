"""What changes in the course of a training: numbers by step, or by position (0 at the first step, 1 behind the last).

Pure functions; nothing here keeps a state.
"""
import math

WARM_UP = 50  # steps
RISE = 0.25   # share of a cycle in which the learning rate rises


def warm_cosine(step, steps, peak):
    """Learning rate of the fixed-point methods: a short rise, then a cosine to zero."""
    return peak * min(1.0, (step + 1) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * step / steps))


def one_cycle(position, peak):
    """(learning rate, momentum) of the float method: from peak / 25 up, then down to almost nothing; momentum mirrors it."""
    if position < RISE:
        height = 0.5 - 0.5 * math.cos(math.pi * position / RISE)
        return peak * (0.04 + 0.96 * height), 0.95 - 0.1 * height
    height = 0.5 + 0.5 * math.cos(math.pi * (position - RISE) / (1 - RISE))
    return peak * max(height, 4e-6), 0.95 - 0.1 * height


def ramp(position, end):
    """From 0 up to 1, which is reached at `end` and kept; 1 from the start where `end` is 0."""
    return 1.0 if end <= 0 else min(1.0, position / end)


def pruned_share(position, target, end):
    """Share of the weights to have removed: a cubic rise to `target` at `end`, then constant."""
    if position >= end:
        return target
    return target * (1 - (1 - position / end) ** 3)
