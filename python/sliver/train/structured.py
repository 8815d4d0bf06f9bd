"""Structured pruning: masks that take whole groups of weights, which a crossbar need not hold (arXiv 2201.05229).

The matrix of a layer has one row a weight of an output, in the order (input channel, kernel row, kernel column), and one column
an output; weight.reshape(outputs, rows) is its transpose. It is cut into arrays of N rows and N columns from its first row and
column on, the last ones shorter. What goes as a whole:
    channels          (C/F) an output with its bias, so that its map is zero, and the rows of the layers that read this map.
                      Never the outputs of the last layer. Never an output whose map an `add` step reads: the other operand
                      would still need the channel, so that in a residual network only the layers inside the blocks shrink.
                      Rows behind a flatten (height x width a channel) and behind a global average are found
    crossbar-columns  (XCS) the weights of an output in one run of N rows
    crossbar-rows     (XRS) a row's weights of one run of N neighbouring outputs
Groups go by layer-adaptive magnitude (sparsify.lamp_scores) of their mean square, the smallest first, over all layers, as long as
the share of all weights is not exceeded. The largest group of a layer never goes; one that is gone stays out.

Does not permute outputs to make better groups, and does not shrink the network: the zeros stay in the file. Used by tuning.py.
"""
import math

import torch
import torch.nn.functional as F

from . import networks, sparsify

NAMES = ("channels", "crossbar-columns", "crossbar-rows")


def _group_sums(matrix, structure, array):
    """Sums over the groups of a matrix [outputs, rows]: [outputs], [outputs, runs of rows] or [runs of outputs, rows]."""
    outputs, rows = matrix.shape
    if structure == "channels":
        return matrix.sum(1)
    if structure == "crossbar-columns":
        return F.pad(matrix, (0, -rows % array)).reshape(outputs, -1, array).sum(2)
    return F.pad(matrix, (0, 0, 0, -outputs % array)).reshape(-1, array, rows).sum(1)


def _spread(groups, shape, structure, array):
    """The reverse: each group's value for all its weights, [outputs, rows]."""
    outputs, rows = shape
    if structure == "crossbar-columns":
        return groups.repeat_interleave(array, 1)[:, :rows]
    return groups.repeat_interleave(array, 0)[:outputs]


def _matrix(weight):
    return weight.detach().reshape(len(weight), -1)


def channel_sources(plan):
    """Layer by layer (number of the layer whose outputs it reads, rows an output), or None where those must stay."""
    layers, shapes, result = networks.layers(plan), networks.map_shapes(plan), []
    names = [step["name"] for step in layers]
    averages = {step["name"]: step["from"][0] for step in plan["steps"] if step["op"] == "average"}
    added = [source for step in plan["steps"] if step["op"] == "add" for source in step["from"]]
    added += [averages[name] for name in added if name in averages]
    for step in layers:
        source = step["from"][0]
        rows = step["kernel"] ** 2 if step["op"] == "conv" else math.prod(shapes[source][1:])
        source = averages.get(source, source)
        result.append((names.index(source), rows) if source in names and source not in added else None)
    return result


class Structure:
    """Chooses the masks of one network.

    names, shapes  of the layers and of their weights
    sources        for "channels" alone: as channel_sources() gives them
    keep           names of layers whose groups all stay
    """

    def __init__(self, names, shapes, structure, array, keep=(), sources=None):
        self.structure, self.array = structure, array
        self.shapes = [(shape[0], math.prod(shape[1:])) for shape in shapes]
        self.total = sum(outputs * rows for outputs, rows in self.shapes)
        self.sources = sources if structure == "channels" else None
        shrinking = range(len(names)) if self.sources is None else sorted({s[0] for s in self.sources if s is not None})
        self.layers = [i for i in shrinking if names[i] not in keep]
        self.sizes = [_group_sums(torch.ones(shape, dtype=torch.int64), structure, array) for shape in self.shapes]

    def reachable(self):
        """The largest share that can go."""
        kept = [size.reshape(-1) > 0 for size in self.sizes]
        for i in self.layers:
            kept[i] = torch.arange(self.sizes[i].numel()) == int(self.sizes[i].reshape(-1).argmax())
        return self._removed(kept) / self.total

    def _removed(self, kept):
        """Weights that go where these groups stay, layer by layer a flat mask of its groups."""
        if self.sources is None:
            return self.total - sum(int(size.reshape(-1)[k].sum()) for size, k in zip(self.sizes, kept))
        left = 0
        for (_, rows), source, mine in zip(self.shapes, self.sources, kept):
            left += int(mine.sum()) * (rows if source is None else source[1] * int(kept[source[0]].sum()))
        return self.total - left

    def _choose(self, weights, share):
        """Layer by layer a flat mask of the groups that stay."""
        kept = [torch.ones(size.numel(), dtype=torch.bool) for size in self.sizes]
        if not self.layers:
            return kept
        scores, owners, places = [], [], []
        for i in self.layers:
            energy = _group_sums(_matrix(weights[i]).double().square(), self.structure, self.array).cpu()
            scores.append(sparsify.lamp_scores((energy / self.sizes[i]).sqrt()).reshape(-1))
            owners.append(torch.full(scores[-1].shape, i))
            places.append(torch.arange(len(scores[-1])))
        scores = torch.cat(scores)
        order = scores.sort(stable=True).indices
        owners, places = torch.cat(owners)[order], torch.cat(places)[order]

        def stay(count):
            result = [k.clone() for k in kept]
            for i in self.layers:
                result[i][places[:count][owners[:count] == i]] = False
            return result

        allowed = math.floor(share * self.total + 1e-6)
        low, high = int((scores == 0).sum()), int((scores < 1).sum())  # gone already; all but the largest of each layer
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self._removed(stay(middle)) <= allowed else (low, middle - 1)
        return stay(low)

    def masks(self, weights, share):
        """(float masks of the weights, those of the biases or None): 1 keeps; at most `share` of all weights goes."""
        kept, masks = self._choose(weights, share), []
        for i, (weight, shape) in enumerate(zip(weights, self.shapes)):
            if self.sources is None:
                mask = _spread(kept[i].reshape(self.sizes[i].shape), shape, self.structure, self.array)
            else:
                mask = kept[i][:, None].expand(shape)
                if self.sources[i] is not None:
                    mask = mask & kept[self.sources[i][0]].repeat_interleave(self.sources[i][1])
            masks.append(torch.empty_like(weight).copy_(mask.reshape(weight.shape)))  # laid out as the weights
        return masks, None if self.sources is None else [k.to(w) for k, w in zip(kept, weights)]


def of_layers(layers, structure, array, keep=()):
    """The Structure of a network (layers.WeightLayers); "channels" needs one that knows who reads whom: it has channel_sources()."""
    sources = layers.channel_sources() if structure == "channels" else None
    return Structure(layers.names, [weight.shape for weight in layers.weights], structure, array, keep, sources)


def compression(codes, structure, array):
    """What the arrays of a network shrink to where groups without a code other than zero are left out: a dictionary.

    Closed forms, for N x N arrays of one slice and one sign; the others come to the same factor. Packed, the matrix of a layer has
    only the rows and columns left (channels); each run of rows only its columns left (crossbar-columns); each run of columns only
    its rows left (crossbar-rows). Routing around the gaps is not counted.
    """
    dense = packed = left = weights = 0
    arrays = lambda count: math.ceil(count / array)
    for code in codes:
        matrix = (_matrix(code) != 0).long()
        outputs, rows = matrix.shape
        weights += matrix.numel()
        dense += arrays(rows) * arrays(outputs)
        if structure == "channels":
            height, width = int(matrix.any(0).sum()), int(matrix.any(1).sum())
            packed, left = packed + arrays(height) * arrays(width), left + height * width
            continue
        used = _group_sums(matrix, structure, array) > 0
        sizes = _group_sums(torch.ones_like(matrix), structure, array)
        packed += sum(arrays(int(n)) for n in used.sum(0 if structure == "crossbar-columns" else 1))
        left += int(sizes[used].sum())
    return {"structure": structure, "array": array, "weights_left_percent": round(100 * left / weights, 3), "arrays_dense": dense,
            "arrays_packed": packed, "factor": round(dense / max(1, packed), 3)}
