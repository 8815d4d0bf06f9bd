// An ADC cost law: energy and area of one converter as a function of its width.
//
// A law is made for one context (technology, rate, ...) and then answers for widths from 1 to kMaxAdcBits. It
// promises: every answer is finite and positive, neither energy nor area falls when the width grows, and a
// width it cannot answer is refused in words (supports() says why; energy_j() and area_mm2() throw that as
// InputError). Conversion *time* is the model's, not a law's. Laws come from make_adc_law() in adc_laws.h;
// how to add one: docs/cost.md. Units: joule a conversion, mm2 a converter, watt of leakage a converter.
#pragma once

#include <optional>
#include <string>

#include "cost/actions.h"

namespace sliver::cost {

/// What laws may depend on; each law says in scaling() what it uses.
struct AdcLawContext {
    double technology_nm = 32;
    double rate_hz = 1.28e9;     ///< samples a second of one converter (survey)
    double temperature_k = 300;  ///< NeuroSim
    /// Resistance of a read column, all conducting cells in parallel (NeuroSim). None: SAR leaves out the
    /// column's current, which Sliver charges to the array; flash, which has no such form, takes its own
    /// default.
    std::optional<double> column_ohm;
    double read_v = 0.5;    ///< across the column (NeuroSim; 0.5 V is the voltage of its fits)
    double supply_v = 0.9;  ///< ZigZag
};

/// InputError where a value is not finite, not positive or outside of what any law can mean (temperature 200
/// to 450 K).
void check_context(const AdcLawContext& context);

struct AdcLawText {
    std::string name;
    std::string summary;   ///< one line: the form of the law
    std::string citation;  ///< where its numbers come from, with the evidence tag of hardware-parameters.md
    std::string scaling;   ///< what of the context it follows, above all the technology
};

class AdcLaw {
  public:
    virtual ~AdcLaw() = default;
    AdcLaw(const AdcLaw&) = delete;
    AdcLaw& operator=(const AdcLaw&) = delete;

    [[nodiscard]] const AdcLawText& text() const { return text_; }
    [[nodiscard]] const std::string& name() const { return text_.name; }
    [[nodiscard]] const std::string& summary() const { return text_.summary; }
    [[nodiscard]] const std::string& citation() const { return text_.citation; }
    [[nodiscard]] const std::string& scaling() const { return text_.scaling; }
    [[nodiscard]] int min_bits() const { return range_.min_bits; }
    [[nodiscard]] int max_bits() const { return range_.max_bits; }

    /// Whether the law answers for `bits`; if not and `reason` is given, why, without the law's name.
    bool supports(int bits, std::string* reason = nullptr) const;

    [[nodiscard]] double energy_j(int bits) const;  ///< of one conversion; InputError where not supported
    [[nodiscard]] double area_mm2(int bits) const;  ///< of one converter; InputError where not supported
    [[nodiscard]] double leakage_w(
        int bits) const;  ///< of one converter, beside energy_j; 0 unless the law lists one

  protected:
    struct Range {
        int min_bits = 1, max_bits = kMaxAdcBits;
        std::string why_not_below, why_not_above;  ///< the rule that a refused width breaks
    };
    AdcLaw(AdcLawText text, Range range);

  private:
    virtual double energy_at(int bits) const = 0;
    virtual double area_at(int bits) const = 0;
    virtual double leakage_at(int bits) const;
    void require(int bits) const;

    AdcLawText text_;
    Range range_;
};

}  // namespace sliver::cost
