// What `sliver crossbar solve` is given: the cells of one array and the voltages of its rows, from .npy
// files.
//
// InputErrors name the file, the place and the rule. Limits keep every result finite.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "device/cell_conductances.h"

namespace sliver::study {

/// A file and the SHA-256 of its bytes (unpacked, where it is gzip).
struct NamedFile {
    std::string path, sha256;
};

/// At this size the network takes a minute and 1.8 GB to factor (docs/wires.md).
constexpr int kMostCrossbarLines = 1024;
constexpr std::size_t kMostCrossbarInputs = 4096;

struct CrossbarCells {
    NamedFile file;
    device::CellConductances cells;
};
struct CrossbarVoltages {
    NamedFile file;
    std::vector<std::vector<double>> volts;  ///< one list for each input, one voltage a row
    bool one_list = false;                   ///< of shape (rows)
};

/// Of shape (rows, columns): siemens, 0 or from 1e-30 to 1000.
CrossbarCells read_conductances(const std::filesystem::path& path);
/// Of the same shape: ohm, from 0.001 to 1e30; infinity: no cell.
CrossbarCells read_resistances(const std::filesystem::path& path);
/// Of shape (rows) or (inputs, rows): volts, 0 or of a size from 1e-12 to 1e6.
CrossbarVoltages read_voltages(const std::filesystem::path& path, int rows);

/// The same from the bytes of such files; `name` stands in messages.
CrossbarCells parse_conductances(const std::string& npy, const std::string& name);
CrossbarCells parse_resistances(const std::string& npy, const std::string& name);
CrossbarVoltages parse_voltages(const std::string& npy, const std::string& name, int rows);

}  // namespace sliver::study
