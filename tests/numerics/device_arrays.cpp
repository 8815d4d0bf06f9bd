// Arrays as converters see them: effective levels, the off current's reference, the cache on disk.
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/sha256.h"
#include "base/size.h"
#include "device/array_model.h"
#include "device/nodal_solver.h"

BOOST_AUTO_TEST_SUITE(device_arrays)

using namespace sliver;
using device::ArrayLevels;
using device::ArrayModel;
using device::CellConductances;
using device::Reference;
using device::WireModel;

namespace {

ArrayLevels random_levels(int rows, int columns, std::mt19937& random) {
    ArrayLevels levels{rows, columns, {}};
    for (int i = 0; i < rows * columns; ++i) levels.levels.push_back(static_cast<std::uint8_t>(random() % 4));
    return levels;
}

ArrayModel with_wires(WireModel wires, Reference reference = Reference::ideal) {
    ArrayModel model;
    model.rows = 20;
    model.columns = 24;
    model.wire_model = wires;
    model.wires = {200, 4, 2, 100};
    model.reference = reference;
    return model;
}

std::vector<float> levels_of(const ArrayModel& model, const ArrayLevels& used,
                             const device::ConductanceCache* cache = nullptr) {
    return device::effective_levels(model, used, 1, {2, 0, 3}, best_instruction_set(), cache);
}

/// A folder that is gone when the test ends.
class ScratchFolder {
  public:
    ScratchFolder()
        : path_(std::filesystem::temp_directory_path() / ("device_arrays." + std::to_string(getpid()))) {}
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

std::vector<std::filesystem::path> kept_files(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().extension() == ".geff") files.push_back(entry.path());
    return files;
}

std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

BOOST_AUTO_TEST_CASE(ideal_arrays_have_their_levels) {
    std::mt19937 random(1);
    for (const Reference reference : {Reference::ideal, Reference::column}) {
        ArrayModel model = with_wires(WireModel::ideal, reference);
        BOOST_TEST(model.exact());
        const ArrayLevels used = random_levels(13, 24, random);
        const std::vector<float> levels = levels_of(model, used);
        for (std::size_t i = 0; i < levels.size(); ++i)
            BOOST_TEST(levels[i] == static_cast<float>(used.levels[i]));
    }
}

// One driven row after the other, by the oracle: the used part lies at the drivers and at the converters.
BOOST_AUTO_TEST_CASE(effective_levels_are_what_the_network_of_wires_lets_through) {
    std::mt19937 random(2);
    for (const Reference reference : {Reference::ideal, Reference::column}) {
        const ArrayModel model = with_wires(WireModel::exact, reference);
        const ArrayLevels used = random_levels(11, 17, random);
        const std::vector<float> levels = levels_of(model, used);
        const int columns = model.columns + (reference == Reference::column ? 1 : 0);
        CellConductances cells(model.rows, columns, model.cell.siemens(0));
        for (int row = 0; row < used.rows; ++row)
            for (int column = 0; column < used.columns; ++column)
                cells.at(model.rows - used.rows + row, column) =
                    model.cell.siemens(used.levels[size(row * used.columns + column)]);
        const device::NodalSolver oracle(cells, model.wires);
        for (int row = 0; row < used.rows; ++row) {
            std::vector<double> volts(size(model.rows), 0.0);
            volts[size(model.rows - used.rows + row)] = 1;
            const std::vector<double> currents = oracle.solve(volts).currents_a;
            const double off = reference == Reference::column ? currents.back() : model.cell.off_siemens();
            for (int column = 0; column < used.columns; ++column) {
                const double want = (currents[size(column)] - off) / model.cell.step_siemens();
                BOOST_TEST(std::abs(static_cast<double>(levels[size(row * used.columns + column)]) - want) <
                           1e-5);
            }
        }
    }
}

// Off currents that everything loses alike cancel against a column that loses them too.
BOOST_AUTO_TEST_CASE(a_reference_column_takes_off_what_the_wires_left_of_the_off_current) {
    ArrayLevels used{20, 24, std::vector<std::uint8_t>(20 * 24, 0)};
    const auto worst = [&](Reference reference) {
        float largest = 0;
        for (const float level : levels_of(with_wires(WireModel::exact, reference), used))
            largest = std::max(largest, std::abs(level));
        return largest;
    };
    BOOST_TEST(worst(Reference::column) < worst(Reference::ideal) / 2);
}

BOOST_AUTO_TEST_CASE(separable_levels_are_near_the_exact_ones) {
    std::mt19937 random(3);
    const ArrayLevels used = random_levels(20, 24, random);
    const std::vector<float> exact = levels_of(with_wires(WireModel::exact), used),
                             near = levels_of(with_wires(WireModel::separable), used);
    double apart = 0, loss = 0;
    for (std::size_t i = 0; i < exact.size(); ++i) {
        apart += std::pow(static_cast<double>(near[i] - exact[i]), 2);
        loss += std::pow(static_cast<double>(exact[i]) - used.levels[i], 2);
        BOOST_TEST(near[i] != exact[i]);
    }
    BOOST_TEST(std::sqrt(apart) < std::sqrt(loss) / 3);
}

BOOST_AUTO_TEST_CASE(kept_arrays_are_the_computed_ones_and_damaged_files_are_not_trusted) {
    std::mt19937 random(4);
    const ScratchFolder folder;
    const ArrayLevels used = random_levels(20, 24, random);
    const ArrayModel model = with_wires(WireModel::exact);
    const std::vector<float> want = levels_of(model, used);
    const device::ConductanceCache cache(folder.path());
    BOOST_TEST((levels_of(model, used, &cache) == want));
    BOOST_TEST_REQUIRE(kept_files(folder.path()).size() == 1U);
    const std::filesystem::path file = kept_files(folder.path()).front();
    const std::string good = bytes_of(file);
    BOOST_TEST((levels_of(model, used, &cache) == want));

    std::string flipped = good;
    flipped[good.size() / 2] = static_cast<char>(flipped[good.size() / 2] ^ 1);
    for (const std::string& bad : {flipped, good.substr(0, good.size() / 2), good + "x", std::string(),
                                   std::string("no such thing\n")}) {
        std::ofstream(file, std::ios::binary) << bad;
        BOOST_TEST((levels_of(model, used, &cache) == want), bad.size() << " bytes");
        BOOST_TEST((bytes_of(file) == good));
    }
    // A file that is sound but of another array: as if it were not there.
    ArrayLevels other = used;
    other.levels[0] ^= 1U;
    BOOST_TEST((levels_of(model, other, &cache) != want));
    BOOST_TEST(kept_files(folder.path()).size() == 2U);
    // With a checksum of its own an altered file is believed: values really come from there.
    constexpr std::size_t kChecksum = 64;
    std::string altered = good.substr(0, good.size() - kChecksum);
    float value = 0;
    char* const place = &altered[altered.size() - sizeof value];
    std::memcpy(&value, place, sizeof value);
    value *= 2;
    std::memcpy(place, &value, sizeof value);
    std::ofstream(file, std::ios::binary) << altered << sha256(altered);
    const std::vector<float> believed = levels_of(model, used, &cache);
    BOOST_TEST(believed.back() > want.back() + 0.1F);
    BOOST_TEST(believed.front() == want.front());
    // Other wires, whichever of the four, another file.
    std::size_t files = 2;
    for (double device::WireResistances::*const wire :
         {&device::WireResistances::driver_ohm, &device::WireResistances::row_ohm,
          &device::WireResistances::column_ohm, &device::WireResistances::sense_ohm}) {
        ArrayModel wider = model;
        wider.wires.*wire *= 2;
        const std::vector<float> computed = levels_of(wider, used);
        BOOST_TEST((levels_of(wider, used, &cache) == computed));
        BOOST_TEST((computed != want));
        BOOST_TEST(kept_files(folder.path()).size() == ++files);
    }
    // Ideal and separable wires need no cache.
    static_cast<void>(levels_of(with_wires(WireModel::separable), used, &cache));
    BOOST_TEST(kept_files(folder.path()).size() == files);
    std::ofstream(folder.path() / "plain") << "file";
    BOOST_CHECK_THROW(device::ConductanceCache(folder.path() / "plain"), InputError);
}

BOOST_AUTO_TEST_CASE(levels_must_fit_the_array) {
    const ArrayModel model = with_wires(WireModel::ideal);
    BOOST_CHECK_THROW(levels_of(model, {21, 1, std::vector<std::uint8_t>(21, 0)}), InputError);
    BOOST_CHECK_THROW(levels_of(model, {1, 25, std::vector<std::uint8_t>(25, 0)}), InputError);
    BOOST_CHECK_THROW(levels_of(model, {2, 2, {0, 1, 2}}), InputError);
    BOOST_CHECK_THROW(levels_of(model, {1, 1, {4}}), InputError);
    ArrayModel wrong = with_wires(WireModel::exact);
    wrong.wires.sense_ohm = 0;
    BOOST_CHECK_THROW(levels_of(wrong, {1, 1, {1}}), InputError);
    wrong = model;
    wrong.rows = 0;
    BOOST_CHECK_THROW(levels_of(wrong, {0, 0, {}}), InputError);
}

BOOST_AUTO_TEST_CASE(the_nonideality_factor_is_the_share_of_the_current_that_is_lost) {
    // One cell: driver, cell and sense resistor in a row; I = V / (R_driver + 1/G + R_sense).
    ArrayModel model = with_wires(WireModel::exact);
    model.rows = model.columns = 1;
    device::ArrayCurrents currents;
    const int level = (1 << model.cell.cell_bits) - 1;
    static_cast<void>(device::effective_levels(model, {1, 1, {static_cast<std::uint8_t>(level)}}, 1,
                                               {0, 0, 0}, best_instruction_set(), nullptr, &currents));
    const double cell = model.cell.on_ohm, ends = model.wires.driver_ohm + model.wires.sense_ohm;
    BOOST_TEST(currents.nonideality == ends / (cell + ends), boost::test_tools::tolerance(1e-5));
    BOOST_TEST(currents.mean_siemens == 1 / cell, boost::test_tools::tolerance(1e-12));

    // Two columns of one row without wires between: means over columns, nothing lost.
    model = with_wires(WireModel::ideal);
    static_cast<void>(device::effective_levels(model, {2, 2, {0, 3, 0, 3}}, 1, {0, 0, 0},
                                               best_instruction_set(), nullptr, &currents));
    BOOST_TEST(currents.nonideality == 0);
    BOOST_TEST(currents.mean_siemens == 0.5 * (1 / model.cell.off_ohm + 1 / model.cell.on_ohm),
               boost::test_tools::tolerance(1e-12));

    // Behind wires the mean over columns of what a nodal solution with all used rows driven says.
    model = with_wires(WireModel::exact);
    std::mt19937 random(5);
    const ArrayLevels used = random_levels(12, 9, random);
    static_cast<void>(
        device::effective_levels(model, used, 1, {0, 0, 0}, best_instruction_set(), nullptr, &currents));
    CellConductances cells(model.rows, model.columns);
    for (int row = 0; row < model.rows; ++row)
        for (int column = 0; column < model.columns; ++column) {
            const int first = model.rows - used.rows;
            const bool in_use = row >= first && column < used.columns;
            cells.at(row, column) =
                model.cell.siemens(in_use ? used.levels[size((row - first) * used.columns + column)] : 0);
        }
    std::vector<double> volts(size(model.rows), 0.0);
    std::fill(volts.end() - used.rows, volts.end(), 1.0);
    const device::NodalSolver solver(cells, model.wires);
    const std::vector<double> sensed = solver.solve(volts).currents_a;
    double nonideality = 0;
    for (int column = 0; column < used.columns; ++column) {
        double ideal = 0;
        for (int row = model.rows - used.rows; row < model.rows; ++row) ideal += cells.at(row, column);
        nonideality += (ideal - sensed[size(column)]) / ideal / used.columns;
    }
    BOOST_TEST(currents.nonideality == nonideality, boost::test_tools::tolerance(1e-5));
}

BOOST_AUTO_TEST_SUITE_END()
