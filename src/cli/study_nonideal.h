// `sliver study nonideal`: fills study::NonidealStudy from programmed arrays, the functional engine and the
// chip.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/commands.h"

namespace sliver::cli {

void add_study_nonideal(CLI::App& study, Action& chosen);

}  // namespace sliver::cli
