#include "cost/adc_law.h"

#include <cmath>
#include <stdexcept>
#include <utility>

#include "base/error.h"

namespace sliver::cost {
namespace {

// A law that answers with infinity or nothing at all is a defect of the law: NeuroSim's flash converter does
// so at 1 bit (peers.md, 2.1), and the figure travels into totals unseen.
double finite(const std::string& law, int bits, double value) {
    if (!std::isfinite(value) || value < 0)
        throw std::logic_error(fmt::format("ADC law {}: {} at {} bits", law, value, bits));
    return value;
}

void require_positive(const char* what, double value) {
    if (!(std::isfinite(value) && value > 0))
        refuse("ADC context: {} = {}: must be a positive number", what, value);
}

}  // namespace

void check_context(const AdcLawContext& context) {
    require_positive("technology_nm", context.technology_nm);
    require_positive("rate_hz", context.rate_hz);
    require_positive("read_v", context.read_v);
    require_positive("supply_v", context.supply_v);
    if (context.column_ohm) require_positive("column_ohm", *context.column_ohm);
    if (!(context.temperature_k >= 200 && context.temperature_k <= 450))
        refuse("ADC context: temperature_k = {}: must lie between 200 and 450 K", context.temperature_k);
}

AdcLaw::AdcLaw(AdcLawText text, Range range) : text_(std::move(text)), range_(std::move(range)) {}

bool AdcLaw::supports(int bits, std::string* reason) const {
    std::string why;
    if (bits < 1 || bits > kMaxAdcBits)
        why = fmt::format("{} bits: a converter has 1 to {} bits", bits, kMaxAdcBits);
    else if (bits < range_.min_bits)
        why = fmt::format("{} bits: {}", bits, range_.why_not_below);
    else if (bits > range_.max_bits)
        why = fmt::format("{} bits: {}", bits, range_.why_not_above);
    if (reason != nullptr && !why.empty()) *reason = why;
    return why.empty();
}

void AdcLaw::require(int bits) const {
    std::string reason;
    if (!supports(bits, &reason)) refuse("ADC law {}: {}", name(), reason);
}

double AdcLaw::energy_j(int bits) const {
    require(bits);
    return finite(name(), bits, energy_at(bits));
}

double AdcLaw::area_mm2(int bits) const {
    require(bits);
    return finite(name(), bits, area_at(bits));
}

double AdcLaw::leakage_w(int bits) const {
    require(bits);
    return finite(name(), bits, leakage_at(bits));
}

double AdcLaw::leakage_at(int /*bits*/) const {
    return 0;
}

}  // namespace sliver::cost
