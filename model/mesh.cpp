#include "model/mesh.h"

#include <string>

namespace sliver::model {

Mesh::Mesh(const sc_core::sc_module_name& name, const InterconnectSetup& setup)
    : RoutedInterconnect(name, setup, "mesh",
                         [](std::size_t router) { return "router " + std::to_string(router); }) {}

}  // namespace sliver::model
