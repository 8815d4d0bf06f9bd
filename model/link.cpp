#include "model/link.h"

#include <fmt/format.h>

#include "model/kernel_time.h"
#include "model/log.h"

namespace sliver::model {

sc_core::sc_time Link::carry(const sc_core::sc_time& ready, const Load& load) {
    const sc_core::sc_time start = server_.serve(ready, times(common_.clock, load.flits));
    if (start > ready) {
        ++common_.counters.waits;
        add_to(common_.counters.waited, start - ready);
        log(LogModule::mesh, LogLevel::trace, [&] {
            return fmt::format("a packet to port {} waits {} for a link", load.port,
                               (start - ready).to_string());
        });
    }
    if (common_.timeline != nullptr && common_.timeline->follows_node(load.payer))
        common_.timeline->span(Timeline::Kind::packet, lane_, start, server_.free_at(),
                               {0, 0, {load.flits, load.port, femtoseconds(start - ready)}});
    return start;
}

}  // namespace sliver::model
