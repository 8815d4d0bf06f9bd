// The sections of a solved crossbar's report, one file each. A builder returns nothing where solve.json has
// not its data.
//
// InputError where data are there, but of the wrong type.
#pragma once

#include <optional>
#include <string>

#include "report/page.h"
#include "report/source.h"

namespace sliver::report::crossbar {

std::optional<Section> summary(const Source& solve);  ///< the array, its wires, every input
std::optional<Section> columns(const Source& solve);  ///< currents and losses of the worst input
std::optional<Section> maps(const Source& solve);     ///< node voltages, effective conductances

/// The input that columns and maps show, in the list `inputs`.
Pointer worst_input(const Source& solve);

}  // namespace sliver::report::crossbar
