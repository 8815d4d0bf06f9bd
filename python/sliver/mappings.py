"""A network on a chip: values, and runs of the chip."""
import json

from . import _sliver
from ._arguments import count_of, frame, images_of, listening, path_text
from ._pictures import html_table, mapping_svg
from .chips import Chip, chip_of
from .networks import Network, QuantisedNetwork, network_of
from .results import Result


class Evaluation:
    """What the functional engine said of images.

    logits (images, classes), predicted (images,), labels (images,) or None; correct, count; layers: a frame of clipped
    conversions and largest column sums by slice, most significant first.
    """

    def __init__(self, values):
        self.logits = values["logits"]
        self.predicted = values["predicted"]
        self.labels = values["labels"]
        self.correct = values["correct"]
        self.count = values["count"]
        self.images = values["images"]
        self._layers = values["layers"]

    @property
    def top1(self):
        """Share of images classified right; None without labels."""
        return None if self.correct is None else self.correct / self.count

    @property
    def top1_interval(self):
        """Wilson's 95 % interval of top1; None without labels."""
        if self.correct is None:
            return None
        n, p, z = self.count, self.top1, 1.959963984540054
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * ((p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5) / (1 + z * z / n)
        return max(0.0, middle - half), min(1.0, middle + half)

    @property
    def layers(self):
        return frame(self._layers)

    def __repr__(self):
        if self.correct is None:
            return f"<Evaluation of {self.count} images without labels>"
        low, high = self.top1_interval
        return f"<Evaluation: top-1 {100 * self.top1:.2f} % ({100 * low:.2f} to {100 * high:.2f} %), {self.count} images>"


class Mapping:
    """A network that has been calibrated, quantised, mapped to arrays and given converters. Made by `sliver.map()`."""

    def __init__(self, handle):
        self._mapping = handle

    @property
    def chip(self):
        return Chip._of(self._mapping.chip)

    @property
    def fixed_chip(self):
        """The chip with the widths that its policy found written down as fixed tables."""
        return Chip._of(self._mapping.fixed_chip)

    @property
    def network(self):
        return Network._of(self._mapping.network)

    @property
    def quantised(self):
        return QuantisedNetwork(self._mapping.quantised)

    @property
    def layers(self):
        """A frame: rows, outputs, windows_per_image, planes, copies, arrays, first_tile, tiles, adc_bits, adc_bits_worst_case."""
        return frame(self._mapping.layers)

    arrays = property(lambda self: self._mapping.arrays, doc="In use, all copies.")
    tiles = property(lambda self: self._mapping.tiles[0], doc="In use.")
    least_buffer_bytes = property(lambda self: self._mapping.least_buffer_bytes, doc="eDRAM of the tile that needs most.")
    lossless = property(lambda self: self._mapping.lossless, doc="Whether no input can be cut or rounded.")
    calibration = property(lambda self: self._mapping.calibration,
                           doc="Where the calibration images came from: {images, first, count}; None: none were used.")

    @property
    def search(self):
        """Questions and answers of the search for `accuracy` widths; None for other policies."""
        text = self._mapping.search_json
        return None if text is None else json.loads(text)

    def evaluate(self, images=None, labels=None, *, count=0, golden=False, progress=None, **preparation):
        """Values of `count` images (0: all) by the functional engine; golden=True: exact integers, no converters."""
        with listening(progress) as listener:
            return Evaluation(self._mapping.evaluate(images_of(images, labels, **preparation), count_of("count", count),
                                                     golden, listener))

    def run(self, images=None, labels=None, *, count=1, functional_count=0, settle=64, histograms=False, style="lt",
            timeline=False, progress=None, **preparation):
        """Simulates `count` images on the SystemC chip, in a process of its own; a Result.

        functional_count  images for the accuracy, by the functional engine (0: count)
        settle            at most so many further images until the interval between images has settled; 0: no interval
        histograms        count every column sum that is converted
        style             "lt" (loosely timed) or "at" (approximately timed): the same results
        timeline          keep result.trace (Chrome trace JSON) and result.vcd
        """
        with listening(progress) as listener:
            return Result(self._mapping.run(images_of(images, labels, **preparation), count_of("count", count, 1),
                                            count_of("functional_count", functional_count), count_of("settle", settle),
                                            histograms, style, timeline, listener))

    def __repr__(self):
        used, there = self._mapping.tiles
        return (f"<Mapping of {self._mapping.network.name} on {self._mapping.chip.name}: {self.arrays:,} arrays on {used} of "
                f"{there} tiles{', lossless' if self.lossless else ''}>")

    def _repr_html_(self):
        rows = [(l["layer"], f"{l['rows']} x {l['outputs']}", l["copies"], l["arrays"], l["tiles"],
                 ", ".join(str(b) for b in l["adc_bits"])) for l in self._mapping.layers]
        return f"<p>{self!r}</p>".replace("<Mapping", "Mapping").replace(">,", ",").replace(">></p>", "</p>") + html_table(
            ["layer", "rows x outputs", "copies", "arrays", "tiles", "ADC bits (msb..lsb)"], rows)

    def _repr_svg_(self):
        return mapping_svg(self._mapping.network.name, self._mapping.chip.mesh, self._mapping.layers)


def map(network, chip="isaac", *, images=None, labels=None, calibrate=None, calibrate_count=64, ranges=None, tested=None, mean=None,
        std=None, pad=None, threads=0, seed=1, conductance_cache=None, progress=None):
    """Calibrates, quantises and maps `network`, and chooses converters; a Mapping.

    network    a Network, a shipped name, a path, or ONNX bytes
    images     under test: an array (images, channels, height, width) of float32 (the network's input) or uint8 (pixels, padded
               and normalised by pad, mean and std, or as the network's card says), a file or folder, or None for those that the
               card names. labels: integers, one an image
    calibrate  images for activation ranges and for widths from column sums: an array, (array, labels), or a file. None: training
               images beside those under test, else images behind the first `tested`
    tested     only so many of `images` are under test (None: all): those behind them may calibrate
    ranges     of Network.calibrate(), in place of measuring them
    seed       of devices and read noise; threads: 0 is one a processor, results do not depend on it
    """
    with listening(progress) as listener:
        given = images_of(images, labels, calibrate, calibrate_count, mean, std, pad)
        return Mapping(_sliver.Mapping(network_of(network)._network, chip_of(chip)._chip, given, None if tested is None else count_of("tested", tested),
                                       count_of("threads", threads), count_of("seed", seed),
                                       "" if conductance_cache is None else path_text(conductance_cache),
                                       ranges._ranges if ranges is not None else None, listener))


def run(chip, network, *, adc=None, adc_law=None, accounting=None, keys=None, count=1, functional_count=0, settle=64,
        histograms=False, style="lt", timeline=False, progress=None, **arguments):
    """`sliver run` in one call: the arguments of `Chip`, `map` and `Mapping.run`. The same bytes as the command line's."""
    chip = Chip(chip, keys, adc=adc, adc_law=adc_law, accounting=accounting)
    arguments.setdefault("tested", functional_count or count)
    return map(network, chip, progress=progress, **arguments).run(
        count=count, functional_count=functional_count, settle=settle, histograms=histograms, style=style, timeline=timeline,
        progress=progress)


def evaluate(chip, network, *, adc=None, keys=None, count=0, golden=False, progress=None, **arguments):
    """`sliver eval` in one call: accuracy and column sums by the functional engine, no time."""
    chip = Chip(chip, keys, adc=adc)
    arguments.setdefault("tested", count or None)
    return map(network, chip, progress=progress, **arguments).evaluate(count=count, golden=golden, progress=progress)
