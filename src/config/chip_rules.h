// Rules between the keys of a chip: what chip_keys.h cannot say of one key alone. Private to this module.
#pragma once

#include <functional>
#include <string>

#include "config/chip_config.h"

namespace sliver::config {

/// Called with a key and the rule that it breaks; does not return.
using Complaint = std::function<void(const std::string& key, const std::string& rule)>;

/// Checks `chip`, whose single values are in range; the first rule that is broken goes to `complain`.
void check_rules(const ChipConfig& chip, const Complaint& complain);

}  // namespace sliver::config
