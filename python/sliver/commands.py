"""What takes many processes or makes pages: the command line in a process of its own, and its files read back."""
import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from ._arguments import assignments, text_of
from ._sliver import InputError, MachineError

_WRONG_INPUT = 2


def command(*words, progress=None):
    """Any command of `sliver`, such as command("list", "chips"); what it prints. InputError or MachineError as it says."""
    environment = dict(os.environ)
    package = str(Path(__file__).parent.parent)
    environment["PYTHONPATH"] = os.pathsep.join([package] + ([environment["PYTHONPATH"]] if environment.get("PYTHONPATH") else []))
    quiet = progress is False or not sys.stderr.isatty()
    process = subprocess.Popen([sys.executable, "-m", "sliver", *[os.fspath(w) if hasattr(w, "__fspath__") else str(w) for w in words]],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE if quiet else None, text=True, env=environment)
    try:
        out, err = process.communicate()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    if process.returncode == 0:
        return out
    line = (err or "").strip().splitlines()
    text = line[-1] if line else f"sliver {' '.join(str(w) for w in words)}: exit code {process.returncode}"
    text = text[len("sliver: "):] if text.startswith("sliver: ") else text
    raise (InputError if process.returncode == _WRONG_INPUT else MachineError)(text)


def _options(options):
    words = []
    for name, value in options.items():
        option = "--" + name.rstrip("_").replace("_", "-")
        if value is None or value is False:
            continue
        if value is True:
            words.append(option)
        elif isinstance(value, dict):
            for entry in assignments(value):
                words += [option, entry]
        elif isinstance(value, (list, tuple)):
            for entry in value:
                words += [option, text_of(entry)]
        else:
            words += [option, os.fspath(value) if hasattr(value, "__fspath__") else str(value)]
    return words


class Front:
    """The points that no other point beats: `points` is a frame."""

    def __init__(self, points):
        self.points = points

    def __repr__(self):
        return f"<Front of {len(self.points)} points>"

    def _repr_html_(self):
        return self.points.to_html()


class Sweep:
    """A finished sweep in its folder: `points` is a frame of results.csv, `results` what sweep.json holds."""

    def __init__(self, folder):
        self.folder = Path(folder)

    @property
    def points(self):
        import pandas
        return pandas.read_csv(self.folder / "results.csv")

    @property
    def results(self):
        return json.loads((self.folder / "sweep.json").read_text())

    def front(self, objectives=None, where=None):
        return front(self.folder, objectives, where)

    def __repr__(self):
        return f"<Sweep {self.folder}>"


def sweep(study, out, *, jobs=None, progress=None, **options):
    """`sliver sweep`: a shipped study's name, a file, or a dict as such a file holds it. Options as of the command line:
    resume=True, retry=True, prescreen=0.25, yes=True. A Sweep."""
    def work(file):
        command("sweep", file, "--out", out, *_options({"jobs": jobs, **options}), progress=progress)
        return Sweep(out)
    if not isinstance(study, dict):
        return work(study)
    with tempfile.TemporaryDirectory(prefix="sliver-sweep-") as folder:
        file = Path(folder) / "study.yaml"
        file.write_text(json.dumps(study))  # JSON is YAML
        return work(file)


def front(folder, objectives=None, where=None):
    """The Pareto front of a sweep's folder by 2 to 4 objectives ("energy_per_image_j", "max top1"); a Front."""
    import pandas
    text = command("front", folder, *_options({"objective": objectives, "where": where}), "--csv")
    return Front(pandas.read_csv(io.StringIO(text)))


def _study(name, out, files, progress, options):
    with tempfile.TemporaryDirectory(prefix="sliver-study-") as scratch:
        folder = Path(scratch) / "study" if out is None else Path(out)
        command("study", name, "--out", folder, *_options(options), progress=progress)
        return json.loads((folder / files).read_text())


def study_slices(networks=None, out=None, *, progress=None, **options):
    """`sliver study slices`: what slicing, placement and sparsity do to columns; the contents of slices.json."""
    return _study("slices", out, "slices.json", progress, {"network": networks, **options})


def study_adc(networks=None, out=None, *, progress=None, **options):
    """`sliver study adc`: how narrow converters may be; the contents of adc.json."""
    return _study("adc", out, "adc.json", progress, {"network": networks, **options})


def study_nonideal(networks=None, out=None, *, progress=None, **options):
    """`sliver study nonideal`: what wires and variation cost; the contents of nonideal.json."""
    return _study("nonideal", out, "nonideal.json", progress, {"network": networks, **options})


def report(folder, out, force=False):
    """`sliver report`: one HTML page of a run's, study's or sweep's folder. The path of the page."""
    command("report", folder, "--out", out, *(["--force"] if force else []))
    return Path(out)
