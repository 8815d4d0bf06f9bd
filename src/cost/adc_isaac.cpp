#include "cost/adc_isaac.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "cost/technology.h"

namespace sliver::cost {
namespace {

constexpr double kPicojoule = 1e-12;
constexpr double kMm2PerUm2 = 1e-6;
constexpr const char* kAnalogScaling =
    "technology: energy ~ T^1.880, area ~ T^0.993 from 32 nm (exponents of the survey regression)";

struct Anchor {
    const char* name;
    double energy_pj, area_um2;  // at 8 bits, 32 nm
    const char* citation;
};

Anchor anchor_values(IsaacAnchor anchor) {
    switch (anchor) {
        case IsaacAnchor::table_one:
            return {"isaac", 1.5625, 1200,
                    "ISAAC (ISCA 2016) Table I: 16 mW x 100 ns / 1024 [C on R:ISAAC-T, secondary]; curve "
                    "fitted to "
                    "hwcomponents' points [C on R:HWLIB]"};
        case IsaacAnchor::nameplate:
            return {
                "isaac-nameplate", 2.0 / 1.2, 1200,
                "ISAAC (ISCA 2016): 2 mW / 1.2 GS/s; curve fitted to hwcomponents' points [C on R:HWLIB]"};
        case IsaacAnchor::silicon:
            break;
    }
    return {
        "isaac-silicon", 2.55, 1500,
        "Kull et al., ISSCC 2013, the converter ISAAC cites: 2.55 pJ, 1500 um2 (survey CSV entry, ENOB 6.24) "
        "[R:ADCPLUG]; curve as isaac"};
}

// hardware-parameters.md 2.1 [C on R:HWLIB]: buffers, memory and clock grow with the bits, the capacitive DAC
// with 2^bits. Negative nowhere from 1 bit up, both terms grow.
double fitted_energy_pj(int bits) {
    return 0.19489 * bits + 4.200e-4 * std::exp2(bits);
}
double fitted_area_um2(int bits) {
    return 81.727 * bits + 2.13353 * std::exp2(bits);
}

class IsaacLaw : public AdcLaw {
  public:
    IsaacLaw(const AdcLawContext& context, const Anchor& anchor)
        : AdcLaw({anchor.name,
                  fmt::format("SAR: linear + exponential in the bits, {:.4g} pJ and {:.4g} um2 at 8 bits",
                              anchor.energy_pj, anchor.area_um2),
                  anchor.citation, kAnalogScaling},
                 {}),
          energy_scale_(anchor.energy_pj / fitted_energy_pj(8) * kPicojoule *
                        analog_energy_factor(kReferenceNode, context.technology_nm)),
          area_scale_(anchor.area_um2 / fitted_area_um2(8) * kMm2PerUm2 *
                      analog_area_factor(kReferenceNode, context.technology_nm)) {}

  private:
    double energy_at(int bits) const override { return energy_scale_ * fitted_energy_pj(bits); }
    double area_at(int bits) const override { return area_scale_ * fitted_area_um2(bits); }
    double energy_scale_, area_scale_;
};

class SaberiLaw : public AdcLaw {
  public:
    SaberiLaw(const AdcLawContext& context, bool time_follows_bits)
        : AdcLaw(
              time_follows_bits
                  ? AdcLawText{"saberi-per-bit", "power ~ 2^N/(N+1) for a time ~ N, 1.5625 pJ at 8 bits",
                               kCitation, kAnalogScaling}
                  : AdcLawText{"saberi", "power ~ 2^N/(N+1) at a fixed conversion time, 1.5625 pJ at 8 bits",
                               kCitation, kAnalogScaling},
              {}),
          time_follows_bits_(time_follows_bits),
          energy_factor_(1.5625 * kPicojoule * analog_energy_factor(kReferenceNode, context.technology_nm)),
          area_factor_(1200 * kMm2PerUm2 * analog_area_factor(kReferenceNode, context.technology_nm)) {}

  private:
    static constexpr const char* kCitation =
        "Saberi et al., TCAS-I 2011, as used by arXiv 1909.08496 (Table 3: the power ratio; time ~ N apart) "
        "[R:A-pdf]; anchored at ISAAC's 8 bits";

    static double power(int bits) { return std::exp2(bits) / (bits + 1); }
    double energy_at(int bits) const override {
        const double time = time_follows_bits_ ? bits / 8.0 : 1.0;
        return energy_factor_ * power(bits) / power(8) * time;
    }
    // The paper says: 6 bits take about half of 8 bits, roughly flat below. The square-root-of-two steps in
    // between and above 8 bits are ours.
    double area_at(int bits) const override {
        return area_factor_ * std::exp2((std::max(bits, 6) - 8) / 2.0);
    }

    bool time_follows_bits_;
    double energy_factor_, area_factor_;
};

class HwcomponentsLaw : public AdcLaw {
  public:
    explicit HwcomponentsLaw(const AdcLawContext& context)
        : AdcLaw({"hwcomponents", "energy and area ~ 2^N through 1.667 pJ and 1200 um2 at 8 bits",
                  "Accelergy hwcomponents-library, class IsaacADC as coded (its comments list the milder "
                  "points that "
                  "isaac fits) [R:HWLIB]",
                  kAnalogScaling},
                 {}),
          energy_factor_(1.666666667 * kPicojoule *
                         analog_energy_factor(kReferenceNode, context.technology_nm)),
          area_factor_(1200 * kMm2PerUm2 * analog_area_factor(kReferenceNode, context.technology_nm)) {}

  private:
    double energy_at(int bits) const override { return energy_factor_ * std::exp2(bits - 8); }
    double area_at(int bits) const override { return area_factor_ * std::exp2(bits - 8); }
    double energy_factor_, area_factor_;
};

}  // namespace

std::unique_ptr<AdcLaw> make_isaac_law(const AdcLawContext& context, IsaacAnchor anchor) {
    return std::make_unique<IsaacLaw>(context, anchor_values(anchor));
}

std::unique_ptr<AdcLaw> make_saberi_law(const AdcLawContext& context, bool time_follows_bits) {
    return std::make_unique<SaberiLaw>(context, time_follows_bits);
}

std::unique_ptr<AdcLaw> make_hwcomponents_law(const AdcLawContext& context) {
    return std::make_unique<HwcomponentsLaw>(context);
}

}  // namespace sliver::cost
