"""Masks of whole groups, what they do to a network, what arrays are left; weights bounded by W_cut."""
import gzip
import json
import os
import re
import tempfile
import types
import unittest

import train_common as common
import numpy as np
import test_train_programs as test_programs
import torch

from sliver.train import checkpoint, networks, onnx_graph, onnx_start, schedules, sparsify, structured, tune, tuning
from sliver.train.errors import BadInput
from sliver.train.fixed import FixedNetwork
from sliver.train.programs import train

SMALL = networks.mlp("small", [1, 1, 5], (4,), 2)  # layers of 4 x 5 and 2 x 4 weights: 28
# Group means in rising order, so that the smallest go by hand; a short last group holds one weight in XCS, one output in XRS.
COLUMNS = [[1, 1, 5, 5, 8.5], [2, 2, 6, 6, 9], [3, 3, 7, 7, 10], [4, 4, 8, 8, 11]]
ROWS = [[1, 2, 3, 4, 5]] * 3 + [[6, 7, 8, 9, 10]]


def Structure(plan, structure, array, keep=()):
    """That of a plan's layers."""
    names = [step["name"] for step in networks.layers(plan)]
    return structured.Structure(names, networks.weight_shapes(plan), structure, array, keep, structured.channel_sources(plan))


def small_weights(first):
    return [torch.tensor(first), torch.ones(2, 4)]


def groups_of(weight, structure, array):
    """{group: (LAMP score, its weights' places)} by sums in plain Python."""
    label = {"channels": lambda o, r: o, "crossbar-columns": lambda o, r: (o, r // array),
             "crossbar-rows": lambda o, r: (o // array, r)}[structure]
    matrix, groups = weight.reshape(len(weight), -1).tolist(), {}
    for place in ((o, r) for o in range(len(matrix)) for r in range(len(matrix[0]))):
        groups.setdefault(label(*place), []).append(place)
    density = {label: sum(matrix[o][r] ** 2 for o, r in places) / len(places) for label, places in groups.items()}
    return {label: (density[label] / sum(d for d in density.values() if d >= density[label]), places)
            for label, places in groups.items()}


class Crossbars(unittest.TestCase):
    def test_columns_by_hand(self):
        it = Structure(SMALL, "crossbar-columns", 2, ["fc2"])
        for share, gone in ((0, 0), (1.9 / 28, 0), (2 / 28, 1), (7.9 / 28, 3), (8 / 28, 4), (9 / 28, 4)):
            (first, second), biases = it.masks(small_weights(COLUMNS), share)
            wanted = torch.ones(4, 5)
            wanted[:gone, :2] = 0
            self.assertTrue(torch.equal(first, wanted), share)
            self.assertTrue(bool((second == 1).all()))
            self.assertIsNone(biases)
        first = it.masks(small_weights(COLUMNS), 17 / 28)[0][0]  # the short groups: one weight each, by their mean square
        self.assertEqual(first.tolist(), [[0, 0, 0, 0, 0]] + [[0, 0, 0, 0, 1]] * 3)

    def test_rows_by_hand(self):
        it = Structure(SMALL, "crossbar-rows", 3, ["fc2"])
        for share, gone in ((2.9 / 28, 0), (3 / 28, 1), (14.9 / 28, 4), (15 / 28, 5)):
            first = it.masks(small_weights(ROWS), share)[0][0]
            wanted = torch.ones(4, 5)
            wanted[:3, :gone] = 0
            self.assertTrue(torch.equal(first, wanted), share)
        first = it.masks(small_weights(ROWS), 18 / 28)[0][0]
        self.assertEqual(first.tolist(), [[0] * 5] * 3 + [[0, 0, 0, 1, 1]])

    def test_against_plain_sums(self):
        """All layers together: the groups of the smallest scores, as many as fit the share."""
        for kind in ("vgg", "plain", "resnet"):
            model, _ = common.tiny_fixed(kind)
            weights = list(model.weights)
            total = sum(w.numel() for w in weights)
            for structure in ("crossbar-columns", "crossbar-rows"):
                for share in (0.1, 0.37, 0.8):
                    masks, _ = Structure(model.plan, structure, 7).masks(weights, share)
                    groups = [(score, i, places) for i, w in enumerate(weights)
                              for score, places in groups_of(w.detach(), structure, 7).values()]
                    removed, wanted = 0, [torch.ones(len(w), w[0].numel()) for w in weights]
                    for score, i, places in sorted(groups, key=lambda g: g[0]):
                        if removed + len(places) > share * total:
                            break
                        removed += len(places)
                        for o, r in places:
                            wanted[i][o, r] = 0
                    for mask, want, weight in zip(masks, wanted, weights):
                        self.assertTrue(torch.equal(mask.reshape(want.shape), want), (kind, structure, share))
                        self.assertEqual(mask.stride(), weight.stride())

    def test_no_layer_dies_and_scales_do_not_matter(self):
        model, _ = common.tiny_fixed("vgg")
        it = Structure(model.plan, "crossbar-columns", 8)
        self.assertLess(it.reachable(), 1)
        for mask in it.masks(list(model.weights), 0.999)[0]:
            self.assertGreater(float(mask.sum()), 0)
        scaled = [w.detach() * 1000 ** i for i, w in enumerate(model.weights)]
        for a, b in zip(it.masks(list(model.weights), 0.6)[0], it.masks(scaled, 0.6)[0]):
            self.assertTrue(torch.equal(a, b))

    def test_what_is_gone_stays_out(self):
        for structure in structured.NAMES:
            model, _ = common.tiny_fixed("vgg")
            it = Structure(model.plan, structure, 8)
            masks, _ = it.masks(list(model.weights), 0.5)
            again, _ = it.masks([w.detach() * m for w, m in zip(model.weights, masks)], 0)
            for a, b in zip(masks, again):
                self.assertTrue(torch.equal(a, b), structure)

    def test_kept_layers_and_what_is_reachable(self):
        it = Structure(SMALL, "crossbar-columns", 2, ["fc1"])
        self.assertEqual(it.reachable(), 6 / 28)  # all but one of four groups of two
        masks, _ = it.masks(small_weights(COLUMNS), 0.9)
        self.assertTrue(bool((masks[0] == 1).all()))
        self.assertEqual(float(masks[1].sum()), 2)
        self.assertEqual(Structure(SMALL, "crossbar-columns", 2, ["fc2"]).reachable(), 18 / 28)  # its short groups go
        masks = sparsify.masks(small_weights(COLUMNS), 4 / 28, [0])
        self.assertEqual((float(masks[0].sum()), float(masks[1].sum())), (20, 4))


class Channels(unittest.TestCase):
    def test_by_hand(self):
        """4 x 5 and 2 x 4: an output of the first layer takes 5 weights and 2 of the next."""
        weights = small_weights([[3.0] * 5, [1.0] * 5, [4.0] * 5, [2.0] * 5])
        for share, gone in ((6.9 / 28, []), (7 / 28, [1]), (14 / 28, [1, 3]), (20.9 / 28, [1, 3]), (0.99, [0, 1, 3])):
            (first, second), biases = Structure(SMALL, "channels", 64).masks(weights, share)
            stay = torch.tensor([float(i not in gone) for i in range(4)])
            self.assertTrue(torch.equal(first, stay[:, None].expand(4, 5)), share)
            self.assertTrue(torch.equal(second, stay.expand(2, 4)))
            self.assertTrue(torch.equal(biases[0], stay) and torch.equal(biases[1], torch.ones(2)))
        self.assertEqual(Structure(SMALL, "channels", 64).reachable(), 21 / 28)
        self.assertEqual(Structure(SMALL, "channels", 64, ["fc1"]).reachable(), 0)

    def test_maps_are_zero_and_nobody_needs_their_rows(self):
        for kind in ("vgg", "plain", "resnet"):
            model, images = common.tiny_fixed(kind)
            masks, biases = Structure(model.plan, "channels", 64).masks(list(model.weights), 0.3)
            with torch.no_grad():
                for weight, bias, mask, kept in zip(model.weights, model.biases, masks, biases):
                    bias.add_(0.5)  # what a map would be filled with
                    weight.mul_(mask)
                    bias.mul_(kept)
                model.hold_steps()
                integer, fake = model.forward_integer(images), model(images)
                changed = 0
                for weight, mask, kept in zip(model.weights, masks, biases):
                    alone = (mask == 0) & (kept.reshape([-1] + [1] * (mask.ndim - 1)) > 0)  # rows whose output stays
                    changed += int(alone.sum())
                    weight[alone] = 0.3 * float(weight.abs().max())
            self.assertGreater(changed, 5, kind)
            self.assertTrue(torch.equal(integer, model.forward_integer(images)), kind)
            self.assertTrue(torch.equal(fake, model(images)), kind)

    def test_removed_share(self):
        for kind in ("vgg", "plain"):
            model, _ = common.tiny_fixed(kind)
            weights = list(model.weights)
            total, it = sum(w.numel() for w in weights), Structure(model.plan, "channels", 64)
            for share in (0.1, 0.4, 0.75):
                masks, biases = it.masks(weights, share)
                removed = sum(int((m == 0).sum()) for m in masks)
                self.assertLessEqual(removed, share * total)
                # The next output in the order of scores would be one too many.
                _, i, output = min((score, i, output) for i, w in enumerate(weights[:-1])
                                   for output, (score, _) in groups_of(w.detach(), "channels", 0).items() if biases[i][output])
                masks[i][output] = 0
                following = masks[i + 1].reshape(len(masks[i + 1]), len(masks[i]), -1).clone()
                following[:, output] = 0
                masks[i + 1] = following
                self.assertGreater(sum(int((m == 0).sum()) for m in masks), share * total, (kind, share))

    def test_what_never_goes(self):
        model, _ = common.tiny_fixed("resnet")
        _, biases = Structure(model.plan, "channels", 64).masks(list(model.weights), 0.9)
        gone = [name for name, kept in zip(model.layer_names(), biases) if bool((kept == 0).any())]
        self.assertEqual(gone, [f"stage{s}_block{b}_conv1" for s in (1, 2, 3) for b in (1, 2)])
        for kind in ("vgg", "plain", "mlp"):
            model, _ = common.tiny_fixed(kind)
            _, biases = Structure(model.plan, "channels", 64).masks(list(model.weights), 0.99)
            self.assertTrue(all(int(kept.sum()) == 1 for kept in biases[:-1]))
            self.assertTrue(bool((biases[-1] == 1).all()))

    def test_through_an_average(self):
        steps = [networks.conv("conv1", "image", 3), networks.conv("conv2", "conv1", 4),
                 {"op": "average", "name": "average", "from": ["conv2"]}, networks.linear("fc1", "average", 2)]
        plan = {"network": "pooled", "image": [1, 4, 4], "norm": False, "steps": steps}
        self.assertEqual(structured.channel_sources(plan), [None, (0, 9), (1, 1)])


class Arrays(unittest.TestCase):
    def test_compression_by_hand(self):
        code = torch.zeros(3, 5)  # three columns, five rows: with arrays of two, 3 x 2 of them
        code[0, 0] = code[0, 1] = code[2, 1] = code[2, 4] = 7
        for structure, packed, left in (("channels", 2 * 1, 3 * 2),        # rows 0, 1, 4; columns 0, 2
                                        ("crossbar-columns", 1 + 0 + 1, 2 + 2 + 1),  # by runs of rows: columns {0, 2}, {}, {2}
                                        ("crossbar-rows", 1 + 1, 4 + 2)):   # by runs of columns: rows {0, 1}, {1, 4}
            found = structured.compression([code, torch.ones(2, 2)], structure, 2)
            self.assertEqual((found["arrays_dense"], found["arrays_packed"]), (7, packed + 1), structure)
            self.assertEqual(found["weights_left_percent"], round(100 * (left + 4) / 19, 3), structure)
            self.assertEqual(found["factor"], round(7 / (packed + 1), 3))

    def test_which_stage_says_how(self):
        old, groups = {"prune": 0.5}, {"prune": 0.8, "prune_structure": "channels", "array": 32}
        self.assertEqual(tune.packing({"prune": 0, "stages": [old, groups]}), ("channels", 32))
        self.assertEqual(tune.packing({**groups, "stages": [old]}), ("channels", 32))
        self.assertIsNone(tune.packing({"prune": 0, "stages": [groups, {"prune": 0.9, "prune_structure": "weights"}]}))
        self.assertIsNone(tune.packing({"prune": 0, "stages": []}))


def task(model, *words, steps=40):
    options = train.parser().parse_args(["pruned", "--out", "x", "--start", "x", *words])
    options.lr = 0.01
    it = tuning.FineTuning(model, options, steps, steps, None)
    it._calibrate = lambda: None
    return it


class Schedule(unittest.TestCase):
    def test_masks_grow_to_the_share(self):
        for structure in structured.NAMES:
            model, _ = common.tiny_fixed("vgg")
            it = task(model, "--prune", "0.6", "--prune-structure", structure, "--array", "8", "--prune-end", "0.5",
                      "--prune-every", "5")
            it.begin()
            last = None
            for step in range(40):
                it._prune(step)
                share = schedules.pruned_share(step // 5 * 5 / 40, 0.6, 0.5)
                self.assertLessEqual(it.masked, share + 1e-9)
                self.assertGreater(it.masked, share - 0.1)
                if last:
                    self.assertTrue(all(bool((new <= old).all()) for new, old in zip(it.masks, last)))
                last = [m.clone() for m in it.masks]
            self.assertGreater(it.masked, 0.5)
            self.assertTrue(all(bool((w[m == 0] == 0).all()) for w, m in zip(model.weights, it.masks)))
            if structure == "channels":
                self.assertTrue(all(bool((b[m == 0] == 0).all()) for b, m in zip(model.biases, it.bias_masks)))

    def test_single_zeros_stay(self):
        model, _ = common.tiny_fixed("vgg")
        with torch.no_grad():
            for weight, bias in zip(model.weights, model.biases):
                weight.mul_(torch.arange(weight.numel()).reshape(weight.shape) % 7 > 0)  # not along rows
            model.weights[0][1] = 0
            model.biases[0][1] = 0
        it = task(model, "--keep-zeros", "--prune", "0.5", "--prune-structure", "crossbar-rows", "--array", "4",
                  "--prune-end", "0")
        it.begin()
        it._prune(0)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(1)
        it._apply_masks()
        self.assertEqual(float(model.biases[0][1]), 0)
        self.assertTrue(bool((model.biases[0][2:] != 0).all()))
        for weight in model.weights:
            self.assertTrue(bool((weight.reshape(-1)[::7] == 0).all()))

    def test_refusals(self):
        model, _ = common.tiny_fixed("resnet")
        for text, *words in (("of the weights can go by channels", "--prune", ".95", "--prune-structure", "channels"),
                             ("the layers are conv1, stage1", "--prune", ".8", "--prune-keep", "conv9"),
                             ("at most 0.0000 of the weights can go by weights", "--prune", ".2", "--prune-keep",
                              ",".join(model.layer_names()))):
            with self.assertRaisesRegex(BadInput, text):
                task(model, *words)
        for text, method, *words in (
                ("--prune-structure channels: only with --prune", "dense", "--prune-structure", "channels"),
                ("--array 32: only with --prune", "dense", "--array", "32"),
                ("--array 32: only with --prune-structure", "dense", "--prune", ".5", "--array", "32"),
                ("--array 0: must be at least 1", "dense", "--prune", ".5", "--array", "0"),
                ("--prune-keep ['conv1']: only with --prune", "dense", "--prune-keep", "conv1"),
                ("--cut-scale fitted: only with --cut-share", "dense", "--cut-scale", "fitted"),
                ("--cut-share 0.9: not with method float", "float", "--cut-share", ".9"),
                ("--cut-share 1.0: must lie between 0 and 1", "dense", "--cut-share", "1"),
                ("--cut-share 0.0: must lie between 0 and 1", "dense", "--cut-share", "0"),
                ("--cut-share nan: must lie between 0 and 1", "dense", "--cut-share", "nan"),
                ("--cut-share 0.9: W_cut is measured on", "dense", "--cut-share", ".9", "--prune", ".5"),
                ("--cut-share 0.9: --column-bits bounds", "dense", "--cut-share", ".9", "--column-bits", "4,4,4,4")):
            with self.assertRaisesRegex(BadInput, re.escape(text)):
                train.check(train.parser().parse_args([method, "--start", "x.npz", "--out", "y.npz", *words]))


class Cut(unittest.TestCase):
    @staticmethod
    def cut(model, share, scale="kept"):
        it = tuning.WeightCut(model, types.SimpleNamespace(cut_share=share, cut_scale=scale))
        it.begin()
        return it

    def test_by_hand(self):
        """|w| 0.1 .. 1.0 and zeros, step 2^-8: the 0.4 quantile is 0.4, 102 codes; fitted it has a step of 2^-9 and 204."""
        weights = [torch.tensor([[0.1, -0.2, 0.3, 0, 0], [0.4, -0.5, 0.6, 0, 0], [0.7, -0.8, 0, 0, 0], [0.9, 1, 0, 0, 0]]),
                   torch.full((2, 4), 0.75)]
        for scale, code, exponent in (("kept", 102, -8), ("fitted", 204, -9)):
            model = FixedNetwork(SMALL, weights, [torch.ones(4), torch.ones(2)])
            it = self.cut(model, 0.4, scale)
            self.assertEqual((it.codes, model.held), ([code, 192], [exponent, -8]))
            self.assertEqual(it.record(), {"cut_codes": {"fc1": code, "fc2": 192}, "cut_log2_steps": {"fc1": exponent, "fc2": -8}})
            limit = 102 / 256
            self.assertTrue(torch.equal(model.weights[0], weights[0].clamp(-limit, limit)))
            self.assertEqual(int(model.codes()[0].max()), code)
            self.assertTrue(torch.equal(model.biases[0], torch.ones(4)))

    def test_least_and_largest(self):
        tiny = torch.full((4, 5), 1e-4)
        tiny[0, 0] = 1.0
        model = FixedNetwork(SMALL, [tiny, torch.zeros(2, 4)], [torch.zeros(4), torch.zeros(2)])
        it = self.cut(model, 0.5)
        self.assertEqual(it.codes[0], 1)
        self.assertEqual(float(model.weights[0].detach().abs().max()), 2.0 ** -8)
        power = FixedNetwork(SMALL, [torch.full((4, 5), 0.5), torch.full((2, 4), 0.3)], [torch.zeros(4), torch.zeros(2)])
        self.assertEqual(self.cut(power, 0.5).codes[0], 255)  # 0.5 is code 256, which saturates
        self.assertEqual(int(power.codes()[0].max()), 255)

    def test_conductances_fall_only_where_the_scale_is_kept(self):
        mean = lambda model: sum(float(c.abs().sum()) for c in model.codes())
        before = mean(common.tiny_fixed("vgg")[0])
        models = {scale: common.tiny_fixed("vgg")[0] for scale in ("kept", "fitted")}
        for scale, model in models.items():
            self.cut(model, 0.4, scale)
        self.assertLess(mean(models["kept"]), before)
        self.assertGreater(mean(models["fitted"]), before)

    def test_survives_the_shipped_file(self):
        for scale in ("kept", "fitted"):
            model, images = common.tiny_fixed("vgg")
            self.cut(model, 0.3, scale)
            model.settle()
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "x.onnx.gz")
                with gzip.open(path, "wb") as file:
                    file.write(onnx_graph.build_onnx(model, "x").SerializeToString())
                again = onnx_start.read(path, model.plan, "nearest")
            self.assertEqual(again.step_exponents(), model.held)
            self.assertTrue(torch.equal(again.forward_integer(images), model.forward_integer(images)))


class Runs(test_programs.Programs):
    compare = test_programs.Resumption.compare

    def setUp(self):
        super().setUp()
        common.fake_idx_set(self.folder)
        self.mlp("float", "dense.npz")
        self.dense = ("--start", self.path("dense.npz"))

    def test_groups_then_a_cut(self):
        self.mlp("pruned", "groups.npz", *self.dense, "--epochs", "2", "--prune", "0.7", "--prune-structure", "crossbar-columns",
                 "--array", "16", "--prune-every", "1", "--prune-keep", "fc2")
        model, record = checkpoint.load_fixed(self.path("groups.npz"))
        self.assertGreater(int((model.weights[1] != 0).sum()), 990)
        blocks = (model.weights[0].detach().reshape(100, 49, 16) != 0).float().mean(2)
        self.assertLess(int(((blocks > 0) & (blocks < 0.9)).sum()), 5)  # whole columns, but for weights that are zero by chance
        self.assertAlmostEqual(float((blocks == 0).float().mean()), 0.7 * 79400 / 78400, places=3)
        found = record["crossbar_compression"]
        self.assertEqual((found["structure"], found["array"], found["arrays_dense"]), ("crossbar-columns", 16, 49 * 7 + 7))
        self.assertAlmostEqual(found["weights_left_percent"], 30, delta=0.1)

        self.mlp("pruned", "cut.npz", "--start", self.path("groups.npz"), "--keep-zeros", "--cut-share", "0.8", "--epochs", "3",
                 "--lr", "0.05")
        cut, record = checkpoint.load_fixed(self.path("cut.npz"))
        self.assertEqual(cut.held, model.step_exponents())
        for weight, old, codes, limit in zip(cut.weights, model.weights, cut.codes(), record["cut_codes"].values()):
            self.assertEqual(int(codes.abs().max()), limit)
            self.assertLess(limit, 128)
            self.assertTrue(bool((weight[old == 0] == 0).all()))
        self.assertEqual(record["crossbar_compression"]["structure"], "crossbar-columns")

        self.works(test_programs.export, self.path("cut.npz"), "--name", "cut", "--out", self.folder)
        with open(self.path("cut.yaml"), encoding="utf-8") as file:
            text = file.read()
        for line in ('prune_structure: "crossbar-columns"', "array: 16", 'prune_keep: ["fc2"]', "cut_share: 0.8",
                     'cut_scale: "kept"', "fc1: " + json.dumps(record["cut_codes"]["fc1"]), "crossbar_compression:"):
            self.assertIn(line, text)
        plan = networks.build("mlp", [1, 28, 28])
        shipped = onnx_start.read(self.path("cut.onnx.gz"), plan, "nearest")
        self.assertTrue(all(torch.equal(a, b) for a, b in zip(shipped.codes(), cut.codes())))
        self.mlp("dense", "again.npz", "--start", self.path("cut.onnx.gz"), "--epochs", "0", "--cut-share", "0.9")
        self.assertEqual(checkpoint.load_fixed(self.path("again.npz"))[0].held, cut.held)

    def test_channels_and_their_biases(self):
        self.mlp("pruned", "c.npz", *self.dense, "--epochs", "3", "--prune", "0.5", "--prune-structure", "channels",
                 "--prune-every", "2")
        self.mlp("pruned", "d.npz", "--start", self.path("c.npz"), "--keep-zeros", "--cut-share", "0.9")
        for name in ("c.npz", "d.npz"):
            model, _ = checkpoint.load_fixed(self.path(name))
            gone = (model.weights[0] == 0).all(1)
            self.assertEqual(int(gone.sum()), 50)  # an output is one of a hundred, and so is what it takes away
            self.assertTrue(bool((model.biases[0][gone] == 0).all() and (model.weights[1][:, gone] == 0).all()))

    def test_stopped_runs_go_on(self):
        """The last masks come one step before a stop: what goes then still has momentum, its biases too."""
        self.compare("pruned", *self.dense, "--prune", "0.6", "--prune-structure", "channels", "--prune-every", "4",
                     "--prune-end", "0.5")

    def test_a_stopped_cut_goes_on(self):
        self.compare("dense", *self.dense, "--cut-share", "0.7", "--lr", "0.1")
        with np.load(self.path("whole.npz")) as whole:
            record = json.loads(str(whole["record"]))
        model, _ = checkpoint.load_fixed(self.path("whole.npz"))
        self.assertEqual([int(c.abs().max()) for c in model.codes()], list(record["cut_codes"].values()))


if __name__ == "__main__":
    unittest.main()
