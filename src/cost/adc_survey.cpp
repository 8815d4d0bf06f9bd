#include "cost/adc_survey.h"

#include <algorithm>
#include <cmath>

#include "cost/technology.h"

namespace sliver::cost {
namespace {

class SurveyLaw : public AdcLaw {
  public:
    explicit SurveyLaw(const AdcLawContext& context)
        : AdcLaw({"survey",
                  "regression over published converters: best figure of merit at this width, rate and node",
                  "Andrulis et al., arXiv 2404.06553, coefficients of accelergy-adc-plug-in [R:ADCPLUG]; its "
                  "area "
                  "over-predicts (6469 um2 against Kull's 1500)",
                  "technology: energy ~ T^1.880, area ~ T^0.993 directly and T^1.556 in all; rate: energy "
                  "and area"},
                 {4, kMaxAdcBits, "the regression is published for 4 effective bits and more", ""}),
          rate_hz_(context.rate_hz),
          node_nm_(context.technology_nm) {}

  private:
    double energy_pj(int bits) const {
        const double merit_db = std::min(213.7806687348 - 2.8719030400 * std::log(rate_hz_),
                                         128.3068287399 + 3.2205115110 * bits);
        const double sndr_db = 6.0206 * bits + 1.761;
        const double correction = std::exp(26.0496215687 + kAnalogEnergyExponent * std::log(node_nm_) -
                                           2.8291256051 * std::log(bits) - 1.4702022134);
        return correction / (2 * std::pow(10.0, (merit_db - sndr_db) / 10));
    }
    double energy_at(int bits) const override { return energy_pj(bits) * 1e-12; }
    double area_at(int bits) const override {
        const double um2 =
            std::exp(1.3461916440 + kAnalogAreaExponent * std::log(node_nm_) +
                     0.1807153842 * std::log(rate_hz_) + 0.2991242619 * std::log(energy_pj(bits)));
        return um2 * 1e-6;
    }
    double rate_hz_, node_nm_;
};

}  // namespace

std::unique_ptr<AdcLaw> make_survey_law(const AdcLawContext& context) {
    return std::make_unique<SurveyLaw>(context);
}

}  // namespace sliver::cost
