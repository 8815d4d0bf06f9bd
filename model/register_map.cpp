#include "model/register_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace sliver::model::reg {
namespace {

constexpr bool offsets_are_words() {
    for (std::size_t i = 0; i < kRegisters.size(); ++i)
        if (kRegisters[i].offset % 4 != 0 || kRegisters[i].offset >= kMapBytes ||
            (i > 0 && kRegisters[i].offset <= kRegisters[i - 1].offset))
            return false;
    return true;
}
static_assert(offsets_are_words(), "registers are words inside the map, in ascending order");

constexpr std::string_view kLow = "_LO", kHigh = "_HI";

constexpr bool ends_with(std::string_view name, std::string_view end) {
    return name.size() > end.size() && name.substr(name.size() - end.size()) == end;
}

constexpr bool words_are_pairs() {
    for (std::size_t i = 0; i < kRegisters.size(); ++i) {
        if (!ends_with(kRegisters[i].name, kLow)) continue;
        if (i + 1 == kRegisters.size() || !ends_with(kRegisters[i + 1].name, kHigh) ||
            kRegisters[i].offset % 8 != 0 || kRegisters[i + 1].offset != kRegisters[i].offset + 4)
            return false;
    }
    return true;
}
static_assert(words_are_pairs(), "a low word lies at a multiple of 8, its high word behind it");

}  // namespace

std::string_view access_name(Access access) {
    switch (access) {
        case Access::read_only:
            return "read";
        case Access::write_only:
            return "write";
        case Access::read_write:
            return "read, write";
        case Access::write_one_to_clear:
            return "read, 1 clears";
        case Access::counter_low:
            return "read, keeps high";
        case Access::counter_high:
            return "read, as kept";
    }
    throw std::logic_error("access outside of its enumeration");
}

const Register* find_register(std::uint64_t offset) {
    const auto* const found =
        std::find_if(kRegisters.begin(), kRegisters.end(),
                     [offset](const Register& candidate) { return candidate.offset == offset; });
    return found == kRegisters.end() ? nullptr : found;
}

bool is_low_word(const Register& low) {
    return ends_with(low.name, kLow);
}

std::string register_table() {
    std::string table = "| offset | register | access | meaning |\n| --- | --- | --- | --- |\n";
    for (const Register& row : kRegisters)
        table += fmt::format("| 0x{:02X} | `{}` | {} | {} |\n", static_cast<unsigned>(row.offset), row.name,
                             access_name(row.access), row.meaning.empty() ? "Its bits 63..32" : row.meaning);
    return table;
}

}  // namespace sliver::model::reg
