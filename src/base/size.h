// A number that is never negative by its meaning (rows, columns, a layer) as an index into memory: the one
// conversion for which -Wconversion would otherwise have a cast in every line.
#pragma once

#include <cstddef>

namespace sliver {

constexpr std::size_t size(int value) {
    return static_cast<std::size_t>(value);
}

}  // namespace sliver
