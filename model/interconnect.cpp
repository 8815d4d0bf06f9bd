#include "model/interconnect.h"

#include "base/error.h"
#include "model/crossbar_switch.h"
#include "model/ideal_interconnect.h"
#include "model/mesh.h"

namespace sliver::model {

void Interconnect::reset() {
    refuse("reset: the interconnect that the chip was given cannot be reset (Interconnect::reset)");
}

std::unique_ptr<Interconnect> make_interconnect(const InterconnectSetup& setup) {
    switch (setup.config.kind) {
        case config::MeshKind::crossbar_switch:
            return std::make_unique<CrossbarSwitch>("crossbar_switch", setup);
        case config::MeshKind::ideal:
            return std::make_unique<IdealInterconnect>("ideal", setup);
        default:
            return std::make_unique<Mesh>("mesh", setup);
    }
}

}  // namespace sliver::model
