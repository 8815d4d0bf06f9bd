#include "model/host_link.h"

#include "model/kernel_time.h"

namespace sliver::model {

sc_core::sc_time HostLink::time_of(std::size_t bytes) const {
    if (bytes_per_s_ <= 0) return sc_core::SC_ZERO_TIME;
    return from_seconds(static_cast<double>(bytes) / bytes_per_s_);
}

void HostLink::carry(Way& way, const sc_core::sc_time& ready, std::size_t bytes) const {
    way.bytes += bytes;
    way.server.serve(ready, time_of(bytes));
}

}  // namespace sliver::model
