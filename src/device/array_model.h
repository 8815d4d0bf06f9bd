// One crossbar as its converters see it: programmed cells behind real wires, in units of cell levels.
//
// With ideal devices a column sum is a whole number: sum over rows of digit x level. With real ones it is the
// same sum over real-valued effective levels,
//     L_ij = level_ij + (Geff_ij - G(level_ij)) / step        step = (G_on - G_off) / highest level
// so that ideal cells and ideal wires give exactly the levels. The current G_off of every driven row, which
// no level asks for, is taken off: exactly (`ideal`), or as measured by a column of cells at level 0 behind
// the same wires (`column`). Called for every array of a network before images run. Idle rows are grounded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/instruction_set.h"
#include "device/cell_device.h"
#include "device/wire_resistances.h"

namespace sliver::device {

enum class WireModel {
    ideal,      ///< no resistance
    separable,  ///< separable_conductances(): fast, its error stated there
    exact       ///< effective_conductances()
};

/// What takes the off current away.
enum class Reference {
    ideal,  ///< G_off x driven rows, known exactly
    column  ///< one more column of the array, at level 0, farthest from the drivers
};

struct ArrayModel {
    CellDevice cell;
    WireModel wire_model = WireModel::ideal;
    WireResistances wires;  ///< not looked at where ideal
    Reference reference = Reference::ideal;
    int rows = 128, columns = 128;  ///< of the physical array

    /// Every effective level is its level.
    [[nodiscard]] bool exact() const { return cell.exact() && wire_model == WireModel::ideal; }
};

/// InputError as the checks of its parts; also for an array without rows or columns.
void check(const ArrayModel& model);

/// The part of an array that holds weights. It lies next to the drivers (first columns) and next to the
/// converters (last rows), where wires are shortest; all other cells are at level 0 and their rows idle.
struct ArrayLevels {
    int rows = 0, columns = 0;
    std::vector<std::uint8_t> levels;  ///< [row][column]
};

/// Geff of programmed arrays on disk, one file each, named by the SHA-256 of everything it depends on.
///
/// A file that is short, long, altered or of another format is computed again and replaced, never trusted.
/// Values are kept in single precision, which is also what effective_levels() uses without a cache: with and
/// without one the bytes are the same. Safe for several threads and processes (files are renamed into place).
class ConductanceCache {
  public:
    /// InputError when `folder` cannot be made or written.
    explicit ConductanceCache(std::filesystem::path folder);

    [[nodiscard]] std::optional<std::vector<float>> find(const std::string& key, std::size_t values) const;
    /// A full disk is no error: the array is computed again next time.
    void keep(const std::string& key, const std::vector<float>& values) const;

  private:
    [[nodiscard]] std::filesystem::path file_of(const std::string& key) const;
    std::filesystem::path folder_;
    mutable std::mutex writing_;  ///< equal arrays have one file
};

/// What wires and devices do to the currents of one array with all used rows driven.
struct ArrayCurrents {
    /// Non-ideality factor: (I_ideal - I) / I_ideal, mean over the used columns; I_ideal of the conductances
    /// that the levels ask for (the definition of GENIEx and of arXiv 2201.05229, from memory).
    double nonideality = 0;
    double mean_siemens = 0;   ///< of the used cells as their levels ask
    std::vector<float> steps;  ///< Geff of the used cells in steps from level to level, [row][column]
};

/// [row][column] of the used part. `cache` and `currents` may be null. InputError for levels that do not fit
/// the array.
std::vector<float> effective_levels(const ArrayModel& model, const ArrayLevels& used, std::uint64_t seed,
                                    const ArrayName& name, InstructionSet set,
                                    const ConductanceCache* cache = nullptr,
                                    ArrayCurrents* currents = nullptr);

}  // namespace sliver::device
