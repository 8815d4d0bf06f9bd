#include "model/tile_bus.h"

#include "model/kernel_time.h"

namespace sliver::model {

sc_core::sc_time TileBus::move(std::size_t bytes) {
    bytes_ += bytes;
    if (!bounded()) return sc_core::SC_ZERO_TIME;
    const sc_core::sc_time& now = sc_core::sc_time_stamp();
    server_.serve(now, from_seconds(static_cast<double>(bytes) / bytes_per_s_));
    return server_.free_at() - now;
}

}  // namespace sliver::model
