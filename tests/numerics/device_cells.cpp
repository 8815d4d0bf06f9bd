// Cells: levels, variation, faults, drift, against closed forms and against moments of many draws.
#include <fmt/format.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "base/plain_math.h"
#include "base/random_stream.h"
#include "device/cell_device.h"

BOOST_AUTO_TEST_SUITE(device_cells)

using namespace sliver;
using device::CellConductances;
using device::CellDevice;
using device::Variation;
using device::variation_named;

namespace {

constexpr int kRows = 200, kColumns = 250;
constexpr std::size_t kCells = std::size_t{kRows} * kColumns;

CellConductances all_at(const CellDevice& cell, int level, std::uint64_t seed = 1,
                        std::uint64_t crossbar = 0) {
    return device::program(cell, kRows, kColumns,
                           std::vector<std::uint8_t>(kCells, static_cast<std::uint8_t>(level)), seed,
                           {0, 0, crossbar});
}

struct Moments {
    double mean = 0, deviation = 0;
};
Moments moments(const std::vector<double>& values) {
    Moments result;
    for (const double value : values) result.mean += value / static_cast<double>(values.size());
    double square = 0;
    for (const double value : values) square += (value - result.mean) * (value - result.mean);
    result.deviation = std::sqrt(square / static_cast<double>(values.size()));
    return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(logarithm_and_exponential_are_the_librarys) {
    RandomStream random(7, {});
    for (int i = 0; i < 10000; ++i) {
        const double x = std::ldexp(random.uniform() + 0x1p-53, static_cast<int>(random.next() % 200) - 100);
        BOOST_TEST(plain_log(x) == std::log(x), boost::test_tools::tolerance(1e-14));
        const double y = 1200 * (random.uniform() - 0.5);
        BOOST_TEST(plain_exp(y) == std::exp(y), boost::test_tools::tolerance(2e-14));
    }
    BOOST_TEST(plain_log(1.0) == 0.0);
    BOOST_TEST(plain_exp(0.0) == 1.0);
}

BOOST_AUTO_TEST_CASE(levels_are_linear_in_conductance) {
    CellDevice cell;
    cell.on_ohm = 20e3;
    cell.off_ohm = 200e3;
    for (int bits = 1; bits <= 4; ++bits) {
        cell.cell_bits = bits;
        const int highest = (1 << bits) - 1;
        BOOST_TEST(cell.exact());
        BOOST_TEST(cell.siemens(0) == 5e-6, boost::test_tools::tolerance(1e-15));
        BOOST_TEST(cell.siemens(highest) == 5e-5, boost::test_tools::tolerance(1e-14));
        for (int level = 0; level <= highest; ++level)
            BOOST_TEST(all_at(cell, level).values[kCells / 2] == cell.siemens(level));
    }
}

BOOST_AUTO_TEST_CASE(stuck_cells_stay_where_they_are) {
    CellDevice cell;
    cell.on_ohm = 20e3;
    cell.off_ohm = 200e3;
    cell.variation = variation_named("lognormal");
    cell.sigma = 0.1;
    cell.drift_exponent = 0.1;
    cell.drift_s = 1e6;
    // Neither spread nor drift: all at one end, whatever was programmed.
    for (const auto& [on, off, siemens] : {std::tuple{1.0, 0.0, 5e-5}, {0.0, 1.0, 5e-6}}) {
        cell.stuck_on = on;
        cell.stuck_off = off;
        const std::vector<double> values = all_at(cell, 1).values;
        BOOST_TEST(values.front() == siemens, boost::test_tools::tolerance(1e-14));
        BOOST_TEST(std::all_of(values.begin(), values.end(), [&](double g) { return g == values.front(); }));
    }
}

BOOST_AUTO_TEST_CASE(variation_has_the_spread_of_its_law) {
    CellDevice cell;
    cell.on_ohm = 25e3;
    cell.off_ohm = 500e3;  // 2 to 40 uS
    cell.sigma = 0.03;
    const double g = 2 + 2.0 / 3 * 38;  // uS at level 2
    const struct {
        Variation law;
        double deviation_us;
    } laws[] = {{variation_named("gaussian-range"), 0.03 * 38},
                {variation_named("gaussian-level"), 0.03 * g},
                {variation_named("hfox-milo"), 4.7823 - 0.009107 * g},
                {variation_named("hfox-wan"), 1.536e-4 * g * g * g - 1.167e-2 * g * g + 0.2374 * g + 1.053},
                {variation_named("cmo-hfox"), 0.01122 + 0.01129 * g},
                {variation_named("pcm-joshi"), -0.00178767 * g * g + 0.07585724 * g + 0.28638599}};
    for (const auto& law : laws) {
        cell.variation = law.law;
        BOOST_TEST(!cell.exact());
        const Moments seen = moments(all_at(cell, 2).values);
        BOOST_TEST(std::abs(seen.mean * 1e6 - g) < 5 * law.deviation_us / std::sqrt(kCells));
        BOOST_TEST(seen.deviation * 1e6 == law.deviation_us, boost::test_tools::tolerance(0.02));
    }
    cell.variation = variation_named("lognormal");
    std::vector<double> logarithms = all_at(cell, 2).values;
    for (double& value : logarithms) value = std::log(value * 1e6 / g);
    const Moments seen = moments(logarithms);
    BOOST_TEST(std::abs(seen.mean) < 5 * 0.03 / std::sqrt(kCells));
    BOOST_TEST(seen.deviation == 0.03, boost::test_tools::tolerance(0.02));
}

BOOST_AUTO_TEST_CASE(every_law_answers_for_every_cell) {
    for (const device::VariationLaw& law : device::variation_laws()) {
        BOOST_TEST((&device::law_of(variation_named(law.name)) == &law), law.name);
        BOOST_TEST(!law.formula.empty(), law.name);
        for (const double on_ohm : {1.0, 1e3, 25e3, 1e6}) {
            CellDevice cell;
            cell.on_ohm = on_ohm;
            cell.off_ohm = 20 * on_ohm;
            cell.sigma = 0.1;
            for (int level = 0; level < 4; ++level) {
                const double spread = law.spread(cell, cell.siemens(level));
                BOOST_TEST((std::isfinite(spread) && spread >= 0), law.name << " at level " << level);
            }
            cell.variation = variation_named(law.name);
            cell.sigma = 0;
            BOOST_TEST(cell.exact() == (law.needs_sigma || cell.variation == Variation::none), law.name);
        }
    }
    BOOST_CHECK_EXCEPTION(
        static_cast<void>(variation_named("lognormall")), InputError, [](const InputError& e) {
            return std::string(e.what()).find("value lognormall: the laws are none, gaussian-range") !=
                   std::string::npos;
        });
}

BOOST_AUTO_TEST_CASE(a_measured_spread_is_a_line_from_point_to_point) {
    const std::vector<std::pair<double, double>> points = {{2, 0.5}, {10, 2.5}, {40, 1}};
    const struct {
        double siemens_us, deviation_us;
    } cases[] = {{0, 0.5}, {2, 0.5}, {4, 1}, {10, 2.5}, {30, 1.5}, {40, 1}, {90, 1}};
    for (const auto& c : cases)
        BOOST_TEST(device::between_points(points, c.siemens_us * 1e-6) == c.deviation_us * 1e-6,
                   boost::test_tools::tolerance(1e-12));
}

// SLIVER_UPDATE_DOCS=1 makes this rewrite the table instead of comparing it.
BOOST_AUTO_TEST_CASE(the_table_of_the_documentation_is_the_code_s) {
    const std::string path = SLIVER_SOURCE_DIR "/docs/nonideal.md";
    const std::string begin = "<!-- laws of variation: generated, see docs/extending.md -->\n";
    const std::string end = "<!-- end of laws of variation -->\n";
    std::string table = "| `cells.variation` | standard deviation | source |\n| --- | --- | --- |\n";
    for (const device::VariationLaw& law : device::variation_laws())
        table += fmt::format("| `{}` | {} | {} |\n", law.name, law.formula, law.source);
    const auto page = [&] {
        std::ifstream file(path);
        return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    };
    std::string text = page();
    BOOST_REQUIRE(text.find(begin) != std::string::npos);
    BOOST_REQUIRE(text.find(end) != std::string::npos);
    const std::size_t first = text.find(begin) + begin.size();
    if (std::getenv("SLIVER_UPDATE_DOCS") != nullptr) {
        text.replace(first, text.find(end) - first, table);
        std::ofstream(path) << text;
    }
    BOOST_TEST(page().substr(first, page().find(end) - first) == table);
}

BOOST_AUTO_TEST_CASE(conductances_never_fall_below_zero) {
    CellDevice cell;
    cell.variation = variation_named("gaussian-range");
    cell.sigma = 1;
    const std::vector<double> values = all_at(cell, 0).values;
    BOOST_TEST(*std::min_element(values.begin(), values.end()) == 0.0);
}

BOOST_AUTO_TEST_CASE(faulty_cells_hold_an_end_whatever_was_written) {
    CellDevice cell;
    cell.stuck_on = 0.01;
    cell.stuck_off = 0.04;
    const std::vector<double> values = all_at(cell, 1).values;
    std::size_t on = 0, off = 0;
    for (const double value : values) {
        on += value == cell.siemens(3) ? 1U : 0U;
        off += value == cell.siemens(0) ? 1U : 0U;
    }
    const double n = kCells;
    BOOST_TEST(std::abs(static_cast<double>(on) - 0.01 * n) < 5 * std::sqrt(0.01 * n));
    BOOST_TEST(std::abs(static_cast<double>(off) - 0.04 * n) < 5 * std::sqrt(0.04 * n));
    // The same cells, whatever they hold.
    const std::vector<double> others = all_at(cell, 2).values;
    for (std::size_t i = 0; i < kCells; ++i)
        BOOST_REQUIRE((values[i] == cell.siemens(1)) == (others[i] == cell.siemens(2)));
}

BOOST_AUTO_TEST_CASE(drift_is_a_power_of_time) {
    CellDevice cell;
    cell.drift_exponent = 0.05;
    cell.drift_s = 1e6;
    BOOST_TEST(all_at(cell, 3).values[0] == cell.siemens(3) * std::pow(1e6, -0.05),
               boost::test_tools::tolerance(1e-13));
}

BOOST_AUTO_TEST_CASE(an_array_is_drawn_by_its_own_name) {
    CellDevice cell;
    cell.variation = variation_named("gaussian-level");
    cell.sigma = 0.1;
    BOOST_TEST((all_at(cell, 1, 1, 4).values == all_at(cell, 1, 1, 4).values));
    BOOST_TEST((all_at(cell, 1, 1, 4).values != all_at(cell, 1, 1, 5).values));
    BOOST_TEST((all_at(cell, 1, 1, 4).values != all_at(cell, 1, 2, 4).values));
}

BOOST_AUTO_TEST_CASE(impossible_devices_are_refused) {
    const auto refused = [](void (*edit)(CellDevice&)) {
        CellDevice cell;
        edit(cell);
        BOOST_CHECK_THROW(device::check(cell), InputError);
    };
    refused([](CellDevice& cell) { cell.on_ohm = 0; });
    refused([](CellDevice& cell) { cell.on_ohm = -1; });
    refused([](CellDevice& cell) { cell.off_ohm = INFINITY; });
    refused([](CellDevice& cell) { cell.off_ohm = NAN; });
    refused([](CellDevice& cell) { cell.on_ohm = cell.off_ohm; });
    refused([](CellDevice& cell) { cell.on_ohm = 2 * cell.off_ohm; });
    refused([](CellDevice& cell) { cell.cell_bits = 5; });
    refused([](CellDevice& cell) { cell.sigma = -0.1; });
    refused([](CellDevice& cell) { cell.sigma = NAN; });
    refused([](CellDevice& cell) { cell.stuck_on = 1.5; });
    refused([](CellDevice& cell) { cell.stuck_on = cell.stuck_off = 0.6; });
    refused([](CellDevice& cell) { cell.drift_s = 0.5; });
    BOOST_CHECK_THROW(device::program(CellDevice(), 1, 2, {0, 4}, 1, {}), InputError);
    BOOST_CHECK_THROW(device::program(CellDevice(), 1, 2, {0}, 1, {}), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
