// One ReRAM cell: from the level it should hold to the conductance it has.
//
// Models: levels linear in conductance between R_off (level 0) and R_on (highest level); programming
// variation (variation_laws.h); cells stuck at either end; drift as a power of time. Does not model:
// the programming itself, read noise (drawn at the read, not here), non-linear current. Conductances are in
// siemens. Sources and their certainty: docs/nonideal.md.
#pragma once

#include <cstdint>
#include <vector>

#include "device/cell_conductances.h"
#include "device/variation_laws.h"

namespace sliver::device {

struct CellDevice {
    int cell_bits = 2;
    double on_ohm = 25e3, off_ohm = 500e3;
    Variation variation = Variation::none;
    double sigma = 0;                    ///< of the laws that follow it
    double stuck_on = 0, stuck_off = 0;  ///< shares of all cells
    double drift_exponent = 0;           ///< G(t) = G (t / 1 s)^-exponent
    double drift_s = 1;                  ///< time since programming, at least 1 s
    /// Standard deviation of a cell's conductance from read to read, as a share of it; 0: none. Drawn by
    /// whoever reads (bitline/read_noise.h); what is programmed does not depend on it.
    double read_noise = 0;

    [[nodiscard]] double off_siemens() const { return 1 / off_ohm; }
    /// Between neighbouring levels.
    [[nodiscard]] double step_siemens() const { return (1 / on_ohm - 1 / off_ohm) / ((1 << cell_bits) - 1); }
    [[nodiscard]] double siemens(int level) const { return off_siemens() + level * step_siemens(); }
    /// Every cell has its level's conductance.
    [[nodiscard]] bool exact() const {
        const VariationLaw& law = law_of(variation);
        return (variation == Variation::none || (law.needs_sigma && sigma == 0)) && stuck_on == 0 &&
               stuck_off == 0 && (drift_exponent == 0 || drift_s == 1);
    }
};

/// InputError naming the quantity: resistances positive and finite with on below off, 1 to 4 cell bits,
/// shares from 0 to 1 that sum up to at most 1, sigma and read noise from 0 to 1, exponent from 0 to 1, time
/// from 1 s to 1e12 s.
void check(const CellDevice& device);

/// Which physical array is programmed; together with the seed it names the random stream.
struct ArrayName {
    std::uint64_t layer = 0, copy = 0, crossbar = 0;
};

/// Programs an array. `levels`: [row][column], every physical cell. Conductances never fall below zero: the
/// tail is cut there. InputError for a level that the cell does not have and for more levels than cells.
CellConductances program(const CellDevice& device, int rows, int columns,
                         const std::vector<std::uint8_t>& levels, std::uint64_t seed, const ArrayName& name);

}  // namespace sliver::device
