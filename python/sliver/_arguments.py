"""What several functions take, and how it reaches the compiled module."""
import os
import sys

from . import _sliver
from ._sliver import InputError


def text_of(value):
    """A value of a chip key as a chip file has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(text_of(v) for v in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {text_of(v)}" for k, v in value.items()) + "}"
    return str(value)


def assignments(keys):
    """{"array.rows": 64} as ["array.rows=64"]; a list of such texts stays."""
    if keys is None:
        return []
    if isinstance(keys, dict):
        return [f"{key}={text_of(value)}" for key, value in keys.items()]
    if isinstance(keys, str):
        return [keys]
    return [str(entry) for entry in keys]


def floats(name, value):
    """A number, or one a channel."""
    if value is None:
        return []
    try:
        return [float(value)] if not hasattr(value, "__len__") else [float(v) for v in value]
    except (TypeError, ValueError):
        raise InputError(f"{name}: value {value!r}: must be a number, or one a channel") from None


def count_of(name, value, least=0):
    """A whole number of at least `least`."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or int(value) < least:
        raise InputError(f"{name}: value {value!r}: must be a whole number of {least} or more")
    return int(value)


def images_of(images=None, labels=None, calibrate=None, calibrate_count=64, mean=None, std=None, pad=None):
    return _sliver.Images(images, labels, calibrate, count_of("calibrate_count", calibrate_count, 1), floats("mean", mean),
                          floats("std", std), -1 if pad is None else count_of("pad", pad))


class _Bar:
    """tqdm's bar, one a stage."""

    def __init__(self, tqdm):
        self._tqdm = tqdm
        self._bar = None
        self._text = None

    def __call__(self, text, done, whole, unit):
        if whole == 0:
            return
        if self._bar is None or text != self._text:
            self.close()
            self._bar = self._tqdm(total=whole, desc=text, unit=" " + unit, leave=False, file=sys.stderr)
            self._text = text
        self._bar.update(done - self._bar.n)

    def close(self):
        if self._bar is not None:
            self._bar.close()
            self._bar = None


class listening:
    """`with listening(progress) as listener:` what the compiled module calls, or None."""

    def __init__(self, progress):
        self._listener = None
        self._bar = None
        if callable(progress):
            self._listener = progress
        elif progress is None and sys.stderr is not None and sys.stderr.isatty():
            try:
                from tqdm import tqdm
            except ImportError:
                return
            self._bar = self._listener = _Bar(tqdm)
        elif progress not in (None, False, True):
            raise InputError(f"progress: value {progress!r}: must be None, False or a callable")

    def __enter__(self):
        return self._listener

    def __exit__(self, *_):
        if self._bar is not None:
            self._bar.close()


def frame(rows):
    """Rows as a pandas frame."""
    try:
        import pandas
    except ImportError as missing:
        raise ImportError("pandas is not installed: frames need it (Debian: python3-pandas)") from missing
    return pandas.DataFrame(list(rows))


def path_text(value):
    return os.fspath(value)
