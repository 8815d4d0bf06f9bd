// Numbers as people read them in tables: four significant digits, SI prefix, unit; thousands grouped. Never
// read back: stats.json has the exact values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sliver::results {

/// "871.8 us" for (8.718e-4, "s"); prefixes from femto to tera, plain zero for 0.
std::string si(double value, std::string_view unit);
/// "12.34 %" of a share from 0 to 1; tiny shares in powers of ten; "-" where the whole is 0.
std::string percent(std::uint64_t part, std::uint64_t whole);
/// "80,748,544".
std::string grouped(std::uint64_t count);
/// "2,272 arrays, 4,544 without packing: 2.00 times fewer"; `arrays` is not 0.
std::string packing_text(std::uint64_t arrays, std::uint64_t unpacked);
/// Whole where `value` is whole, else with two decimals: cycles.
std::string cycles_text(std::uint64_t femtoseconds, std::uint64_t cycle);
/// Most significant slice first, as tables label it: "1 3 3 3" for {3, 3, 3, 1}; "-" for nothing.
std::string slices_text(const std::vector<int>& by_slice);
/// The shortest text that reads as exactly `value`; std::logic_error for what is not finite: no such value
/// may leave.
std::string exact(double value);

}  // namespace sliver::results
