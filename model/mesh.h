// Mesh: the concentrated mesh between the tiles and the host (mesh.kind: mesh).
//
// Composes routers in a grid, each with links to its neighbours and to the ports of the tiles that share it;
// the host is at router 0. Routes, times and counts: timing/mesh_routes.h, routed_interconnect.h.
#pragma once

#include "model/routed_interconnect.h"

namespace sliver::model {

class Mesh : public RoutedInterconnect {
  public:
    Mesh(const sc_core::sc_module_name& name, const InterconnectSetup& setup);
};

}  // namespace sliver::model
