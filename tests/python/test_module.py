"""The module `sliver`: the same bytes as the command line, values against numpy, errors, threads, Ctrl-C.

Run by CTest (python_module), with PYTHONPATH at the build's python folder and SLIVER_PROGRAM at the program.
"""
import filecmp
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

import numpy as np

import sliver

PROGRAM = os.environ["SLIVER_PROGRAM"]
RANDOM = np.random.default_rng(1)
IMAGES = RANDOM.random((6, 1, 28, 28), dtype=np.float32)
NETWORK = "mlp-mnist-bitslice"


def program(*words):
    return subprocess.run([PROGRAM, *map(str, words)], check=True, capture_output=True, text=True).stdout


def same_folders(test, one, other):
    names = sorted(os.listdir(one))
    test.assertEqual(names, sorted(os.listdir(other)))
    _, different, _ = filecmp.cmpfiles(one, other, names, shallow=False)
    test.assertEqual(different, [])


class SameBytes(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        np.save(self.folder / "images.npy", IMAGES)
        np.save(self.folder / "calibrate.npy", IMAGES[3:])

    def tearDown(self):
        self._folder.cleanup()

    def test_a_run_is_that_of_the_command_line(self):
        images = self.folder / "images.npy"
        program("run", "--chip", "small", "--network", NETWORK, "--images", images, "--calibrate", self.folder / "calibrate.npy",
                "--count", 2, "--functional-count", 3, "--adc", "profiled", "--set", "array.rows=32", "--out", self.folder / "one")
        result = sliver.run("small", NETWORK, images=images, calibrate=self.folder / "calibrate.npy", count=2,
                            functional_count=3, adc="profiled", keys={"array.rows": 32}, progress=False)
        result.save(self.folder / "other")
        same_folders(self, self.folder / "one", self.folder / "other")
        again = sliver.load(self.folder / "one")
        self.assertEqual(again.stats_json, result.stats_json)
        np.testing.assert_array_equal(again.logits, result.logits)

    def test_prices_are_those_of_the_command_line(self):
        result = sliver.run("small", NETWORK, images=IMAGES, progress=False)
        result.save(self.folder / "run")
        program("cost", self.folder / "run", "--adc-law", "murmann-survey" if "murmann-survey" in program("list", "adc-laws")
                else "neurosim-sar", "--out", self.folder / "one")
        law = json.loads((self.folder / "one" / "stats.json").read_text())["run"]["adc_law"]
        result.price(adc_law=law).save(self.folder / "other")
        self.assertEqual((self.folder / "one" / "stats.json").read_bytes(), (self.folder / "other" / "stats.json").read_bytes())
        self.assertNotEqual(result.price(adc_law=law).energy_per_image_j, result.energy_per_image_j)

    def test_a_timeline_is_that_of_the_command_line(self):
        program("run", "--chip", "small", "--network", NETWORK, "--images", self.folder / "images.npy", "--trace",
                self.folder / "trace.json", "--trace-limit", 10 ** 9, "--vcd", self.folder / "signals.vcd")
        result = sliver.run("small", NETWORK, images=self.folder / "images.npy", timeline=True, progress=False)
        self.assertGreater(len(json.loads(result.trace)["traceEvents"]), 100)
        def events(text):
            return json.loads(text)["traceEvents"]
        self.assertEqual(events(result.trace), events((self.folder / "trace.json").read_bytes()))

    def test_a_crossbar_is_that_of_the_command_line(self):
        cells, volts = RANDOM.uniform(1e-6, 1e-4, (5, 7)), RANDOM.uniform(0, 0.3, (3, 5))
        np.save(self.folder / "cells.npy", cells)
        np.save(self.folder / "volts.npy", volts)
        wires = {"r-driver": 100, "r-row": 5, "r-col": 7, "r-sense": 50}
        options = [word for name, ohm in wires.items() for word in ("--" + name, ohm)]
        program("crossbar", "solve", "--conductances", self.folder / "cells.npy", "--voltages", self.folder / "volts.npy",
                *options, "--out", self.folder / "solved")
        solved = sliver.crossbar_solve(cells, volts, r_driver=100, r_row=5, r_col=7, r_sense=50)
        np.testing.assert_array_equal(solved.current_a, np.load(self.folder / "solved" / "currents.npy"))
        # Wires of next to nothing leave Ohm's law.
        free = sliver.crossbar_solve(cells, volts, r_driver=1e-3, r_row=1e-3, r_col=1e-3, r_sense=1e-3)
        np.testing.assert_allclose(free.current_a, volts @ cells, rtol=1e-4)

    def test_sweeps_fronts_and_studies(self):
        study = {"name": "widths", "fixed": {"chip": "small", "network": NETWORK, "images": str(self.folder / "images.npy"),
                                             "count": 1},
                 "axes": {"adc": ["worst-case", "4"]}, "objectives": ["energy_per_image_j", "area_mm2"]}
        try:
            swept = sliver.sweep(study, self.folder / "sweep", progress=False)
        except sliver.InputError as error:
            self.fail(str(error))
        self.assertEqual(len(swept.points), 2)
        self.assertGreaterEqual(len(swept.front().points), 1)
        slices = sliver.study_slices([NETWORK], progress=False)
        self.assertIn("networks", slices)


class Values(unittest.TestCase):
    def test_integers_are_numpys(self):
        """The golden logits of a multi-layer perceptron, from its exported integers alone."""
        chip = sliver.Chip("small")
        network = sliver.Network(NETWORK)
        ranges = network.calibrate(IMAGES) if network.needs_calibration else None
        quantised = network.quantise(chip, ranges)
        integers = np.load(io.BytesIO(quantised.archive))
        codes = quantised.codes(IMAGES).reshape(len(IMAGES), -1).astype(np.int64)
        layers = len(integers["layer_order"])
        for number in range(layers):
            prefix = f"layer{number:02}"
            weights = integers[prefix + ".codes"].astype(np.int64) * integers[prefix + ".signs"]
            sums = codes @ weights.T + integers[prefix + ".bias"]
            if number == layers - 1:
                break
            shift = int(integers[prefix + ".output_exponent"][0]) - int(integers[prefix + ".weight_exponent"][0]) - int(
                integers[prefix + ".input_exponent"][0])
            codes = np.clip(np.rint(np.maximum(sums, 0) / 2.0 ** shift), 0, 255).astype(np.int64)
        np.testing.assert_array_equal(quantised.logits(IMAGES), sums)
        mapping = sliver.map(network, chip, images=IMAGES, ranges=ranges, progress=False)
        np.testing.assert_array_equal(mapping.evaluate(golden=True, progress=False).logits, sums)
        np.testing.assert_array_equal(mapping.run(count=2, progress=False).logits, sums[:2])

    def test_a_layer_is_clipped_slices(self):
        """Converters of 3 bits: every column sum of every slice, sign, block of rows and input bit is cut at 7."""
        chip = sliver.Chip("small", adc="3")
        weights = RANDOM.integers(-255, 256, (5, 150))
        inputs = RANDOM.integers(0, 256, (9, 150))
        rows = int(chip["array.rows"])
        wanted = np.zeros((9, 5), dtype=np.int64)
        for sign in (1, -1):
            magnitudes = np.where(weights * sign > 0, np.abs(weights), 0)
            for slice_ in range(4):
                digits = magnitudes >> (2 * slice_) & 3
                for first in range(0, 150, rows):
                    for bit in range(8):
                        driven = inputs[:, first:first + rows] >> bit & 1
                        wanted += sign * np.minimum(driven @ digits[:, first:first + rows].T, 7) << (2 * slice_ + bit)
        layer = sliver.LayerOnCrossbars(weights, chip)
        np.testing.assert_array_equal(layer.multiply(inputs), wanted)
        self.assertEqual(layer.adc_bits, [3, 3, 3, 3])
        exact = sliver.LayerOnCrossbars(weights, sliver.Chip("small", adc="worst-case")).multiply(inputs)
        np.testing.assert_array_equal(exact, inputs @ weights.T)

    def test_lists_begin_with_the_most_significant_slice(self):
        result = sliver.run("small", NETWORK, images=IMAGES, adc="3,4,5,1", progress=False)
        self.assertEqual(list(result.layers["adc_bits"][0]), [1, 5, 4, 3])
        mapping = sliver.map(NETWORK, sliver.Chip("small", adc="3,4,5,1"), images=IMAGES, progress=False)
        self.assertEqual(list(mapping.layers["adc_bits"][0]), [1, 5, 4, 3])


class Errors(unittest.TestCase):
    def refused(self, pattern, call, *arguments, **options):
        with self.assertRaisesRegex(sliver.InputError, pattern) as caught:
            call(*arguments, **options)
        self.assertNotIn("\n", str(caught.exception))

    def test_what_is_wrong_is_named(self):
        chip = sliver.Chip("small")
        mapping = sliver.map(NETWORK, chip, images=IMAGES, progress=False)
        self.refused("array.row: unknown key: did you mean array.rows", sliver.Chip, "small", {"array.row": 64})
        self.refused("no such chip", sliver.Chip, "smal")
        self.refused("no such network", sliver.Network, "mlp")
        self.refused("images: dtype float64: must be float32", mapping.run, IMAGES.astype(np.float64))
        self.refused("images are 1x5x28, but the network's input is", mapping.run, IMAGES[:, :, :5])
        self.refused("images: value nan in image 2: must be finite", mapping.run,
                     np.where(np.arange(6).reshape(6, 1, 1, 1) == 2, np.float32("nan"), IMAGES))
        self.refused("images: shape .*: holds no image", mapping.run, IMAGES[:0])
        self.refused("count: value 7", mapping.run, count=7)
        self.refused("count: value 1.5", mapping.run, count=1.5)
        self.refused("labels: shape", mapping.evaluate, IMAGES, np.zeros((6, 1), dtype=int))
        self.refused("labels: dtype float64", mapping.evaluate, IMAGES, np.zeros(6))
        self.refused("6 images, but 5 labels", mapping.evaluate, IMAGES, np.zeros(5, dtype=int))
        self.refused("style: value xy", mapping.run, style="xy")
        self.refused("functional_count: value 1", mapping.run, count=2, functional_count=1)
        self.refused("weights: value 300 in row 0: must be from -255 to 255", sliver.LayerOnCrossbars, np.full((1, 4), 300), chip)
        self.refused("inputs: shape", sliver.LayerOnCrossbars(np.ones((2, 4), dtype=int), chip).multiply, np.ones((1, 5), dtype=int))
        self.refused("row 0, column 1: value -1 S", sliver.crossbar_solve, [[1e-3, -1.0]], [1.0], r_driver=1, r_row=1, r_col=1,
                     r_sense=1)
        self.refused("no such folder", sliver.load, "/nowhere")
        self.refused("no such command", sliver.command, "runn")
        self.refused("", sliver.Network.from_onnx, b"no onnx")

    def test_what_was_not_ours_stays(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "mine").write_text("mine")
            result = sliver.run("small", NETWORK, images=IMAGES, progress=False)
            self.refused("", result.save, folder, force=True)
            self.assertEqual((Path(folder) / "mine").read_text(), "mine")

    def test_arrays_of_all_layouts_are_the_same(self):
        mapping = sliver.map(NETWORK, "small", images=IMAGES, progress=False)
        wanted = mapping.evaluate(IMAGES, progress=False).logits
        frozen = IMAGES.copy()
        frozen.flags.writeable = False
        wide = np.zeros((6, 1, 28, 56), dtype=np.float32)
        wide[..., ::2] = IMAGES
        for images in (frozen, wide[..., ::2], np.asfortranarray(IMAGES), IMAGES.astype(">f4"), IMAGES.reshape(6, 28, 28)):
            np.testing.assert_array_equal(mapping.evaluate(images, progress=False).logits, wanted)


class Together(unittest.TestCase):
    def test_threads_and_many_runs(self):
        mappings = [sliver.map(name, "small", images=IMAGES, progress=False) for name in (NETWORK, "mlp-mnist-dense")]
        alone = [mapping.run(count=2, progress=False).stats_json for mapping in mappings]
        seen, errors = [[], []], []

        def work(which):
            try:
                for _ in range(4):
                    seen[which].append(mappings[which].run(count=2, progress=False).stats_json)
                    mappings[which].evaluate(progress=False)
            except Exception as error:  # noqa: BLE001
                errors.append(error)
        threads = [threading.Thread(target=work, args=(i % 2,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        self.assertEqual(errors, [])
        for which in (0, 1):
            self.assertEqual(set(seen[which]), {alone[which]})
            self.assertEqual(len(seen[which]), 8)

    def test_the_interpreter_goes_on_meanwhile(self):
        mapping = sliver.map(NETWORK, "small", images=IMAGES, progress=False)
        ticks, done = [], threading.Event()

        def tick():
            while not done.is_set():
                ticks.append(time.monotonic())
                time.sleep(0.002)
        thread = threading.Thread(target=tick)
        thread.start()
        mapping.run(count=6, progress=False)
        done.set()
        thread.join()
        self.assertGreater(len(ticks), 5)

    def test_progress_is_heard(self):
        heard = []
        sliver.evaluate("small", NETWORK, images=IMAGES, progress=lambda *what: heard.append(what))
        self.assertTrue(any(unit == "images" for _, _, _, unit in heard))

    def test_the_comparison_in_floating_point_is_heard(self):
        # It takes as long as a run: Ctrl-C must reach it, too.
        mapping, heard = sliver.map(NETWORK, "small", images=IMAGES, progress=False), []
        mapping.run(count=6, progress=lambda *what: heard.append(what))
        self.assertTrue(any("in floating point" in text and done > 0 for text, done, _, _ in heard))

    def test_control_c(self):
        code = ("import sliver, sys\n"
                "m = sliver.map('vgg11-fashion-dense', 'isaac', images='fashion-mnist', tested=1000, progress=False)\n"
                "print('ready', flush=True)\n"
                "try:\n    m.run(count=1000, progress=False)\n"
                "except KeyboardInterrupt:\n    print('stopped')\n")
        if not os.path.isdir("/usr/share/datasets/fashion-mnist"):
            self.skipTest("Debian's dataset-fashion-mnist is not installed")
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        self.assertEqual(process.stdout.readline(), "ready\n")
        time.sleep(1)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        self.assertEqual(out, "stopped\n")
        self.assertLess(time.monotonic() - begun, 30)


class Shown(unittest.TestCase):
    def test_pictures_and_tables(self):
        network, chip = sliver.Network(NETWORK), sliver.Chip("small")
        mapping = sliver.map(network, chip, images=IMAGES, progress=False)
        result = mapping.run(progress=False)
        for thing in (network, chip, mapping, result):
            self.assertEqual(xml.fromstring(thing._repr_svg_()).tag, "{http://www.w3.org/2000/svg}svg")
            xml.fromstring("<div>" + thing._repr_html_() + "</div>")
            self.assertTrue(repr(thing).startswith("<"))
        self.assertEqual(len(result.components), 16)
        self.assertEqual(list(result.links.columns[:2]), ["kind", "name"])
        self.assertAlmostEqual(result.components["energy_j"].sum(), result.stats["totals"]["energy_j"])
        self.assertGreater(len(sliver.keys()), 50)


if __name__ == "__main__":
    unittest.main()
