// `sliver study adc`: fills study::AdcStudy from the functional engine and the chip.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/commands.h"

namespace sliver::cli {

void add_study_adc(CLI::App& study, Action& chosen);

}  // namespace sliver::cli
