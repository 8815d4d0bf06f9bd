#include "model/crossbar_switch.h"

namespace sliver::model {

CrossbarSwitch::CrossbarSwitch(const sc_core::sc_module_name& name, const InterconnectSetup& setup)
    : RoutedInterconnect(name, setup, "switch", [](std::size_t) { return "switch"; }) {}

}  // namespace sliver::model
