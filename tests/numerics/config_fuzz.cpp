// Damaged chip files: whatever the bytes, the loader gives a chip or one line of InputError, never anything
// else.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "base/error.h"
#include "config/chip_config_loader.h"

BOOST_AUTO_TEST_SUITE(config_fuzz)

using namespace sliver::config;

namespace {

std::string isaac() {
    std::ifstream file(std::string(SLIVER_SOURCE_DIR) + "/configs/chips/isaac.yaml");
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class Damage {
  public:
    std::string apply(std::string text) {
        for (int times = 1 + static_cast<int>(below(4)); times > 0 && !text.empty(); --times) damage(text);
        return text;
    }

  private:
    std::size_t below(std::size_t bound) {
        return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
    }
    void damage(std::string& text) {
        // What means something to YAML finds more than random bytes do.
        static const std::string kSigns = ":-?[]{},#&*!|>'\"%@`~ \n\t<=0123456789.eE";
        const std::size_t at = below(text.size());
        switch (below(6)) {
            case 0:
                text[at] = static_cast<char>(below(256));
                break;
            case 1:
                text[at] = kSigns[below(kSigns.size())];
                break;
            case 2:
                text.insert(at, 1, kSigns[below(kSigns.size())]);
                break;
            case 3:
                text.erase(at, 1 + below(40));
                break;
            case 4:
                text.insert(below(text.size()), text.substr(at, 1 + below(80)));
                break;
            default:
                text.resize(at);
        }
    }
    std::mt19937_64 random_{4096};
};

}  // namespace

BOOST_AUTO_TEST_CASE(damaged_files_parse_or_are_refused_in_one_line) {
    const std::string whole = isaac();
    BOOST_REQUIRE(whole.size() > 1000);
    Damage damage;
    int accepted = 0;
    int refused = 0;
    for (int i = 0; i < 2000; ++i) {
        const std::string text = damage.apply(whole);
        try {
            const ChipConfig chip = parse_chip(text, "isaac.yaml");
            ++accepted;
            // What was accepted is a whole chip: it can be written and read again.
            BOOST_REQUIRE(parse_chip(to_yaml(chip), "again") == chip);
        } catch (const sliver::InputError& error) {
            const std::string message = error.what();
            ++refused;
            BOOST_REQUIRE_EQUAL(message.find("isaac.yaml:"), 0U);
            BOOST_REQUIRE_EQUAL(message.find('\n'), std::string::npos);
            BOOST_REQUIRE_LT(message.size(), 500U);
        }
    }
    // Both ends happen, or the test looks at one kind of text only.
    BOOST_TEST(accepted > 200);
    BOOST_TEST(refused > 200);
}

BOOST_AUTO_TEST_CASE(every_truncation_parses_or_is_refused) {
    const std::string whole = isaac();
    for (std::size_t length = 0; length < whole.size(); length += 7) {
        try {
            parse_chip(whole.substr(0, length), "isaac.yaml");
        } catch (const sliver::InputError&) {
            continue;
        }
    }
    BOOST_TEST(parse_chip(whole, "isaac.yaml").name == "isaac");
}

BOOST_AUTO_TEST_CASE(hostile_texts_are_refused_in_time) {
    for (const char opening : {'[', '{', ']', '}', ',', '-', '?', ':', '"', '&', '!', '*', '>', '%'}) {
        BOOST_CHECK_THROW(parse_chip(std::string(100000, opening), "x"), sliver::InputError);
        std::string spaced;
        for (int i = 0; i < 50000; ++i) (spaced += opening) += ' ';
        BOOST_CHECK_THROW(parse_chip(spaced, "x"), sliver::InputError);
    }
}

BOOST_AUTO_TEST_SUITE_END()
