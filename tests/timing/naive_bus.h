// The bus of a tile as docs/time.md has it, played through event by event: a layer whose copies have a part
// each on one tile, inputs that are there from the beginning, places for all results.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

namespace naive_bus {

/// Femtoseconds, but for the numbers of windows and copies.
struct Setting {
    std::size_t windows = 0, copies = 0;
    std::uint64_t cycle = 0;
    std::uint64_t occupied = 0;     ///< the arrays, by a window
    std::uint64_t ready = 0;        ///< from a window's first plane to its results
    std::uint64_t in = 0, out = 0;  ///< a window's bytes and its results on the bus
};

struct Result {
    std::uint64_t first_driven = 0, last_driven = 0, last_crossed = 0;
    std::uint64_t waited = 0;  ///< parts whose arrays were free, all together
    std::uint64_t moved = 0;   ///< time the bus was busy
};

inline Result play(const Setting& setting) {
    struct Part {
        std::size_t windows = 0, fetched = 0, driven = 0, waiting = 0;
        std::uint64_t there = 0, arrays_free = 0;
        bool fetching = false;
    };
    constexpr std::uint64_t kNever = ~std::uint64_t{0};
    std::vector<Part> parts(setting.copies);
    for (std::size_t window = 0; window < setting.windows; ++window) ++parts[window % setting.copies].windows;
    for (Part& part : parts) part.arrays_free = setting.cycle;
    std::multimap<std::uint64_t, std::size_t> ready, crossed;  // when, whose results
    std::uint64_t bus_free = 0, now = 0;
    Result result;
    result.first_driven = kNever;
    const auto move = [&](std::uint64_t time) {
        bus_free = std::max(bus_free, now) + time;
        result.moved += time;
        return bus_free;
    };
    for (;;) {
        for (; !crossed.empty() && crossed.begin()->first == now; crossed.erase(crossed.begin())) {
            --parts[crossed.begin()->second].waiting;
            result.last_crossed = now;
        }
        for (; !ready.empty() && ready.begin()->first == now; ready.erase(ready.begin())) {
            ++parts[ready.begin()->second].waiting;
            crossed.emplace(move(setting.out), ready.begin()->second);
        }
        for (std::size_t i = 0; i < parts.size(); ++i) {
            Part& part = parts[i];
            if (part.fetching && part.there <= now && part.arrays_free <= now && part.waiting < 2) {
                result.first_driven = std::min(result.first_driven, now);
                result.last_driven = std::max(result.last_driven, now);
                result.waited += now - part.arrays_free;
                part.arrays_free = now + setting.occupied;
                ready.emplace(now + setting.ready, i);
                part.fetching = false;
                ++part.driven;
            }
            if (!part.fetching && part.fetched < part.windows) {
                part.there = std::max(now + setting.cycle, move(setting.in));
                part.fetching = true;
                ++part.fetched;
            }
        }
        std::uint64_t next = kNever;
        const auto see = [&](std::uint64_t time) {
            if (time > now) next = std::min(next, time);
        };
        for (const Part& part : parts) {
            if (part.fetching) see(part.there);
            see(part.arrays_free);
        }
        if (!ready.empty()) see(ready.begin()->first);
        if (!crossed.empty()) see(crossed.begin()->first);
        if (next == kNever) return result;
        now = next;
    }
}

}  // namespace naive_bus
