// The accelerator as a guest: at the time resolution that the platform has chosen, without a say in what
// others report.
//
// A process has one resolution: the cases start this program again, with another one and nothing of
// prepare_kernel(). `a_run` is what they start; alone it is a run at 1 fs.
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/kernel_time.h"
#include "network/golden.h"
#include "platform/accelerator_driver.h"
#include "support/networks.h"
#include "tb/platform.h"

BOOST_AUTO_TEST_SUITE(tlm_guest)

using namespace sliver;
using platform::AcceleratorDriver;
using tb::Platform;
namespace reg = model::reg;

namespace {

constexpr std::uint64_t kIn = Platform::kMemory, kOut = Platform::kMemory + 0x10000;
constexpr std::size_t kImages = 4;

/// Durations that are no whole picoseconds wherever the configuration has one.
config::ChipConfig uneven_chip() {
    config::ChipConfig chip = support::oracle_chip();
    chip.adc.bits = 12;
    chip.adc.rate_hz = 1.27e9;
    chip.adc.arrays_per_adc = 2;
    chip.array.cycle_s = 99.7531e-9;
    chip.mesh.kind = config::MeshKind::mesh;
    chip.mesh.clock_hz = 0.937e9;
    chip.mesh.router_cycles = 3;
    chip.host.bytes_per_s = 6.37e9;
    chip.tile.bus_bytes_per_s = 11.3e9;
    return chip;
}

struct Child {
    int code = -1;
    std::string output;
    std::vector<std::uint64_t> numbers;  ///< that it wrote
};

/// This program's case `name` in a process of its own.
Child start(const std::string& name, const std::string& resolution_fs) {
    namespace fs = std::filesystem;
    const fs::path folder = fs::temp_directory_path() / ("sliver-guest-" + std::to_string(::getpid()));
    fs::create_directories(folder);
    const std::string numbers = folder / "numbers", output = folder / "output";
    const pid_t child = ::fork();
    if (child == 0) {
        ::setenv("SLIVER_TEST_RESOLUTION_FS", resolution_fs.c_str(), 1);
        ::setenv("SLIVER_TEST_NUMBERS", numbers.c_str(), 1);
        if (std::freopen(output.c_str(), "w", stdout) == nullptr) std::_Exit(99);
        ::dup2(STDOUT_FILENO, STDERR_FILENO);
        const std::string filter = "--run_test=tlm_guest/" + name;
        ::execl("/proc/self/exe", "test_chip", filter.c_str(), static_cast<char*>(nullptr));
        std::_Exit(98);
    }
    Child result;
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status)) result.code = WEXITSTATUS(status);
    std::ostringstream text;
    text << std::ifstream(output).rdbuf();
    result.output = text.str();
    std::ifstream stream(numbers);
    for (std::uint64_t number = 0; stream >> number;) result.numbers.push_back(number);
    fs::remove_all(folder);
    return result;
}

void write_numbers(const std::vector<std::uint64_t>& numbers) {
    if (const char* const file = std::getenv("SLIVER_TEST_NUMBERS")) {
        std::ofstream stream(file);
        for (const std::uint64_t number : numbers) stream << number << '\n';
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_run) {
    std::deque<tb::ChipDesign> designs;
    designs.emplace_back(support::small_resnet(5), uneven_chip());
    const network::QuantisedNetwork& network = designs.front().network;
    const auto images = support::random_images(network, kImages, 4);
    std::vector<std::uint64_t> numbers;
    Platform platform("platform", designs, {}, [&](platform::Processor& processor) {
        AcceleratorDriver driver(processor, Platform::registers(0), 0);
        driver.write_images(kIn, images);
        for (std::size_t image = 0; image < kImages; ++image) {
            const auto pixels = static_cast<std::ptrdiff_t>(network.nodes.front().shape.size());
            driver.start(kIn + image * static_cast<std::uint64_t>(pixels), kOut, image == 0 ? kImages : 1);
            BOOST_TEST(driver.finish() == (reg::kIdle | reg::kDone));
            const auto counters = driver.counters();
            numbers.insert(numbers.end(), {counters.conversions, counters.dynamic_energy_fj,
                                           counters.busy_time_fs, counters.latency_fs});
            const auto first = images.begin() + static_cast<std::ptrdiff_t>(image) * pixels;
            const auto logits = driver.read_logits(kOut, driver.get(reg::output_count));
            BOOST_TEST(logits == network::run_golden(network, {first, first + pixels}));
        }
    });
    platform.run();
    for (const std::string& violation : platform.violations()) BOOST_ERROR(violation);
    const results::ChipRecord record = platform.accelerator(0).chip().record();
    numbers.insert(numbers.end(), record.completed_fs.begin(), record.completed_fs.end());
    for (const results::LayerRecord& layer : record.layers)
        numbers.insert(numbers.end(), {layer.busy_fs, layer.adc_busy_fs});
    write_numbers(numbers);
}

BOOST_AUTO_TEST_CASE(any_resolution_up_to_a_picosecond) {
    const Child exact = start("a_run", "1");
    BOOST_REQUIRE_MESSAGE(exact.code == 0, exact.output);
    BOOST_REQUIRE(exact.numbers.size() > 20U);
    for (const std::uint64_t resolution : {10U, 100U, 1000U}) {
        const Child coarse = start("a_run", std::to_string(resolution));
        BOOST_TEST(coarse.code == 0, coarse.output);
        BOOST_REQUIRE(coarse.numbers.size() == exact.numbers.size());
        bool rounded = false;
        for (std::size_t i = 0; i < exact.numbers.size(); ++i) {
            const std::uint64_t a = exact.numbers[i], b = coarse.numbers[i];
            const std::uint64_t apart = a > b ? a - b : b - a;
            // Counts and what is priced by them do not depend on time at all.
            if (i < 4 * kImages && i % 4 < 2)
                BOOST_TEST(apart == 0U, i);
            else
                // Each duration that a time is a sum of is at most half a unit off, here one in 100 ns; those
                // of the mesh are shorter, and few.
                BOOST_TEST(apart <= resolution / 10 * (a / 5'000'000 + 500) + resolution,
                           i << ": " << a << " and " << b);
            rounded = rounded || apart != 0;
        }
        BOOST_TEST(rounded);
    }
}

BOOST_AUTO_TEST_CASE(a_coarse_resolution) {
    const tb::ChipDesign design(support::small_vgg(3), uneven_chip());
    if (model::resolution_fs() > 1000) {
        BOOST_CHECK_EXCEPTION(
            model::Accelerator("accelerator", design.setup(), {}), InputError, [](const InputError& error) {
                return std::string(error.what()) ==
                       "the kernel's time resolution is 10 ps: the chip needs 1 ps or finer; call "
                       "sc_core::sc_set_time_resolution(1, sc_core::SC_PS) before the first sc_time";
            });
        write_numbers({1});
    } else if (model::resolution_fs() > 1) {
        // Statistics of a run count femtoseconds.
        BOOST_CHECK_THROW(model::simulate(design.setup()), InputError);
        write_numbers({2});
    } else {
        BOOST_TEST(start("a_coarse_resolution", "10000").numbers == std::vector<std::uint64_t>{1});
        BOOST_TEST(start("a_coarse_resolution", "10").numbers == std::vector<std::uint64_t>{2});
    }
}

namespace {

/// Somebody else's model, which has something to say.
class Neighbour : public sc_core::sc_module {
  public:
    SC_HAS_PROCESS(Neighbour);
    bool finished = false;
    explicit Neighbour(const sc_core::sc_module_name& name) : sc_module(name) { SC_THREAD(run); }

  private:
    void run() {
        sc_core::wait({1, sc_core::SC_US});
        SC_REPORT_WARNING("/neighbour/model", "this is only a warning");
        SC_REPORT_WARNING("neighbour", "and this");
        finished = true;
    }
};

bool throws(const char* type) {
    try {
        SC_REPORT_WARNING(type, "a warning");
    } catch (const sc_core::sc_report&) {
        return true;
    }
    return false;
}

}  // namespace

BOOST_AUTO_TEST_CASE(reports_of_others) {
    // In a program of Sliver's own, and as a guest of a platform that has set nothing.
    const bool guest = std::getenv("SLIVER_TEST_RESOLUTION_FS") != nullptr;
    Neighbour neighbour("neighbour");
    const tb::ChipDesign design(support::small_vgg(3), uneven_chip());
    const auto images = support::random_images(design.network, 1, 4);
    const model::ChipSetup setup{
        design.network, design.mapping, design.placement, design.chip, design.widths, images, 1};
    const model::Chip chip("chip", setup);
    sc_core::sc_start();
    BOOST_TEST(neighbour.finished);
    BOOST_TEST(chip.host().finished());
    BOOST_TEST(throws("/sliver/tile") == !guest);
    BOOST_TEST(throws(sc_core::SC_ID_NO_SC_START_ACTIVITY_) == !guest);
    BOOST_TEST(throws(sc_core::SC_ID_VECTOR_CONTAINS_LOGIC_VALUE_) == !guest);
    BOOST_TEST(!throws("/neighbour/model"));
    if (guest)
        return write_numbers(
            {static_cast<std::uint64_t>(sc_core::sc_report_handler::get_count(sc_core::SC_WARNING))});
    const Child child = start("reports_of_others", "1000");
    BOOST_TEST(child.code == 0, child.output);
    BOOST_TEST(child.output.find("Warning: /neighbour/model: this is only a warning") != std::string::npos);
    BOOST_TEST(child.numbers == std::vector<std::uint64_t>{6});
}

BOOST_AUTO_TEST_SUITE_END()
