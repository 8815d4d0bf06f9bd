"""Runs of a chip, priced."""
import io
import json

import numpy

from . import _sliver
from ._arguments import frame, path_text
from ._pictures import html_table, quantity, result_svg
from .chips import Chip

# Lists by slice of stats.json, least significant first there.
_BY_SLICE = {"adc_bits", "negative_adc_bits", "adc_drops", "clipped_by_slice", "conversions_by_slice", "adc_busy_by_slice_fs",
             "adcs_by_slice", "functional_clipped_by_slice", "largest_sum", "bits"}


def _msb_first(value, key=None):
    if isinstance(value, dict):
        return {k: _msb_first(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_msb_first(v) for v in (reversed(value) if key in _BY_SLICE else value)]
    return value


def _flat(values, prefix=""):
    flat = {}
    for key, value in values.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f"{prefix}{key}_"))
        else:
            flat[prefix + key] = value
    return flat


class Result:
    """A priced run. Seconds, joules, mm2 and watts, as the names say; the whole of it is `stats`, docs/results.md has its keys.

    logits (images, classes) as int32; `layers`, `components`, `links`, `predictions` are pandas frames.
    """

    def __init__(self, handle):
        self._run = handle
        self._stats = None

    @property
    def stats(self):
        """stats.json as Python has it, lists by slice most significant first."""
        return _msb_first(self._raw)

    @property
    def stats_json(self):
        """The bytes of stats.json, as a text (least significant slice first)."""
        return self._run.stats

    @property
    def _raw(self):
        if self._stats is None:
            self._stats = json.loads(self._run.stats)
        return self._stats

    def _file(self, name):
        return self._run.files.get(name)

    @property
    def chip(self):
        return Chip._of(self._run.chip)

    @property
    def summary(self):
        """What `sliver run` prints."""
        return self._run.summary

    latency_s = property(lambda self: self._raw["totals"]["latency_s"], doc="Of an image in an empty chip.")
    interval_s = property(lambda self: self._raw["totals"]["interval_s"], doc="Between images in a stream; None: it did not settle.")
    energy_per_image_j = property(lambda self: self._raw["totals"]["energy_per_image_j"])
    area_mm2 = property(lambda self: self._raw["totals"]["area_mm2"])
    power_w = property(lambda self: self._raw["totals"]["power_w"])

    @property
    def top1(self):
        """Share of images classified right by the functional engine; None without labels."""
        accuracy = self._raw["accuracy"]
        return None if accuracy is None else accuracy["correct"] / accuracy["count"]

    @property
    def logits(self):
        return numpy.load(io.BytesIO(self._file("logits.npy")))

    @property
    def predictions(self):
        """A frame: image, label, predicted, logit, on_chip, as predictions.csv has them."""
        import pandas
        return pandas.read_csv(io.BytesIO(self._file("predictions.csv")))

    @property
    def layers(self):
        """A frame, a row a layer: counts and times of its record, energies in joule, lists by slice."""
        rows = []
        for layer in self.stats["layers"]:
            kept = {k: v for k, v in layer.items() if k not in ("actions", "fullest_columns", "column_sums")}
            rows.append(_flat({"layer": kept.pop("name"), **kept}))
        return frame(rows)

    @property
    def actions(self):
        """A frame of what was counted, a row a layer."""
        return frame([{"layer": layer["name"], **layer["actions"]} for layer in self._raw["layers"]])

    @property
    def components(self):
        """A frame, a row a component of the chip: instances, actions, energy_j and static_energy_j of the run, busy_s, area_mm2."""
        return frame([{("component" if k == "name" else k): v for k, v in row.items()} for row in self._raw["components"]])

    @property
    def links(self):
        """A frame of the busiest resources: array stages, converters, buses, links, with need, busy, stalled and idle time."""
        return frame(self._raw["steady"]["resources"])

    @property
    def search(self):
        """The search for `accuracy` widths; None for other policies."""
        text = self._file("adc_search.json")
        return None if text is None else json.loads(text)

    @property
    def trace(self):
        """Chrome trace JSON for ui.perfetto.dev, with timeline=True; else empty."""
        return self._run.trace

    @property
    def vcd(self):
        """Signals for GTKWave, with timeline=True; else empty."""
        return self._run.vcd

    def price(self, keys=None, *, adc_law=None, accounting=None):
        """The same counts under other prices (keys of `cost` and `adc.law`): another Result, without simulating."""
        return Result(self._run.price(Chip(self.chip, keys, adc_law=adc_law, accounting=accounting)._chip))

    def save(self, folder, force=False):
        """The folder that `sliver run --out` leaves, byte for byte; force replaces one that Sliver wrote."""
        self._run.save(path_text(folder), force)

    def __repr__(self):
        run, interval = self._raw["run"], self.interval_s
        return (f"<Result {run['network']} on {run['chip']}: latency {quantity(self.latency_s, 's')}, interval "
                f"{'not settled' if interval is None else quantity(interval, 's')}, {quantity(self.energy_per_image_j, 'J')} an "
                f"image, {self.area_mm2:.2f} mm2>")

    def _repr_html_(self):
        rows = [("latency", quantity(self.latency_s, "s")),
                ("interval", "not settled" if self.interval_s is None else quantity(self.interval_s, "s")),
                ("energy of an image", quantity(self.energy_per_image_j, "J")), ("area", f"{self.area_mm2:.2f} mm2"),
                ("power", quantity(self.power_w, "W")),
                ("top-1", "-" if self.top1 is None else f"{100 * self.top1:.2f} %")]
        return html_table(["", self._raw["run"]["network"]], rows)

    def _repr_svg_(self):
        return result_svg(self._raw)


def load(folder):
    """A finished run from its folder. InputError where it holds none, or files that were changed."""
    return Result(_sliver.Run.load(path_text(folder)))
