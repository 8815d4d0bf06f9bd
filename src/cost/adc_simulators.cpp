#include "cost/adc_simulators.h"

#include <cmath>
#include <stdexcept>

#include "cost/technology.h"

namespace sliver::cost {
namespace {

constexpr double kMm2OfUm2 = 1e-6;

class PumaLaw : public AdcLaw {
  public:
    explicit PumaLaw(const AdcLawContext& context)
        : AdcLaw({"puma", "0.225 mW a bit for 1 ns, constant area, 0.025 mW a bit of leakage",
                  "PUMA simulator, include/constants.py [R:PUMASIM]; the 1 ns clock as in peers.md 6.3",
                  "technology: energy ~ T^1.880, area ~ T^0.993 from 32 nm (exponents of the survey "
                  "regression); "
                  "leakage not scaled"},
                 {}),
          energy_factor_(analog_energy_factor(kReferenceNode, context.technology_nm)),
          area_factor_(analog_area_factor(kReferenceNode, context.technology_nm)) {}

  private:
    double energy_at(int bits) const override { return 0.225e-3 * bits * 1e-9 * energy_factor_; }
    double area_at(int /*bits*/) const override { return 0.0012 * area_factor_; }
    double leakage_at(int bits) const override { return 0.025e-3 * bits; }
    double energy_factor_, area_factor_;
};

class ZigzagLaw : public AdcLaw {
  public:
    explicit ZigzagLaw(const AdcLawContext& context)
        : AdcLaw(
              {"zigzag", "(100 b + 0.001 4^b) fF x Vdd^2",
               "ZigZag-IMC in-memory-array model, 28 nm fit, validated on three chips [R:ZZ]",
               "supply voltage only: the fit has no technology term and is used as it stands at every node"},
              {}),
          supply_v_(context.supply_v) {}

  private:
    double energy_at(int bits) const override {
        return (100 * bits + 0.001 * std::exp2(2 * bits)) * 1e-15 * supply_v_ * supply_v_;
    }
    double area_at(int bits) const override {
        return std::pow(10.0, -0.0369 * bits + 1.206) * std::exp2(bits) * kMm2OfUm2;
    }
    double supply_v_;
};

class MnsimLaw : public AdcLaw {
  public:
    MnsimLaw()
        : AdcLaw({"mnsim", "published parts: the narrowest listed part that has at least the bits asked for",
                  "MNSIM 2.0 ADC table, parts 8, 7, 4, 2 and 1 (1, 4, 6, 8 and 10 bits) [R:MNSIM]; energy = "
                  "power x "
                  "(bits + 2) / rate as MNSIM has it, which reads the sample rate as a bit rate",
                  "none: the parts stand as published, at their own nodes"},
                 {1, 10, "", "MNSIM lists no part of more than 10 bits"}) {}

  private:
    static const MnsimPart& part(int bits) {
        const MnsimPart* best = nullptr;
        for (const MnsimPart& candidate : mnsim_parts())
            if (candidate.in_law && candidate.bits >= bits &&
                (best == nullptr || candidate.bits < best->bits))
                best = &candidate;
        if (best == nullptr) throw std::logic_error("MNSIM law asked beyond its widest part");
        return *best;
    }
    double energy_at(int bits) const override { return part(bits).energy_pj() * 1e-12; }
    double area_at(int bits) const override { return part(bits).area_um2 * kMm2OfUm2; }
};

}  // namespace

double MnsimPart::latency_ns() const {
    return (ramp ? std::exp2(bits) : bits + 2.0) / rate_gs;
}

const std::array<MnsimPart, 9>& mnsim_parts() {
    static constexpr std::array<MnsimPart, 9> kParts = {{
        {1, 10, 1600, 6.92, 1.5, false, true},
        {2, 8, 1200, 2.0, 1.28, false, true},
        {3, 8, 1650, 4.0, 1.1, false, false},
        {4, 6, 580, 1.26, 1.0, false, true},
        {5, 8, 1650, 4.0, 1.1, false, false},
        {6, 6, 1650, 1.26, 1.0, false, false},
        {7, 4, 500, 0.7, 1.0, false, true},
        {8, 1, 1, 0.00163, 1.0, false, true},
        {9, 8, 15899, 0.0584, 6.0, true, false},
    }};
    return kParts;
}

std::unique_ptr<AdcLaw> make_puma_law(const AdcLawContext& context) {
    return std::make_unique<PumaLaw>(context);
}
std::unique_ptr<AdcLaw> make_zigzag_law(const AdcLawContext& context) {
    return std::make_unique<ZigzagLaw>(context);
}
std::unique_ptr<AdcLaw> make_mnsim_law(const AdcLawContext& /*context*/) {
    return std::make_unique<MnsimLaw>();
}

}  // namespace sliver::cost
