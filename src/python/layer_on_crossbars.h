// One matrix on the arrays of a chip, for whoever has activations of his own: sliver.torch's Crossbars.
#pragma once

#include <pybind11/pybind11.h>

namespace sliver::python {

/// Adds the class LayerOnCrossbars to the module.
void bind_layer_on_crossbars(pybind11::module_& module);

}  // namespace sliver::python
