// CrossbarSwitch: one central switch between the tiles and the host (mesh.kind: crossbar-switch).
//
// Composes one router with the injection and the ejection link of every port, and nothing between: a packet
// waits for its own port's links alone. Times and counts: routed_interconnect.h. Does not model: that long
// wires and many inputs make a large switch slow; `mesh.router_cycles` says how slow it is.
#pragma once

#include "model/routed_interconnect.h"

namespace sliver::model {

class CrossbarSwitch : public RoutedInterconnect {
  public:
    CrossbarSwitch(const sc_core::sc_module_name& name, const InterconnectSetup& setup);
};

}  // namespace sliver::model
