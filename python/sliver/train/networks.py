"""Networks as plans: a list of steps that every form of a network here executes (dense.py, fixed.py, onnx_graph.py).

A plan is plain data and goes into the checkpoint as JSON:
    {"network": name, "image": [channels, height, width], "norm": batch norm while in float, "steps": [...]}
A step reads the maps named in "from" ("image" is the input) and makes the map of its own name; the last one makes the logits:
    conv     outputs, kernel, stride, relu, pool   square kernel, padding kernel // 2; pool: 2x2 max pool behind it
    linear   outputs, relu, dropout                a map with height and width is flattened first; dropout: of its input
    add      relu                                  of two maps
    average                                        over height and width, one value a channel
Conv and linear steps are the layers, they alone have weights.
"""
from .errors import BadInput

VGG11 = [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"]
VGG16 = [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"]


def conv(name, source, outputs, kernel=3, stride=1, relu=True, pool=False):
    return {"op": "conv", "name": name, "from": [source], "outputs": outputs, "kernel": kernel, "stride": stride, "relu": relu,
            "pool": pool}


def linear(name, source, outputs, relu=False, dropout=0.0):
    return {"op": "linear", "name": name, "from": [source], "outputs": outputs, "relu": relu, "dropout": dropout}


def vgg(name, image, items, hidden=(), classes=10, norm=True, dropout=0.0):
    """A chain of 3x3 convolutions ("M": a pool behind the one before), `hidden` linear layers and the classifier."""
    steps, source = [], "image"
    for item in items:
        if item == "M":
            steps[-1]["pool"] = True
        else:
            steps.append(conv(f"conv{len(steps) + 1}", source, item))
            source = steps[-1]["name"]
    for i, width in enumerate((*hidden, classes)):
        last = i == len(hidden)
        steps.append(linear(f"fc{i + 1}", source, width, not last, 0.0 if last else dropout))
        source = steps[-1]["name"]
    return {"network": name, "image": list(image), "norm": norm, "steps": steps}


def mlp(name, image, hidden=(100,), classes=10):
    return vgg(name, image, [], hidden, classes, norm=False)


def resnet(name, image, widths=(16, 32, 64), blocks=3, classes=10):
    """Basic blocks; the first of a stage halves the map and has a 1x1 convolution as its shortcut."""
    steps, source, channels = [conv("conv1", "image", widths[0])], "conv1", widths[0]
    for stage, width in enumerate(widths):
        for block in range(blocks):
            stride = 2 if stage and block == 0 else 1
            label, shortcut = f"stage{stage + 1}_block{block + 1}_", source
            steps.append(conv(label + "conv1", source, width, stride=stride))
            steps.append(conv(label + "conv2", label + "conv1", width, relu=False))
            if stride != 1 or width != channels:
                steps.append(conv(label + "shortcut", source, width, kernel=1, stride=stride, relu=False))
                shortcut = label + "shortcut"
            steps.append({"op": "add", "name": label + "add", "from": [label + "conv2", shortcut], "relu": True})
            source, channels = label + "add", width
    steps += [{"op": "average", "name": "average", "from": [source]}, linear("fc1", "average", classes)]
    return {"network": name, "image": list(image), "norm": True, "steps": steps}


_BUILDERS = {
    "mlp": lambda image, classes: mlp("mlp", image, classes=classes),
    "vgg11": lambda image, classes: vgg("vgg11", image, VGG11, classes=classes),
    "vgg11-plain": lambda image, classes: vgg("vgg11-plain", image, VGG11, (512, 512), classes, norm=False, dropout=0.5),
    "vgg16": lambda image, classes: vgg("vgg16", image, VGG16, classes=classes),
    "resnet20": lambda image, classes: resnet("resnet20", image, classes=classes),
}
NAMES = tuple(_BUILDERS)


def build(name, image, classes=10):
    """The plan of a network by its name for images of this shape [channels, height, width]."""
    plan = _BUILDERS[name](image, classes)
    map_shapes(plan)
    return plan


def legacy_vgg(pooled, weight_shapes):
    """The plan of a checkpoint from before there were plans: a chain of convolutions and one classifier."""
    items = []
    for pool, shape in zip(pooled, weight_shapes):
        items += [shape[0], "M"] if pool else [shape[0]]
    classes, features = weight_shapes[-1]
    edge = round((features / weight_shapes[-2][0]) ** 0.5) << sum(pooled)
    return vgg("vgg11", [weight_shapes[0][1], edge, edge], items, classes=classes)


def layers(plan):
    """The steps that have weights, in order."""
    return [step for step in plan["steps"] if step["op"] in ("conv", "linear")]


def map_shapes(plan):
    """{map: [channels, height, width], or [features] behind a linear step}; refuses a plan that does not fit its image."""
    shapes = {"image": list(plan["image"])}
    for step in plan["steps"]:
        shape = shapes[step["from"][0]]
        if step["op"] == "conv":
            edges = [(n + 2 * (step["kernel"] // 2) - step["kernel"]) // step["stride"] + 1 for n in shape[1:]]
            shape = [step["outputs"]] + [n // 2 if step["pool"] else n for n in edges]
        elif step["op"] == "linear":
            shape = [step["outputs"]]
        elif step["op"] == "average":
            shape = [shape[0], 1, 1]
        elif shape != shapes[step["from"][1]]:
            raise BadInput(f"network {plan['network']}: step {step['name']} adds maps of {shape} and {shapes[step['from'][1]]}")
        if min(shape) < 1:
            raise BadInput(f"network {plan['network']}: images of {plan['image']} are too small: step {step['name']} has {shape}")
        shapes[step["name"]] = shape
    return shapes


def weight_shapes(plan):
    """The shape of each layer's weights, in order: (outputs, inputs, kernel, kernel) or (outputs, inputs)."""
    shapes, result = map_shapes(plan), []
    for step in layers(plan):
        source = shapes[step["from"][0]]
        if step["op"] == "conv":
            result.append((step["outputs"], source[0], step["kernel"], step["kernel"]))
        else:
            features = 1
            for extent in source:
                features *= extent
            result.append((step["outputs"], features))
    return result


def walk(plan, image, compute):
    """Executes a plan: compute(step, *inputs) makes each map. Returns the last one; maps are dropped after their last reader."""
    last_reader = {source: i for i, step in enumerate(plan["steps"]) for source in step["from"]}
    values = {"image": image}
    for i, step in enumerate(plan["steps"]):
        made = compute(step, *(values[source] for source in step["from"]))
        for source in set(step["from"]):
            if last_reader[source] == i:
                del values[source]
        values[step["name"]] = made
    return made


def describe(plan):
    """The architecture in one sentence, for the card."""
    convs = [step for step in plan["steps"] if step["op"] == "conv"]
    linears = [step for step in plan["steps"] if step["op"] == "linear"]
    features = weight_shapes(plan)[len(layers(plan)) - len(linears)][1]
    classifier = "-to-".join(str(n) for n in [features] + [step["outputs"] for step in linears])
    norm = "; batch norm folded into weights and biases before quantisation" if plan["norm"] else "; no batch norm"
    if not convs:
        return f"Linear layers {classifier.replace('-to-', '-')}, ReLU, biases{norm}"
    if any(step["op"] == "add" for step in plan["steps"]):
        depth = len([step for step in convs if step["kernel"] == 3]) + len(linears)
        widths = "-".join(str(width) for width in sorted({step["outputs"] for step in convs}))
        return (f"Residual network of {depth} layers: 3x3 convolutions with padding 1 in basic blocks of {widths} channels, 1x1 "
                f"convolutions as shortcuts where a stage begins, global average pool, one {classifier} classifier{norm}")
    items = "-".join(f"{step['outputs']}-M" if step["pool"] else str(step["outputs"]) for step in convs)
    return (f"VGG-{len(convs) + 3}: {items}, 3x3 convolutions with padding 1, ReLU, 2x2 max pools, "
            + (f"one {classifier} classifier" if len(linears) == 1 else f"linear layers {classifier}") + norm)
