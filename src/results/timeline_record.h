// What a run was seen doing, event by event: who was busy with what from when to when, and who waited for
// what.
//
// Recorded by model/ (model/timeline.h) where it was asked for, written by chrome_trace.h and vcd.h. Plain
// data; times are integer femtoseconds, the kernel's own. An event lies in a lane (a tile's windows, a
// processing element, a converter, a link), lanes lie in processes (a tile, the mesh, the host), as trace
// viewers call them. Processes and lanes are all there, with events or without.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace sliver::results {

enum class EventKind : std::uint8_t {
    window,         ///< the crossbars' stage of a tile's part of a layer copy is occupied by a window
    waited_input,   ///< the stage is free, the inputs of its next window are not complete
    waited_output,  ///< the stage is free, inputs complete, the copy's results have no place to wait
    waited_bus,     ///< the stage is free, the window's bytes or older results are on the bus or wait for it
    buffer_full,    ///< a packet waits until its receiver has room
    finish,         ///< activation and eDRAM write of a column block
    read,           ///< a digit plane on the crossbars of a processing element: T_read
    conversion,     ///< a converter's burst
    packet,         ///< a link is taken by a packet
    image,          ///< from injection to last logit
    row,            ///< a row of an image on the link from the host
    logits,         ///< logits on the link to the host
    buffer_bytes,   ///< no span: the level of a tile's buffer from here on
};

/// Names for files and readers; `details` by place in TimelineEvent::details, null: not in use.
struct EventKindText {
    const char* name;
    bool has_image, has_window;
    std::array<const char*, 4> details;
};
const EventKindText& text_of(EventKind kind);

struct TimelineEvent {
    std::uint64_t start_fs = 0;
    std::uint64_t duration_fs = 0;
    std::uint32_t lane = 0;
    EventKind kind = EventKind::window;
    std::uint32_t image = 0, window = 0;
    std::array<std::uint64_t, 4> details{};
    [[nodiscard]] std::uint64_t end_fs() const { return start_fs + duration_fs; }
};

struct TimelineProcess {
    std::string name;
    std::uint32_t order = 0;  ///< among the processes, from the top
};

struct TimelineLane {
    std::uint32_t process = 0;
    std::string name;
    std::optional<std::size_t> layer;  ///< none: mesh, host
};

/// What to record: all events of the layers that overlap [from, to). Traffic and host belong to every layer.
struct TimelineRequest {
    std::vector<std::string> layers;  ///< by name; empty: all
    std::uint64_t from_fs = 0;
    std::uint64_t to_fs = std::numeric_limits<std::uint64_t>::max();
    /// After so many events nothing that begins later is recorded; what had begun before still is.
    std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
};

/// The option of the command line by which layers are named.
inline constexpr const char* kTraceLayer = "--trace-layer";

/// InputError for a layer that `names` does not have, with the nearest that it has; `option`: who asked.
void check_layers(const TimelineRequest& request, const std::vector<std::string>& names, const char* option);

struct TimelineRecord {
    TimelineRequest request;
    std::vector<std::string> layers;  ///< of the network
    std::vector<TimelineProcess> processes;
    std::vector<TimelineLane> lanes;
    std::vector<TimelineEvent> events;  ///< as they were recorded, not by time
    /// When the limit was reached: all that began before is there. None: it was not.
    std::optional<std::uint64_t> complete_until_fs;
    std::uint64_t left_out = 0;    ///< events behind the limit
    std::uint64_t elapsed_fs = 0;  ///< of the run
};

/// What a timeline file says about its origin.
struct TimelineSource {
    std::string version, network, chip;
};

}  // namespace sliver::results
