// docs/configuration.md says what the code accepts.
//
// SLIVER_UPDATE_DOCS=1 makes the first test rewrite the table instead of comparing it.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "config/chip_config_loader.h"

BOOST_AUTO_TEST_SUITE(config_docs)

using namespace sliver::config;

namespace {

const std::string kPage = std::string(SLIVER_SOURCE_DIR) + "/docs/configuration.md";
const std::string kBegin = "<!-- chip keys: generated, see the end of this page -->\n";
const std::string kEnd = "<!-- end of chip keys -->\n";

std::string page() {
    std::ifstream file(kPage);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_table_of_the_documentation_is_the_code_s) {
    std::string text = page();
    const std::size_t begin = text.find(kBegin);
    const std::size_t end = text.find(kEnd);
    BOOST_REQUIRE(begin != std::string::npos);
    BOOST_REQUIRE(end != std::string::npos);
    const std::size_t table = begin + kBegin.size();
    if (std::getenv("SLIVER_UPDATE_DOCS") != nullptr) {
        text.replace(table, end - table, chip_key_table());
        std::ofstream(kPage) << text;
    }
    BOOST_TEST(page().substr(table, page().find(kEnd) - table) == chip_key_table());
}

BOOST_AUTO_TEST_CASE(every_key_is_documented_once_and_in_words) {
    std::set<std::string> seen;
    for (const KeyDoc& doc : chip_key_docs()) {
        BOOST_TEST(seen.insert(doc.key).second, doc.key);
        BOOST_TEST(!doc.value.empty(), doc.key);
        BOOST_TEST(!doc.fallback.empty(), doc.key);
        BOOST_TEST(doc.meaning.size() > 10U, doc.key);
        BOOST_TEST(doc.meaning.back() == '.', doc.key);
    }
    BOOST_TEST(seen.count("adc.bits") == 1U);
    BOOST_TEST(seen.count("cost.energy_overrides") == 1U);
}

BOOST_AUTO_TEST_CASE(documented_defaults_are_the_defaults) {
    // Under offset encoding every key may be stated.
    const ChipConfig bare = parse_chip("name: n\nweights: {encoding: offset}", "f");
    int checked = 0;
    for (const KeyDoc& doc : chip_key_docs()) {
        if (doc.key == "name" || doc.key == "weights.encoding") continue;
        const ChipConfig stated =
            parse_chip("name: n\nweights: {encoding: offset}", "f", {doc.key + "=" + doc.fallback});
        BOOST_TEST((stated == bare), doc.key);
        ++checked;
    }
    BOOST_TEST(checked > 35);
}

BOOST_AUTO_TEST_SUITE_END()
