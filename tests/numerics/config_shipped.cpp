// The chips that come with Sliver, and how they are found.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/error.h"
#include "config/chip_config_loader.h"
#include "config/shipped.h"

BOOST_AUTO_TEST_SUITE(config_shipped)

namespace fs = std::filesystem;
using namespace sliver::config;

namespace {

template <typename Call>
std::string message_of(Call call) {
    try {
        call();
    } catch (const sliver::InputError& error) {
        return error.what();
    }
    return "(accepted)";
}

// A folder of this test's own, which $SLIVER_HOME names while it lives.
class Home {
  public:
    Home() : path_(fs::path(SLIVER_BINARY_DIR) / "config_shipped_home") {
        fs::remove_all(path_);
        fs::create_directories(path_ / "configs" / "chips");
        fs::create_directories(path_ / "networks");
        setenv("SLIVER_HOME", path_.c_str(), 1);
    }
    ~Home() {
        unsetenv("SLIVER_HOME");
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Home(const Home&) = delete;
    Home& operator=(const Home&) = delete;
    fs::path put(const std::string& file) const {
        std::ofstream(path_ / file) << "name: mine\n";
        return path_ / file;
    }

  private:
    fs::path path_;
};

// "  rows: 128   # ..." is one; sections, comments and blank lines are not.
bool is_value_line(const std::string& line) {
    return line.rfind("  ", 0) == 0 && line.size() > 2 && line[2] >= 'a' && line[2] <= 'z' &&
           line.find(": ") != std::string::npos;
}

// A comment with a tag in capitals, such as [ISAAC], or that points to the chip that has one.
bool names_source(const std::string& line) {
    const std::size_t comment = line.find('#');
    if (comment == std::string::npos) return false;
    if (line.find("as in isaac.yaml", comment) != std::string::npos) return true;
    const std::size_t open = line.find('[', comment);
    const std::size_t close = line.find(']', comment);
    if (open == std::string::npos || close == std::string::npos || close < open + 2) return false;
    return std::all_of(line.begin() + static_cast<std::ptrdiff_t>(open) + 1,
                       line.begin() + static_cast<std::ptrdiff_t>(close),
                       [](char letter) { return letter >= 'A' && letter <= 'Z'; });
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_shipped_chip_loads_under_its_name) {
    const auto names = shipped_names(ShippedKind::chip);
    for (const char* name : {"isaac", "isaac-oracle", "small"})
        BOOST_TEST((std::find(names.begin(), names.end(), name) != names.end()), name);
    for (const std::string& name : names) {
        const ChipConfig chip = load_chip(find_shipped(ShippedKind::chip, name));
        BOOST_TEST(chip.name == name);
        BOOST_TEST(!chip.summary.empty());
        BOOST_TEST((parse_chip(to_yaml(chip), name) == chip));
    }
}

BOOST_AUTO_TEST_CASE(every_value_of_a_shipped_chip_names_its_source) {
    for (const char* name : {"isaac", "isaac-oracle", "small"}) {
        std::ifstream file(find_shipped(ShippedKind::chip, name));
        std::string line;
        int values = 0;
        while (std::getline(file, line)) {
            if (!is_value_line(line)) continue;
            ++values;
            if (line != "  kind: mesh") BOOST_TEST(names_source(line), name << ": " << line);
        }
        BOOST_TEST(values >= 32);
    }
}

BOOST_AUTO_TEST_CASE(isaac_is_table_one) {
    const ChipConfig chip = load_chip(find_shipped(ShippedKind::chip, "isaac"));
    BOOST_TEST(chip.tiles() == 168);
    BOOST_TEST(chip.tiles() * chip.tile.processing_elements * chip.tile.arrays_per_pe == 16128);
    BOOST_TEST(chip.array.rows == 128);
    BOOST_TEST(chip.array.columns == 128);
    BOOST_TEST(chip.array.cell_bits == 2);
    BOOST_TEST(chip.array.cycle_s == 100e-9);
    BOOST_TEST(chip.adc.rate_hz * chip.array.cycle_s == 128, boost::test_tools::tolerance(1e-12));
    BOOST_TEST((chip.tile.buffer_bytes == 65536));
    BOOST_TEST(chip.mesh.link_bits * chip.mesh.clock_hz / 8 == 4e9);
    BOOST_TEST(chip.planes() + chip.pipeline.overhead_cycles == 14);
    BOOST_TEST(chip.slices() == 4);
}

BOOST_AUTO_TEST_CASE(the_oracle_waits_for_nothing) {
    const ChipConfig chip = load_chip(find_shipped(ShippedKind::chip, "isaac-oracle"));
    BOOST_TEST(chip.mesh.is_ideal());
    BOOST_TEST(!chip.tile.buffer_bytes.has_value());
    BOOST_TEST(chip.tile.bus_bytes_per_s == 0);
    BOOST_TEST(chip.tile.buffer_port_bytes_per_s == 0);
    BOOST_TEST(chip.tile.postprocessor_hz == 0);
    BOOST_TEST(chip.host.bytes_per_s == 0);
    BOOST_TEST(chip.adc.arrays_per_adc == 1);
    BOOST_TEST((chip.weights.slices == SlicePlacement::interleaved));
    BOOST_TEST((chip.weights.encoding == Encoding::differential));
    BOOST_TEST((chip.cost.accounting == Accounting::used));
}

BOOST_AUTO_TEST_CASE(the_home_of_the_user_comes_first) {
    const fs::path source = fs::path(SLIVER_SOURCE_DIR) / "configs" / "chips" / "isaac.yaml";
    BOOST_TEST(find_shipped(ShippedKind::chip, "isaac") == source);
    {
        const Home home;
        BOOST_TEST(find_shipped(ShippedKind::chip, "isaac") == source);
        const fs::path mine = home.put("configs/chips/isaac.yaml");
        BOOST_TEST(find_shipped(ShippedKind::chip, "isaac") == mine);
        home.put("configs/chips/other.yaml");
        const auto names = shipped_names(ShippedKind::chip);
        BOOST_TEST(std::count(names.begin(), names.end(), "isaac") == 1);
        BOOST_TEST(std::count(names.begin(), names.end(), "other") == 1);
    }
    setenv("SLIVER_HOME", "/no/such/folder", 1);
    BOOST_TEST(message_of([] { find_shipped(ShippedKind::chip, "isaac"); }) ==
               "SLIVER_HOME: value /no/such/folder: must be a folder");
    unsetenv("SLIVER_HOME");
}

BOOST_AUTO_TEST_CASE(networks_are_compressed_or_not_and_may_have_a_card) {
    const Home home;
    const fs::path packed = home.put("networks/tiny-a.onnx.gz");
    const fs::path plain = home.put("networks/tiny-b.onnx");
    const fs::path card = home.put("networks/tiny-a.yaml");
    BOOST_TEST(find_shipped(ShippedKind::network, "tiny-a") == packed);
    BOOST_TEST(find_shipped(ShippedKind::network, "tiny-b") == plain);
    BOOST_TEST((network_card(packed) == card));
    BOOST_TEST(!network_card(plain).has_value());
    BOOST_TEST(shipped_name_of(ShippedKind::network, packed) == "tiny-a");
    BOOST_TEST(shipped_name_of(ShippedKind::network, plain) == "tiny-b");
    BOOST_TEST(shipped_or_path(ShippedKind::network, packed.string()) == packed);
    BOOST_TEST(shipped_or_path(ShippedKind::network, "tiny-b") == plain);
}

BOOST_AUTO_TEST_CASE(unknown_names_are_refused_with_those_there_are) {
    std::string list;
    for (const std::string& name : shipped_names(ShippedKind::chip))
        list += (list.empty() ? "" : ", ") + name;
    const auto find = [](const char* name) {
        return message_of([&] { shipped_or_path(ShippedKind::chip, name); });
    };
    BOOST_TEST(find("isac") == "chip 'isac': no such chip: did you mean isaac?; there are: " + list);
    BOOST_TEST(find("zzzzzzzzzz") == "chip 'zzzzzzzzzz': no such chip; there are: " + list);
    BOOST_TEST(find("") == "chip '': no such chip; there are: " + list);
    BOOST_TEST(find("../chips/isaac") == "../chips/isaac: no such file");
    BOOST_TEST(find("no.yaml") == "no.yaml: no such file");
    BOOST_TEST(find("/tmp") == "/tmp: is not a file, but a chip is read from one");
    BOOST_TEST(message_of([] { find_shipped(ShippedKind::chip, "../chips/isaac"); }) ==
               "chip '../chips/isaac': no such chip; there are: " + list);
}

BOOST_AUTO_TEST_SUITE_END()
