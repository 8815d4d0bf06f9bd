#include "cost/actions.h"

#include <numeric>

#include "base/error.h"

namespace sliver::cost {
namespace {

void require_order(std::string_view where, std::string_view small_name, std::uint64_t small,
                   std::string_view large_name, std::uint64_t large) {
    if (small > large)
        refuse("{}: {} = {}, {} = {}: the first cannot exceed the second", where, small_name, small,
               large_name, large);
}

/// Calls combine(mine, theirs) for every entry of two lists of counts.
template <typename Counts, typename Combine>
void for_entries(Counts& mine, const Counts& theirs, Combine&& combine) {
    for (std::size_t i = 0; i < mine.size(); ++i) combine(mine[i], theirs[i]);
}

/// The same for every count of two Actions.
template <typename Combine>
void for_pairs(Actions& a, const Actions& b, Combine&& combine) {
    for (const ActionInfo& info : kActions) {
        if (info.count != nullptr)
            combine(a.*info.count, b.*info.count);
        else if (info.by_width != nullptr)
            for_entries(a.*info.by_width, b.*info.by_width, combine);
        else
            for_entries(a.*info.by_level, b.*info.by_level, combine);
    }
}

}  // namespace

std::uint64_t sum(const WidthCounts& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

std::uint64_t sum(const LevelCounts& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

Actions& Actions::operator+=(const Actions& other) {
    for_pairs(*this, other, [](std::uint64_t& mine, std::uint64_t theirs) { mine += theirs; });
    return *this;
}

Actions& Actions::operator-=(const Actions& other) {
    for_pairs(*this, other, [](std::uint64_t& mine, std::uint64_t theirs) { mine -= theirs; });
    return *this;
}

bool operator==(const Actions& a, const Actions& b) {
    for (const ActionInfo& info : kActions) {
        const bool equal = info.count != nullptr      ? a.*info.count == b.*info.count
                           : info.by_width != nullptr ? a.*info.by_width == b.*info.by_width
                                                      : a.*info.by_level == b.*info.by_level;
        if (!equal) return false;
    }
    return true;
}

void check_actions(const Actions& a, std::string_view where) {
    for (const ActionInfo& info : kActions)
        if (info.by_width != nullptr && (a.*info.by_width)[0] != 0)
            refuse("{}: {}[0] = {}: a converter has at least 1 bit", where, info.name, (a.*info.by_width)[0]);
    require_order(where, "conversions_used", sum(a.conversions_used), "conversions_all",
                  sum(a.conversions_all));
    require_order(where, "clipped", a.clipped, "conversions_used", sum(a.conversions_used));
    require_order(where, "cells_used", a.cells_used, "cells_whole", a.cells_whole);
    require_order(where, "cells_driven", a.cells_driven, "cells_used", a.cells_used);
    require_order(where, "conducting_cells", a.conducting_cells, "cells_driven", a.cells_driven);
    require_order(where, "cells_driven", a.cells_driven, "the sum of cells_by_level", sum(a.cells_by_level));
    require_order(where, "row_drives_used", a.row_drives_used, "row_drives_whole", a.row_drives_whole);
    require_order(where, "row_drives_driven", a.row_drives_driven, "row_drives_used", a.row_drives_used);
    require_order(where, "samples_used", a.samples_used, "samples_whole", a.samples_whole);
    require_order(where, "shift_adds_used", a.shift_adds_used, "shift_adds_whole", a.shift_adds_whole);
}

}  // namespace sliver::cost
