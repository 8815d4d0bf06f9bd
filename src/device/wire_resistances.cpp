#include "device/wire_resistances.h"

#include "base/error.h"

namespace sliver::device {

void check(const WireResistances& wires) {
    const auto check_one = [](const char* name, double ohm) {
        // Written so that NaN is refused too.
        if (!(ohm >= kLeastWireOhm && ohm <= kMostWireOhm))
            refuse("{} resistance: value {} ohm: must be from {} to {}", name, ohm, kLeastWireOhm,
                   kMostWireOhm);
    };
    check_one("driver", wires.driver_ohm);
    check_one("row wire", wires.row_ohm);
    check_one("column wire", wires.column_ohm);
    check_one("sense", wires.sense_ohm);
}

}  // namespace sliver::device
