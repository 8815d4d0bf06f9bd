// How values are written in a chip file: shared by the writer and by the defaults in the documentation.
// Private to this module.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/chip_keys.h"

namespace sliver::config {

std::string value_text(const std::string& text);  ///< quoted: no text is taken for a number or for nothing
std::string value_text(int number);
std::string value_text(double number);
std::string value_text(bool flag);
std::string value_text(const std::vector<int>& numbers);
std::string value_text(const std::optional<std::int64_t>& bytes);
std::string quantity_text(double value, Dimension dimension, Unlimited unlimited);

}  // namespace sliver::config
