#include "device/cell_device.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/plain_math.h"
#include "base/random_stream.h"

namespace sliver::device {
namespace {

constexpr double kLongestDrift_s = 1e12;
/// What a random stream of an array is for.
enum Purpose : std::uint64_t { kVariation = 1, kFaults = 2 };

void check_share(const char* name, double value) {
    if (!(value >= 0 && value <= 1)) refuse("{}: value {}: must be from 0 to 1", name, value);
}

}  // namespace

void check(const CellDevice& device) {
    if (device.cell_bits < 1 || device.cell_bits > 4)
        refuse("cell bits: value {}: must be from 1 to 4", device.cell_bits);
    for (const auto& [name, ohm] :
         {std::pair<const char*, double>{"on", device.on_ohm}, {"off", device.off_ohm}})
        if (!(ohm > 0) || std::isinf(ohm))
            refuse("{} resistance: value {} ohm: must be positive and finite", name, ohm);
    if (device.on_ohm >= device.off_ohm)
        refuse("on resistance: value {} ohm: must be below the off resistance, which is {} ohm",
               device.on_ohm, device.off_ohm);
    check_share("sigma", device.sigma);
    check_share("read noise", device.read_noise);
    check_share("stuck-on share", device.stuck_on);
    check_share("stuck-off share", device.stuck_off);
    if (device.stuck_on + device.stuck_off > 1)
        refuse("stuck-on share: value {}: together with the stuck-off share {} it exceeds 1", device.stuck_on,
               device.stuck_off);
    check_share("drift exponent", device.drift_exponent);
    if (!(device.drift_s >= 1 && device.drift_s <= kLongestDrift_s))
        refuse("drift time: value {} s: must be from 1 s to {} s", device.drift_s, kLongestDrift_s);
}

CellConductances program(const CellDevice& device, int rows, int columns,
                         const std::vector<std::uint8_t>& levels, std::uint64_t seed, const ArrayName& name) {
    check(device);
    const int highest = (1 << device.cell_bits) - 1;
    CellConductances cells(rows, columns);
    if (levels.size() != cells.values.size())
        refuse("levels: {} given for {} x {} cells", levels.size(), rows, columns);
    const VariationLaw& law = law_of(device.variation);
    std::vector<double> nominal, spreads;
    for (int level = 0; level <= highest; ++level) {
        nominal.push_back(device.siemens(level));
        spreads.push_back(law.spread(device, nominal.back()));
    }
    RandomStream variation(seed, {name.layer, name.copy, name.crossbar, kVariation});
    RandomStream faults(seed, {name.layer, name.copy, name.crossbar, kFaults});
    const bool faulty = device.stuck_on + device.stuck_off > 0;
    const double drifted = device.drift_exponent == 0 || device.drift_s == 1
                               ? 1.0
                               : plain_exp(-device.drift_exponent * plain_log(device.drift_s));
    for (std::size_t i = 0; i < levels.size(); ++i) {
        const std::size_t level = levels[i];
        if (level >= nominal.size())
            refuse("levels: row {}, column {}: value {}: cells of {} bits hold 0 to {}",
                   i / static_cast<std::size_t>(columns), i % static_cast<std::size_t>(columns), level,
                   device.cell_bits, highest);
        double siemens = nominal[level];
        if (law.of_logarithm)
            siemens *= plain_exp(spreads[level] * variation.gaussian());
        else if (device.variation != Variation::none)
            siemens = std::max(siemens + spreads[level] * variation.gaussian(), 0.0);
        siemens *= drifted;
        if (faulty) {
            const double draw = faults.uniform();
            if (draw < device.stuck_on)
                siemens = nominal.back();
            else if (draw < device.stuck_on + device.stuck_off)
                siemens = nominal.front();
        }
        cells.values[i] = siemens;
    }
    return cells;
}

}  // namespace sliver::device
