"""Sliver: a SystemC model of a ReRAM crossbar accelerator that executes bit-sliced networks.

    import sliver

    result = sliver.run("isaac", "vgg11-fashion-bitslice", adc="3,3,3,1")
    result.latency_s, result.energy_per_image_j, result.area_mm2
    result.layers            # a pandas frame, units in the names of its columns

The way from a network to a result, step by step:

    chip = sliver.Chip("isaac", {"array.rows": 64})
    network = sliver.Network("my.onnx")                        # or Network.from_onnx(bytes)
    mapping = sliver.map(network, chip, calibrate=images)      # calibrated, quantised, mapped, converters chosen
    mapping.evaluate(test, labels).top1                        # values by the functional engine
    mapping.run(test).energy_per_image_j                       # time, energy and values by the SystemC chip

Lists by slice come most significant slice first. Errors are InputError (a ValueError) with the same line that the command line
prints, or MachineError. Chips are simulated in a process of their own, so any number of runs fit one interpreter. Long work
releases the interpreter's lock, hears Ctrl-C, and shows a bar where tqdm is installed and stderr is a terminal
(`progress=False`: none; a callable: it is called with text, done, whole, unit).

Everything else that the command line does: `sweep`, `front`, `study_slices`, `study_adc`, `study_nonideal`, `crossbar_solve`, `report`,
`read_images`, `shipped`, `keys`, and `command` for any command as it is.

`sliver.train` needs no compiled part: in a checkout that is not built it is all there is.
"""
import importlib.util as _util

if _util.find_spec("._sliver", __name__) is not None:
    from ._built import *  # noqa: F401, F403
    from ._built import __all__, __version__  # noqa: F401
else:
    def __getattr__(name):
        raise AttributeError(f"sliver.{name}: the compiled part of sliver is not here; where it is built, PYTHONPATH=build/ci/python "
                             "finds it (docs/python.md)")
