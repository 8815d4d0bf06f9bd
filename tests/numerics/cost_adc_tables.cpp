// Every ADC law against the reference tables: hardware-parameters.md 2.1, 2.4 to 2.8, source-papers.md A.5,
// peers.md 6.3 and 6.8. The numbers are the tables', digit by digit; tolerances are their printed precision.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "cost/adc_laws.h"
#include "cost/adc_simulators.h"

BOOST_AUTO_TEST_SUITE(cost_adc_tables)

using namespace sliver::cost;
namespace tt = boost::test_tools;

namespace {

double pj(const std::string& law, int bits, const AdcLawContext& context = {}) {
    return make_adc_law(law, context)->energy_j(bits) * 1e12;
}
double um2(const std::string& law, int bits, const AdcLawContext& context = {}) {
    return make_adc_law(law, context)->area_mm2(bits) * 1e6;
}
void close(double value, double expected, double relative, const std::string& what) {
    BOOST_TEST(std::abs(value - expected) <= relative * std::abs(expected),
               what << ": " << value << ", table " << expected);
}
AdcLawContext at_node(double nm) {
    AdcLawContext context;
    context.technology_nm = nm;
    return context;
}

}  // namespace

BOOST_AUTO_TEST_CASE(isaac_points_of_2_1_and_peers_6_3) {
    struct Row {
        int bits;
        double library_pj, fit_pj, library_um2, fit_um2;
    };
    const std::vector<Row> rows = {{4, 0.79, 0.786, 361, 361.0},    {5, 0.99, 0.988, 477, 476.9},
                                   {6, 1.20, 1.196, 627, 626.9},    {7, 1.42, 1.418, 845, 845.2},
                                   {8, 1.667, 1.667, 1200, 1200.0}, {9, 1.969, 1.969, 1828, 1827.9},
                                   {10, 2.379, 2.379, 3002, 3002.0}};
    for (const Row& row : rows) {
        const std::string what = std::to_string(row.bits) + " bits";
        close(pj("isaac-nameplate", row.bits), row.fit_pj, 1e-3, what);
        close(pj("isaac-nameplate", row.bits), row.library_pj, 5e-3,
              what);  // printed with two decimals below 8 bits
        close(um2("isaac-nameplate", row.bits), row.fit_um2, 1e-3, what);
        close(um2("isaac-nameplate", row.bits), row.library_um2, 1e-3, what);
        close(pj("isaac", row.bits), row.fit_pj * 0.9375, 1e-3, what);
        close(um2("isaac", row.bits), row.fit_um2, 1e-3, what);
        close(pj("isaac-silicon", row.bits), row.fit_pj * 2.55 / 1.667, 1e-3, what);
    }
    BOOST_TEST(pj("isaac", 8) == 1.5625, tt::tolerance(1e-14));  // Table I exact
    BOOST_TEST(pj("isaac-nameplate", 8) == 2.0 / 1.2, tt::tolerance(1e-14));
    BOOST_TEST(pj("isaac-silicon", 8) == 2.55, tt::tolerance(1e-14));
    BOOST_TEST(um2("isaac-silicon", 8) == 1500, tt::tolerance(1e-12));
    close(pj("isaac", 8) / pj("isaac", 4), 2.11, 5e-3, "E(8)/E(4) in peers.md 6.3");
    // 2.8: power of one converter at 1.28 GS/s, mW.
    const std::vector<std::pair<int, double>> powers = {{4, 1.006}, {5, 1.264}, {6, 1.531}, {7, 1.815},
                                                        {8, 2.133}, {9, 2.520}, {10, 3.045}};
    for (const auto& [bits, mw] : powers) close(pj("isaac-nameplate", bits) * 1.28, mw, 1e-3, "2.8 P column");
}

BOOST_AUTO_TEST_CASE(saberi_ratios_of_source_papers_a_5) {
    struct Row {
        int bits;
        double power, power_time;
    };
    const std::vector<Row> rows = {{1, 28.44, 227.6}, {2, 21.33, 85.3}, {3, 14.22, 37.9}, {4, 8.89, 17.8},
                                   {5, 5.33, 8.53},   {6, 3.11, 4.15},  {7, 1.78, 2.03},  {8, 1, 1}};
    for (const Row& row : rows) {
        const std::string what = std::to_string(row.bits) + " bits";
        close(pj("saberi", 8) / pj("saberi", row.bits), row.power, 2e-3, what);
        close(pj("saberi-per-bit", 8) / pj("saberi-per-bit", row.bits), row.power_time, 3e-3, what);
    }
    BOOST_TEST(pj("saberi", 8) == 1.5625, tt::tolerance(1e-14));
    BOOST_TEST(pj("saberi-per-bit", 8) == 1.5625, tt::tolerance(1e-14));
    BOOST_TEST(um2("saberi", 6) == um2("saberi", 8) / 2, tt::tolerance(1e-12));
    BOOST_TEST(um2("saberi", 1) == um2("saberi", 6), tt::tolerance(1e-12));  // 2x for 1 and 3 bits: Table 3
    BOOST_TEST(um2("saberi", 3) == um2("saberi", 8) / 2, tt::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(survey_values_of_2_4) {
    struct Row {
        int bits;
        double pj_100m, um2_100m, pj_32, um2_32, pj_22, um2_22, pj_65, um2_65;
    };
    const std::vector<Row> rows = {{4, 0.9237, 3274, 0.9237, 5190, 0.4567, 2898, 3.501, 15630},
                                   {5, 0.9363, 3287, 0.9363, 5211, 0.4629, 2909, 3.548, 15693},
                                   {6, 1.0651, 3417, 1.0651, 5416, 0.5266, 3024, 4.036, 16310},
                                   {7, 1.3122, 3637, 1.3122, 5765, 0.6487, 3218, 4.973, 17360},
                                   {8, 1.7137, 3939, 1.9292, 6469, 0.9538, 3612, 7.311, 19482},
                                   {9, 2.3401, 4324, 5.5300, 8865, 2.7339, 4949, 20.957, 26695},
                                   {10, 3.3097, 4796, 16.418, 12275, 8.117, 6853, 62.221, 36965},
                                   {12, 29.058, 9185, 156.83, 24110, 77.54, 13460, 594.3, 72605}};
    AdcLawContext slow;
    slow.rate_hz = 100e6;
    for (const Row& row : rows) {
        const std::string what = std::to_string(row.bits) + " bits";
        close(pj("survey", row.bits, slow), row.pj_100m, 1e-3, what + " 100 MS/s");
        close(um2("survey", row.bits, slow), row.um2_100m, 1e-3, what + " 100 MS/s");
        close(pj("survey", row.bits), row.pj_32, 1e-3, what + " 32 nm");
        close(um2("survey", row.bits), row.um2_32, 1e-3, what + " 32 nm");
        close(pj("survey", row.bits, at_node(22)), row.pj_22, 1e-3, what + " 22 nm");
        close(um2("survey", row.bits, at_node(22)), row.um2_22, 1e-3, what + " 22 nm");
        close(pj("survey", row.bits, at_node(65)), row.pj_65, 1e-3, what + " 65 nm");
        close(um2("survey", row.bits, at_node(65)), row.um2_65, 1e-3, what + " 65 nm");
    }
    // The corner where the rate begins to matter, a column of 2.4.
    const std::vector<std::pair<int, double>> corners = {{4, 94.9e9}, {5, 30.9e9}, {6, 10.1e9}, {7, 3.28e9},
                                                         {8, 1.07e9}, {9, 349e6},  {10, 114e6}, {12, 12.1e6}};
    for (const auto& [bits, corner_hz] : corners) {
        AdcLawContext below, at, above;
        below.rate_hz = corner_hz * 0.5;
        at.rate_hz = corner_hz * 0.98;
        above.rate_hz = corner_hz * 1.02;
        BOOST_TEST(pj("survey", bits, below) == pj("survey", bits, at), tt::tolerance(1e-12));
        BOOST_TEST(pj("survey", bits, above) > pj("survey", bits, at));
    }
}

BOOST_AUTO_TEST_CASE(neurosim_sar_base_energies_of_2_5_and_peers_6_3) {
    close(pj("neurosim-sar", 8, at_node(65)) * 1e3, 503, 2e-3, "65 nm");
    close(pj("neurosim-sar", 8, at_node(32)) * 1e3, 161, 4e-3, "32 nm");
    const std::vector<std::pair<int, double>> at_22 = {{8, 78.1}, {6, 53.2}, {4, 32.6}, {3, 24.0}, {1, 9.8}};
    for (const auto& [bits, fj] : at_22)
        close(pj("neurosim-sar", bits, at_node(22)) * 1e3, fj, 3e-3,
              "22 nm, " + std::to_string(bits) + " bits");
    close(pj("neurosim-sar", 8, at_node(22)) / pj("neurosim-sar", 4, at_node(22)), 2.39, 3e-3, "E(8)/E(4)");
    close(pj("neurosim-sar", 8, at_node(22)) / pj("neurosim-sar", 1, at_node(22)), 7.95, 3e-3, "E(8)/E(1)");
}

BOOST_AUTO_TEST_CASE(neurosim_sar_coefficients_of_every_node) {
    struct Row {
        double nm, k, o, p, q;
    };
    const std::vector<Row> rows = {
        {130, 8.4483, 65.243, 0.169380, -2.303}, {90, 5.9869, 37.462, 0.144323, -2.303},
        {65, 3.7506, 25.844, 0.121272, -2.303},  {45, 2.1691, 16.693, 0.100225, -2.303},
        {32, 1.1294, 8.8998, 0.079449, -2.297},  {22, 0.5380, 4.3753, 0.072341, -2.303},
        {14, 0.3132, 2.5681, 0.061085, -2.303},  {10, 0.1823, 1.5073, 0.051580, -2.303},
        {7, 0.1061, 0.8847, 0.043555, -2.303}};
    for (const Row& row : rows) {
        AdcLawContext context = at_node(row.nm);
        for (int bits = 1; bits <= kMaxAdcBits; ++bits)
            BOOST_TEST(pj("neurosim-sar", bits, context) == (row.k * bits + row.o) * (bits + 1) * 1e-3,
                       tt::tolerance(1e-12));
        context.column_ohm = 10e3;
        const double column_w = row.p * std::exp(row.q * 4);  // log10(10 kOhm) = 4
        BOOST_TEST(pj("neurosim-sar", 5, context) == ((row.k * 5 + row.o) * 1e-6 + column_w) * 6e-9 * 1e12,
                   tt::tolerance(1e-12));
    }
    // 2.5: at 22 nm a 1 kOhm column adds 72 uW = 0.65 pJ to an 8-bit conversion.
    AdcLawContext kiloohm = at_node(22);
    kiloohm.column_ohm = 1e3;
    close(pj("neurosim-sar", 8, kiloohm) - pj("neurosim-sar", 8, at_node(22)), 0.65, 1e-2, "column term");
    // Half the read voltage is twice the resistance; 100 K more are 13 % more.
    AdcLawContext two = at_node(22), half = kiloohm, hot = kiloohm;
    two.column_ohm = 2e3;
    half.read_v = 0.25;
    hot.temperature_k = 400;
    BOOST_TEST(pj("neurosim-sar", 8, half) == pj("neurosim-sar", 8, two), tt::tolerance(1e-12));
    BOOST_TEST(pj("neurosim-sar", 8, hot) == 1.13 * pj("neurosim-sar", 8, kiloohm), tt::tolerance(1e-12));
    // Absolute areas, um2 of the 8-bit converter (1752 minimum transistors): node^2 x height x width in
    // feature sizes, worked out by hand from NeuroSim's layout constants.
    const std::vector<std::pair<double, double>> areas = {{130, 6300.75}, {90, 3019.88}, {65, 1575.18},
                                                          {45, 754.97},   {32, 381.774}, {22, 180.448},
                                                          {14, 157.412},  {10, 74.0045}, {7, 47.9334}};
    for (const auto& [nm, area] : areas) close(um2("neurosim-sar", 8, at_node(nm)), area, 2e-5, "area");
    // Area: (269 + 109 (b-1)) A_N + (209 + 73 (b-1)) A_P. peers.md 6.3 ran NeuroSim: 1.36, 2.92, 4.99 mm2 at
    // 1, 4, 8 bits.
    close(um2("neurosim-sar", 8, at_node(22)) / um2("neurosim-sar", 1, at_node(22)), 4.99 / 1.36, 5e-3,
          "area 8 / 1");
    close(um2("neurosim-sar", 4, at_node(22)) / um2("neurosim-sar", 1, at_node(22)), 2.92 / 1.36, 5e-3,
          "area 4 / 1");
}

BOOST_AUTO_TEST_CASE(neurosim_flash_of_2_5) {
    AdcLawContext context = at_node(32);
    context.column_ohm = 100e3;
    const double ln = std::log(100e3);
    const double at_32 = (-7.289e-8 * ln + 1.0268e-6) * (1.155e-14 * 100e3 + 1.195e-9) * 1e12;
    BOOST_TEST(pj("neurosim-flash", 1, context) == at_32,
               tt::tolerance(1e-12));  // one comparator, not infinity
    BOOST_TEST(pj("neurosim-flash", 8, context) == 255 * at_32, tt::tolerance(1e-12));
    context.technology_nm = 22;
    const double at_22 = (-1.631e-7 * ln + 2.1687e-6) * (8.0e-15 * 100e3 + 0.852e-9) * 1e12;
    BOOST_TEST(pj("neurosim-flash", 3, context) == 7 * at_22, tt::tolerance(1e-12));
    BOOST_TEST(um2("neurosim-flash", 4, context) == 15 * um2("neurosim-flash", 1, context),
               tt::tolerance(1e-12));
    // As with the SAR: half the read voltage is twice the resistance, and 100 K more are 13 % more.
    AdcLawContext two = context, half = context, hot = context;
    two.column_ohm = 200e3;
    half.read_v = 0.25;
    hot.temperature_k = 400;
    BOOST_TEST(pj("neurosim-flash", 3, half) == pj("neurosim-flash", 3, two), tt::tolerance(1e-12));
    BOOST_TEST(pj("neurosim-flash", 3, hot) == 1.13 * 7 * at_22, tt::tolerance(1e-12));

    for (const double ohm : {1e3, 1e6}) {
        context.column_ohm = ohm;
        BOOST_CHECK_THROW(make_adc_law("neurosim-flash", context), sliver::InputError);
    }
    for (const double nm : {28.0, 7.0})
        BOOST_CHECK_THROW(make_adc_law("neurosim-flash", at_node(nm)), sliver::InputError);
    BOOST_CHECK_THROW(make_adc_law("neurosim-sar", at_node(28)), sliver::InputError);
}

BOOST_AUTO_TEST_CASE(mnsim_parts_of_2_6) {
    struct Row {
        int choice, bits;
        double area, power, rate, energy;
    };
    // energy = power x (bits + 2) / rate; 15.6, 10.1 and 4.2 pJ of parts 2, 6 and 7 are printed in
    // peers.md 6.3.
    const std::vector<Row> rows = {
        {1, 10, 1600, 6.92, 1.5, 55.36}, {2, 8, 1200, 2.0, 1.28, 15.625},  {3, 8, 1650, 4.0, 1.1, 36.3636},
        {4, 6, 580, 1.26, 1.0, 10.08},   {5, 8, 1650, 4.0, 1.1, 36.3636},  {6, 6, 1650, 1.26, 1.0, 10.08},
        {7, 4, 500, 0.7, 1.0, 4.2},      {8, 1, 1, 0.00163, 1.0, 0.00489}, {9, 8, 15899, 0.0584, 6, 2.49173}};
    BOOST_REQUIRE(mnsim_parts().size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const MnsimPart& part = mnsim_parts()[i];
        BOOST_TEST(part.choice == rows[i].choice);
        BOOST_TEST(part.bits == rows[i].bits);
        BOOST_TEST(part.area_um2 == rows[i].area);
        BOOST_TEST(part.power_mw == rows[i].power);
        BOOST_TEST(part.rate_gs == rows[i].rate);
        BOOST_TEST(part.energy_pj() == rows[i].energy, tt::tolerance(1e-5));
    }
    const std::vector<std::pair<int, int>> part_of_width = {{1, 8}, {2, 7}, {3, 7}, {4, 7}, {5, 4},
                                                            {6, 4}, {7, 2}, {8, 2}, {9, 1}, {10, 1}};
    for (const auto& [bits, choice] : part_of_width) {
        const MnsimPart& part = mnsim_parts()[static_cast<std::size_t>(choice - 1)];
        BOOST_TEST(pj("mnsim", bits) == part.energy_pj(), tt::tolerance(1e-12));
        BOOST_TEST(um2("mnsim", bits) == part.area_um2, tt::tolerance(1e-12));
    }
    close(pj("mnsim", 8) / pj("mnsim", 4), 3.72, 1e-3, "E(8)/E(4)");
}

BOOST_AUTO_TEST_CASE(zigzag_values_of_2_7) {
    struct Row {
        int bits;
        double energy, area;
    };
    for (const Row& row : std::vector<Row>{{4, 0.324, 183}, {6, 0.489, 618}, {8, 0.701, 2085}}) {
        close(pj("zigzag", row.bits), row.energy, 2e-3, "energy");
        close(um2("zigzag", row.bits), row.area, 2e-3, "area");
    }
    AdcLawContext high;
    high.supply_v = 1.8;
    BOOST_TEST(pj("zigzag", 5, high) == 4 * pj("zigzag", 5), tt::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(puma_constants_of_1_6_and_peers_6_3_6_8) {
    const std::vector<std::pair<int, double>> rows = {{8, 1.8}, {6, 1.35}, {4, 0.9}, {3, 0.675}, {1, 0.225}};
    for (const auto& [bits, energy] : rows) BOOST_TEST(pj("puma", bits) == energy, tt::tolerance(1e-12));
    BOOST_TEST(um2("puma", 1) == 1200, tt::tolerance(1e-12));
    BOOST_TEST(um2("puma", 8) == 1200, tt::tolerance(1e-12));
    BOOST_TEST(make_adc_law("puma")->leakage_w(8) == 0.2e-3, tt::tolerance(1e-12));
    BOOST_TEST(make_adc_law("isaac")->leakage_w(8) == 0);
}

BOOST_AUTO_TEST_CASE(hwcomponents_as_coded_of_peers_6_3) {
    const std::vector<std::pair<int, double>> rows = {
        {8, 1.667}, {6, 0.417}, {4, 0.104}, {3, 0.052}, {1, 0.013}};
    for (const auto& [bits, energy] : rows) BOOST_TEST(std::abs(pj("hwcomponents", bits) - energy) < 6e-4);
    BOOST_TEST(pj("hwcomponents", 8) / pj("hwcomponents", 1) == 128, tt::tolerance(1e-12));
}

BOOST_AUTO_TEST_SUITE_END()
