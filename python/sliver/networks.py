"""Networks: as a file brings them, and as integers."""
from . import _sliver
from ._arguments import count_of, frame, images_of, path_text
from ._pictures import html_table, network_svg


def read_images(source="fashion-mnist", split="test"):
    """Images of a file (IDX, CIFAR binary, .npy) or folder, or of a set known by name: (images, labels).

    images (count, channels, height, width) as uint8 or float32; labels (count,) as int32, or None.
    """
    return _sliver.read_images(path_text(source), split)


class Ranges:
    """Lowest and highest value of every map whose format has to be chosen, over the calibration images."""

    def __init__(self, handle):
        self._ranges = handle

    @property
    def maps(self):
        """{map: (lowest, highest)}."""
        return self._ranges.maps

    def __repr__(self):
        return f"<Ranges of {len(self.maps)} maps>"


class QuantisedNetwork:
    """A network in a chip's number formats: exact integers, no arrays, no converters."""

    def __init__(self, handle):
        self._quantised = handle

    def codes(self, images=None, *, count=0, **preparation):
        """Input codes (images, channels, height, width) as int32. `count` 0: all."""
        return self._quantised.codes(images_of(images, **preparation), count_of("count", count))

    def logits(self, images=None, *, count=0, threads=0, **preparation):
        """Logits (images, classes) as int32: value = (code - logit_zero) * logit_step."""
        return self._quantised.logits(images_of(images, **preparation), count_of("count", count), threads)

    @property
    def logit_step(self):
        return self._quantised.logit_step

    @property
    def logit_zero(self):
        """The code of 0: not 0 only where the file quantises its output so."""
        return self._quantised.logit_zero

    @property
    def archive(self):
        """The bytes of an .npz with all integers (docs/results.md, `sliver export`)."""
        return self._quantised.archive


class Network:
    """A network: a shipped name ("vgg11-fashion-dense") or the path of an ONNX file (.onnx, .onnx.gz)."""

    def __init__(self, network, *, output=""):
        """`output`: the name of the logits, of a network that has several outputs."""
        self._network = _sliver.Network(path_text(network), output)

    @classmethod
    def _of(cls, handle):
        network = cls.__new__(cls)
        network._network = handle
        return network

    @classmethod
    def from_onnx(cls, source, name="network", *, output=""):
        """From a path, or from the bytes of an ONNX file; `name` is what results call it then."""
        if isinstance(source, (bytes, bytearray, memoryview)):
            return cls._of(_sliver.Network.from_bytes(bytes(source), name, output))
        return cls(source, output=output)

    name = property(lambda self: self._network.name)
    path = property(lambda self: self._network.path)
    sha256 = property(lambda self: self._network.sha256, doc="Of the file's bytes, and behind them those of its .onnx.data.")
    summary = property(lambda self: self._network.summary)
    data_set = property(lambda self: self._network.data_set, doc="Images that the network's card names; empty: none.")
    classes = property(lambda self: self._network.classes, doc="Number of outputs.")
    class_names = property(lambda self: self._network.class_names, doc="From the network's card; may be empty.")
    input_shape = property(lambda self: self._network.input_shape, doc="(channels, height, width).")
    needs_calibration = property(lambda self: self._network.needs_calibration,
                                 doc="Whether the file leaves activation ranges open.")

    @property
    def layers(self):
        """A frame of the matrix layers: rows, outputs, weights, zero_weights, output_shape."""
        return frame(self._network.layers)

    def calibrate(self, images=None, *, count=64, threads=0, **preparation):
        """Ranges of the maps over the first `count` images: an array, or the training images of a folder or of the card's set (None)."""
        return Ranges(self._network.calibrate(images_of(images, calibrate_count=count, **preparation), threads))

    def quantise(self, chip="isaac", ranges=None):
        """The network in the chip's number formats. `ranges`: of calibrate(); None: the file brings its own."""
        from .chips import chip_of
        return QuantisedNetwork(self._network.quantise(chip_of(chip)._chip, None if ranges is None else ranges._ranges))

    def float_logits(self, images=None, *, count=0, threads=0, **preparation):
        """Logits (images, classes) of the network as it is, in single precision."""
        return self._network.float_logits(images_of(images, **preparation), count_of("count", count), threads)

    def __repr__(self):
        layers = self._network.layers
        weights = sum(layer["weights"] for layer in layers)
        return f"<Network {self.name}: {len(layers)} layers, {weights:,} weights, input {self.input_shape}>"

    def _repr_html_(self):
        rows = [(l["layer"], l["operator"], f"{l['rows']} x {l['outputs']}", f"{l['weights']:,}",
                 f"{100 * l['zero_weights'] / max(1, l['weights']):.1f} %", l["output_shape"])
                for l in self._network.layers]
        return f"<p><b>{self.name}</b> {self.summary}</p>" + html_table(
            ["layer", "operator", "rows x outputs", "weights", "zero", "output shape"], rows)

    def _repr_svg_(self):
        return network_svg(self.name, self._network.layers)


def network_of(value):
    """A Network, or what one can be made of."""
    if isinstance(value, Network):
        return value
    return Network.from_onnx(value)
