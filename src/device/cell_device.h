// One ReRAM cell: from the level it should hold to the conductance it has.
//
// Models: levels linear in conductance between R_off (level 0) and R_on (highest level); programming
// variation (several published laws); cells stuck at either end; drift as a power of time. Does not model:
// the programming itself, read noise (drawn at the read, not here), non-linear current. Conductances are in
// siemens here, in microsiemens inside the published laws. Sources and their certainty: docs/nonideal.md.
#pragma once

#include <cstdint>
#include <vector>

#include "device/cell_conductances.h"

namespace sliver::device {

/// What the standard deviation of a programmed conductance is.
enum class Variation {
    none,
    gaussian_range,  ///< sigma x (G_on - G_off), the same for all levels
    gaussian_level,  ///< sigma x G of the level (paper B: sigma / mu)
    lognormal,       ///< G exp(N(0, sigma)); FORMS
    hfox_milo,       ///< max(4.7823 - 0.009107 G, 0) uS; as CrossSim has it
    hfox_wan,        ///< 1.536e-4 G^3 - 1.167e-2 G^2 + 0.2374 G + 1.053 uS, one second; as CrossSim has it
    cmo_hfox,        ///< 0.01122 + 0.01129 G uS, 2 % acceptance; as AIHWKIT has it
    pcm_joshi        ///< -0.00178767 G^2 + 0.07585724 G + 0.28638599 uS; as CrossSim has it
};

struct CellDevice {
    int cell_bits = 2;
    double on_ohm = 25e3, off_ohm = 500e3;
    Variation variation = Variation::none;
    double sigma = 0;                    ///< of the first three laws
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
        return (variation == Variation::none || (needs_sigma() && sigma == 0)) && stuck_on == 0 &&
               stuck_off == 0 && (drift_exponent == 0 || drift_s == 1);
    }
    [[nodiscard]] bool needs_sigma() const {
        return variation == Variation::gaussian_range || variation == Variation::gaussian_level ||
               variation == Variation::lognormal;
    }
};

/// InputError naming the quantity: resistances positive and finite with on below off, 1 to 4 cell bits,
/// shares from 0 to 1 that sum up to at most 1, sigma and read noise from 0 to 1, exponent from 0 to 1, time
/// from 1 s to 1e12 s.
void check(const CellDevice& device);

/// Standard deviation in siemens of a cell that should have `siemens`; lognormal: of the logarithm, no unit.
double spread(const CellDevice& device, double siemens);

/// Which physical array is programmed; together with the seed it names the random stream.
struct ArrayName {
    std::uint64_t layer = 0, copy = 0, crossbar = 0;
};

/// Programs an array. `levels`: [row][column], every physical cell. Conductances never fall below zero: the
/// tail is cut there. InputError for a level that the cell does not have and for more levels than cells.
CellConductances program(const CellDevice& device, int rows, int columns,
                         const std::vector<std::uint8_t>& levels, std::uint64_t seed, const ArrayName& name);

}  // namespace sliver::device
