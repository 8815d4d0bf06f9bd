// What `sliver crossbar solve` shows and leaves: tables for the terminal, and the files of its folder.
//
// solve.json is an interface (docs/wires.md); `sliver report` makes its page of it.
#pragma once

#include <optional>
#include <string>

#include "base/output_folder.h"
#include "study/crossbar_inputs.h"
#include "study/crossbar_solution.h"

namespace sliver::study {

struct CrossbarResult {
    std::string version;
    NamedFile cells_file, voltages_file;
    bool given_as_resistances = false;
    bool one_input_list = false;  ///< voltages of shape (rows): arrays of results have no axis of inputs
    device::CellConductances cells;
    device::WireResistances wires;
    device::IdleRows idle = device::IdleRows::grounded;
    CrossbarSolution solution;
    std::optional<device::CellConductances> effective;  ///< Geff, where idle rows are grounded
};

/// "grounded", "floating" or "gated".
const char* word_of(device::IdleRows idle);
/// And back; InputError that begins with `option` for another word.
device::IdleRows idle_rows(const char* option, const std::string& word);

std::string crossbar_text(const CrossbarResult& result);
/// Needs the nodes of the solution.
void write_crossbar(const OutputFolder& folder, const CrossbarResult& result);

}  // namespace sliver::study
