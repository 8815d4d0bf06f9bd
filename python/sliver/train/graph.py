"""What PyTorch's tracer (torch.fx) tells about any nn.Module: batch norms to fold, and which layer reads the maps of which."""
import copy

import torch
import torch.fx
import torch.nn as nn
import torch.nn.functional as F

from .dense import fold_batch_norm
from .errors import BadInput

# What passes a map on channel by channel: outputs that are gone stay gone behind it.
_MODULES = (nn.ReLU, nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.Dropout, nn.Dropout2d, nn.Identity, nn.Flatten)
_FUNCTIONS = (torch.relu, F.relu, F.max_pool2d, F.avg_pool2d, F.adaptive_avg_pool2d, F.dropout, torch.flatten)
_METHODS = ("relu", "relu_", "flatten", "contiguous")
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


def _passes(node, layer):
    """Whether a node hands each channel of its one input on by itself. A flattening must leave the images apart."""
    if node.op == "call_module":
        return isinstance(layer, _MODULES) and getattr(layer, "start_dim", 1) == 1
    if (node.op, node.target) in (("call_function", torch.flatten), ("call_method", "flatten")):
        return node.args[1:] == (1,) or (len(node.args) == 1 and node.kwargs == {"start_dim": 1})
    return (node.op == "call_function" and node.target in _FUNCTIONS) or (node.op == "call_method" and node.target in _METHODS)


def _traced(module, why):
    try:
        return torch.fx.symbolic_trace(module)
    except Exception as error:  # the tracer raises whatever the module's own code does on symbolic values
        raise BadInput(f"{type(module).__name__} cannot be traced by torch.fx, which {why} needs: "
                       f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}") from error


def fold_batch_norms(module):
    """A copy of any nn.Module in evaluation mode whose batch norms are folded into the nn.Conv2d or nn.Linear before them.

    The folding is in double, rounded to single precision once. A module without batch norm is copied as it is; one with any is
    traced, so that its forward must be what torch.fx can follow. BadInput where it cannot, or where a batch norm does not stand
    directly behind one layer that nothing else reads.
    """
    module = copy.deepcopy(module).eval()
    if not any(isinstance(m, _NORMS) for m in module.modules()):
        return module
    traced = _traced(module, "the folding of batch norms")
    modules = dict(traced.named_modules())
    for node in list(traced.graph.nodes):
        norm = modules.get(node.target) if node.op == "call_module" else None
        if not isinstance(norm, _NORMS):
            continue
        source = node.args[0]
        layer = modules.get(source.target) if source.op == "call_module" else None
        if norm.running_var is None:
            raise BadInput(f"batch norm {node.target} keeps no running statistics (track_running_stats): it cannot be folded")
        if not isinstance(layer, (nn.Conv2d, nn.Linear)) or len(source.users) > 1:
            raise BadInput(f"batch norm {node.target} stands behind no nn.Conv2d or nn.Linear of its own: it cannot be folded")
        weight, bias = fold_batch_norm(layer, norm)
        layer.weight, layer.bias = nn.Parameter(weight), nn.Parameter(bias)
        node.replace_all_uses_with(source)
        traced.graph.erase_node(node)
    traced.graph.lint()
    traced.recompile()
    traced.delete_all_unused_submodules()
    return traced


def channel_sources(module, names):
    """Layer by layer (number of the layer whose outputs it reads, rows an output), or None where those outputs must all stay.

    names  of the layers of `module` in order. What the tracer cannot follow channel by channel (additions, concatenations,
    reshapes by size, grouped convolutions, outputs of the module) keeps its channels. BadInput where the module cannot be traced.
    """
    traced, modules = _traced(module, "pruning by channels"), dict(module.named_modules())
    source, readers, stay = {}, {}, set()  # node -> number of the layer that made its channels
    for node in traced.graph.nodes:
        inputs = [source.get(n) for n in node.all_input_nodes]
        layer = modules.get(node.target) if node.op == "call_module" else None
        if node.op == "call_module" and node.target in names:
            number = names.index(node.target)
            if number in readers or getattr(layer, "groups", 1) > 1:  # called twice, or it mixes no channels
                stay.update(i for i in (*inputs, readers.get(number), number) if i is not None)
                readers[number] = None
            else:
                readers[number] = inputs[0]
            source[node] = number
        elif len(inputs) == 1 and _passes(node, layer):
            source[node] = inputs[0]
        else:
            stay.update(i for i in inputs if i is not None)
    result = []
    for number, name in enumerate(names):
        made = readers.get(number)
        if made is None or made in stay:
            result.append(None)
            continue
        rows, outputs = modules[name].weight[0].numel(), len(modules[names[made]].weight)
        result.append((made, rows // outputs) if rows % outputs == 0 else None)
    return result
