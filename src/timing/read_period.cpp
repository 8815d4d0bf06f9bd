#include "timing/read_period.h"

#include <algorithm>
#include <numeric>

#include "mapping/placement.h"
#include "timing/femtoseconds.h"

namespace sliver::timing {

VisitedColumns every_column(const config::ChipConfig& chip, const std::vector<mapping::ColumnRun>& runs) {
    VisitedColumns visited;
    visited.unused = chip.array.columns - runs.back().end();
    for (const mapping::ColumnRun& run : runs) visited.by_slice.push_back(run.columns);
    return visited;
}

std::vector<std::uint64_t> sweeps_of(const config::ChipConfig& chip, const std::vector<int>& bits,
                                     const VisitedColumns& columns) {
    const std::size_t sweeping = mapping::sweeping_slice(chip.adc.bank, bits);
    const double unused_s = columns.unused * mapping::conversion_time_s(chip.adc, bits[sweeping]);
    std::vector<std::uint64_t> sweeps;
    double used_s = 0;
    for (std::size_t slice = 0; slice < bits.size(); ++slice) {
        const double slice_s = columns.by_slice[slice] * mapping::conversion_time_s(chip.adc, bits[slice]);
        sweeps.push_back(femtoseconds(slice == sweeping ? slice_s + unused_s : slice_s));
        used_s += slice_s;
    }
    if (chip.adc.bank == config::AdcBank::per_slice) return sweeps;
    // One converter does them in a row: its burst is rounded to a femtosecond once.
    std::uint64_t rest = femtoseconds(used_s + unused_s);
    for (std::size_t slice = 0; slice + 1 < sweeps.size(); ++slice) {
        sweeps[slice] = std::min(sweeps[slice], rest);  // shares that were rounded up may pass the whole
        rest -= sweeps[slice];
    }
    sweeps.back() = rest;
    return sweeps;
}

std::vector<std::uint64_t> bursts_of(const config::ChipConfig& chip, const std::vector<int>& bits,
                                     const VisitedColumns& columns) {
    std::vector<std::uint64_t> sweeps = sweeps_of(chip, bits, columns);
    if (chip.adc.bank == config::AdcBank::per_slice) return sweeps;
    return {std::accumulate(sweeps.begin(), sweeps.end(), std::uint64_t{0})};
}

std::uint64_t read_period_fs(const std::vector<ReadArray>& arrays, std::uint64_t cycle_fs) {
    int groups = 0, units = 0;
    for (const ReadArray& array : arrays) {
        groups = std::max(groups, array.group + 1);
        units = std::max(units, array.first_unit + static_cast<int>(array.bursts->size()));
    }
    std::vector<std::uint64_t> free_at(static_cast<std::size_t>(groups * units), 0);
    struct Progress {
        int part = 0;
        std::uint64_t driven = 0;
    };
    std::vector<Progress> progress(arrays.size());
    std::uint64_t last = 0;
    while (true) {
        std::size_t next = arrays.size();
        for (std::size_t i = 0; i < arrays.size(); ++i)
            if (progress[i].part < arrays[i].parts &&
                (next == arrays.size() || progress[i].driven < progress[next].driven))
                next = i;
        if (next == arrays.size()) break;
        const ReadArray& array = arrays[next];
        Progress& own = progress[next];
        const std::uint64_t held = own.driven + cycle_fs;
        std::uint64_t converted = held;
        for (std::size_t i = 0; i < array.bursts->size(); ++i) {
            std::uint64_t& free =
                free_at[static_cast<std::size_t>(array.group * units + array.first_unit) + i];
            free = std::max(held, free) + (*array.bursts)[i];
            converted = std::max(converted, free);
        }
        ++own.part;
        last = std::max(last, own.driven);
        own.driven = std::max(own.driven + cycle_fs, converted - cycle_fs);
    }
    std::uint64_t converted = last + 2 * cycle_fs;
    for (const std::uint64_t free : free_at) converted = std::max(converted, free);
    return converted - cycle_fs;
}

}  // namespace sliver::timing
