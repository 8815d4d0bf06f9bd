"""Chips."""
from . import _sliver
from ._arguments import assignments, frame
from ._pictures import chip_svg, html_table


def keys():
    """All keys of a chip file: a frame of key, value (what it accepts, with units), default, meaning."""
    return frame(_sliver.keys())


class Chip:
    """A chip: a shipped name ("isaac") or a YAML file, and what is set over it.

    keys        {"array.rows": 64, "tile.buffer": "16 KiB"}: any keys of `sliver.keys()`, values as a chip file has them
    adc         converters: "worst-case", "profiled", "percentile:99.9", "accuracy:0.5", a width, or one a slice as "3,3,3,1"
                (the least significant slice first, as chip files have it)
    adc_law     cost law of the converters
    accounting  what a crossbar read is charged for: whole, used, driven, conducting

    InputError for an unknown key or a value that breaks its rule. Chips do not change; `with_()` makes another.
    """

    def __init__(self, chip="isaac", keys=None, *, adc=None, adc_law=None, accounting=None):
        if isinstance(chip, Chip):
            self._chip = _sliver.Chip.from_text(chip.yaml, _text(adc), adc_law or "", accounting or "", assignments(keys))
        else:
            self._chip = _sliver.Chip(str(chip), _text(adc), adc_law or "", accounting or "", assignments(keys))

    @classmethod
    def _of(cls, handle):
        chip = cls.__new__(cls)
        chip._chip = handle
        return chip

    @classmethod
    def from_yaml(cls, text, keys=None):
        """A chip from the text of a chip file."""
        return cls._of(_sliver.Chip.from_text(text, "", "", "", assignments(keys)))

    def with_(self, keys=None, **settings):
        """This chip with other keys, adc, adc_law or accounting."""
        return Chip(self, keys, **settings)

    @property
    def name(self):
        return self._chip.name

    @property
    def summary(self):
        return self._chip.summary

    @property
    def yaml(self):
        """The resolved chip file: every key with its value and unit."""
        return self._chip.yaml

    @property
    def settings(self):
        """Keys with their values as texts: {"array.rows": "128", "array.cycle": "100 ns", ...}."""
        settings, section = {}, []
        for line in self.yaml.splitlines():
            text = line.split(" #")[0].rstrip()
            if not text.strip() or ":" not in text:
                continue
            depth = (len(text) - len(text.lstrip())) // 2
            key, value = text.strip().split(":", 1)
            section = section[:depth] + [key]
            if value.strip():
                settings[".".join(section)] = value.strip().strip('"')
        return settings

    def __getitem__(self, key):
        """The value of a key as the chip file has it."""
        settings = self.settings
        if key not in settings:
            raise _sliver.InputError(f"{key}: no such key with a value in chip {self.name}; sliver.keys() lists them")
        return settings[key]

    def __eq__(self, other):
        return isinstance(other, Chip) and self.yaml == other.yaml

    def __hash__(self):
        return hash(self.yaml)

    def __repr__(self):
        s = self.settings
        return (f"<Chip {self.name}: {s['mesh.rows']} x {s['mesh.columns']} tiles, arrays of {s['array.rows']} x "
                f"{s['array.columns']} cells of {s['array.cell_bits']} bits, ADC {s['adc.policy']}>")

    def _repr_html_(self):
        return f"<p><b>{self.name}</b> {self.summary}</p>" + html_table(["key", "value"], self.settings.items())

    def _repr_svg_(self):
        return chip_svg(self.name, self._chip.mesh, self.settings)


def _text(adc):
    if adc is None:
        return ""
    if isinstance(adc, (list, tuple)):
        return ",".join(str(width) for width in adc)
    return str(adc)


def chip_of(value):
    """A Chip, or what one can be made of."""
    return value if isinstance(value, Chip) else Chip(value)
