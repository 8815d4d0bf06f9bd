#include "cost/adc_neurosim.h"

#include <array>
#include <cmath>

#include "base/error.h"

namespace sliver::cost {
namespace {

constexpr double kFitVoltage = 0.5;  // V across the column in the simulations behind the fits

struct SarNode {
    double nm;
    double k, o;             // uW: k * bits + o
    double p, q;             // W: p * exp(q * log10(ohm))
    double transistor_area;  // layout of a minimum transistor, in squared feature sizes
};
// Coefficients: hardware-parameters.md 2.5. Layout: height 28 F, width 2 x 3.8 F on bulk nodes; the FinFET
// nodes' standard cell height times two contacted poly pitches.
constexpr double kBulkTransistor = 28.0 * 2 * 3.8;
constexpr std::array kSarNodes = {
    SarNode{130, 8.4483, 65.243, 0.169380, -2.303, kBulkTransistor},
    SarNode{90, 5.9869, 37.462, 0.144323, -2.303, kBulkTransistor},
    SarNode{65, 3.7506, 25.844, 0.121272, -2.303, kBulkTransistor},
    SarNode{45, 2.1691, 16.693, 0.100225, -2.303, kBulkTransistor},
    SarNode{32, 1.1294, 8.8998, 0.079449, -2.297, kBulkTransistor},
    SarNode{22, 0.5380, 4.3753, 0.072341, -2.303, kBulkTransistor},
    SarNode{14, 0.3132, 2.5681, 0.061085, -2.303, 41.142 * 2 * 5.571},
    SarNode{10, 0.1823, 1.5073, 0.051580, -2.303, 33.0 * 2 * 6.4},
    SarNode{7, 0.1061, 0.8847, 0.043555, -2.303, 34.285 * 2 * 8.1428},
};

struct FlashNode {
    double nm;
    double log_w, base_w;      // W a comparator: log_w * ln(ohm) + base_w
    double s_per_ohm, base_s;  // s: s_per_ohm * ohm + base_s
};
constexpr std::array kFlashNodes = {
    FlashNode{32, -7.289e-8, 1.0268e-6, 1.155e-14, 1.195e-9},
    FlashNode{22, -1.631e-7, 2.1687e-6, 8.0e-15, 0.852e-9},
};
constexpr double kFlashLowestOhm = 4832, kFlashHighestOhm = 379269;

template <typename Nodes>
auto node_of(const Nodes& nodes, double nm, const char* law) -> const typename Nodes::value_type& {
    std::string known;
    for (const auto& node : nodes) {
        if (node.nm == nm) return node;
        known += fmt::format("{}{}", known.empty() ? "" : ", ", node.nm);
    }
    refuse("ADC law {}: technology {} nm: NeuroSim's fit exists at {} nm only", law, nm, known);
}

// F_N and F_P of NeuroSim's area formulas: without folding, both minimum transistors take the same layout.
double transistor_mm2(double feature_sizes_squared, double nm) {
    const double feature_mm = nm * 1e-6;
    return feature_sizes_squared * feature_mm * feature_mm;
}

double temperature_factor(double kelvin) {
    return 1 + 1.3e-3 * (kelvin - 300);
}

class NeurosimSarLaw : public AdcLaw {
  public:
    explicit NeurosimSarLaw(const AdcLawContext& context)
        : AdcLaw(
              {"neurosim-sar",
               "(k b + o) uW of SAR logic for b + 1 ns, plus the column's power where one is given",
               "NeuroSim V1.4 SarADC, LSTP fits [R:NS]",
               "technology: fits at 130, 90, 65, 45, 32, 22, 14, 10 and 7 nm, no other; temperature; column "
               "resistance and read voltage"},
              {}),
          node_(node_of(kSarNodes, context.technology_nm, "neurosim-sar")),
          temperature_(temperature_factor(context.temperature_k)) {
        // The fit was made at 0.5 V: another voltage enters as another resistance.
        if (context.column_ohm)
            column_w_ =
                node_.p * std::exp(node_.q * std::log10(*context.column_ohm * kFitVoltage / context.read_v));
    }

  private:
    double energy_at(int bits) const override {
        const double power_w = (node_.k * bits + node_.o) * 1e-6 + column_w_;
        return power_w * temperature_ * (bits + 1) * 1e-9;
    }
    double area_at(int bits) const override {
        const double transistors = (269 + 109 * (bits - 1)) + (209 + 73 * (bits - 1));
        return transistors * transistor_mm2(node_.transistor_area, node_.nm);
    }
    SarNode node_;
    double temperature_;
    double column_w_ = 0;
};

class NeurosimFlashLaw : public AdcLaw {
  public:
    explicit NeurosimFlashLaw(const AdcLawContext& context)
        : AdcLaw(
              {"neurosim-flash", "2^b - 1 current comparators, energy = their power x the sensing time",
               "NeuroSim V1.4 MultilevelSenseAmp, LSTP fits, static column power only [R:NS]",
               fmt::format(
                   "technology: fits at 32 and 22 nm, no other; temperature; column resistance (default {} "
                   "kOhm, an assumption) and read voltage",
                   kFlashColumnOhm / 1e3)},
              {}),
          node_(node_of(kFlashNodes, context.technology_nm, "neurosim-flash")) {
        const double ohm = context.column_ohm.value_or(kFlashColumnOhm) * kFitVoltage / context.read_v;
        if (!(ohm >= kFlashLowestOhm && ohm < kFlashHighestOhm))
            refuse(
                "ADC law neurosim-flash: column of {:.6g} ohm at the fit's {} V: the fit holds from {} to {} "
                "ohm",
                ohm, kFitVoltage, kFlashLowestOhm, kFlashHighestOhm);
        const double comparator_w = node_.log_w * std::log(ohm) + node_.base_w;
        comparator_j_ =
            comparator_w * temperature_factor(context.temperature_k) * (node_.s_per_ohm * ohm + node_.base_s);
    }

  private:
    static double comparators(int bits) { return std::exp2(bits) - 1; }
    double energy_at(int bits) const override { return comparator_j_ * comparators(bits); }
    double area_at(int bits) const override {
        return 9 * transistor_mm2(kBulkTransistor, node_.nm) * comparators(bits);
    }
    FlashNode node_;
    double comparator_j_;
};

}  // namespace

std::unique_ptr<AdcLaw> make_neurosim_sar_law(const AdcLawContext& context) {
    return std::make_unique<NeurosimSarLaw>(context);
}

std::unique_ptr<AdcLaw> make_neurosim_flash_law(const AdcLawContext& context) {
    return std::make_unique<NeurosimFlashLaw>(context);
}

}  // namespace sliver::cost
