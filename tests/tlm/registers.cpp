// The generated files of the register map (share/registers) are those of this source, and say what it says.
//
// SLIVER_UPDATE_DOCS=1 makes the first case write them instead of comparing them. A C compiler reads the
// header in the test tlm_registers_c.
#include <boost/test/unit_test.hpp>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "model/register_map.h"

BOOST_AUTO_TEST_SUITE(tlm_registers)

namespace reg = sliver::model::reg;

namespace {

std::string shared(const std::string& name) {
    return std::string(SLIVER_SOURCE_DIR) + "/share/registers/" + name;
}

std::string contents(const std::string& file) {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// As much of SystemRDL 2.0 as the map is written in: one addrmap of registers with fields.
class Rdl {
  public:
    struct Field {
        std::map<std::string, std::string> properties;
        unsigned high = 0, low = 0;
    };
    struct Register {
        std::string desc;
        std::map<std::string, Field> fields;
        std::uint64_t offset = 0;
    };
    std::map<std::string, std::string> properties;
    std::vector<std::pair<std::string, Register>> registers;

    explicit Rdl(const std::string& text) {
        split(text);
        expect("addrmap");
        name_ = take();
        expect("{");
        while (peek() != "}") {
            if (peek() == "reg")
                registers.push_back(take_register());
            else
                take_property(properties);
        }
        expect("}");
        expect(";");
        if (at_ != tokens_.size()) throw std::runtime_error("something follows the addrmap");
    }

  private:
    void split(const std::string& text) {
        const auto is_word = [](char c) {
            return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
        };
        for (std::size_t i = 0; i < text.size();) {
            std::size_t end = i + 1;
            if (std::isspace(static_cast<unsigned char>(text[i])) != 0) {
                i = end;
                continue;
            }
            if (text.compare(i, 2, "//") == 0) {
                i = text.find('\n', i);
                continue;
            }
            std::string token;
            if (text[i] == '"') {
                for (; text.at(end) != '"'; ++end) {
                    if (text[end] == '\\') ++end;
                    token += text[end];
                }
                ++end;
                token = '"' + token;
            } else {
                while (is_word(text[i]) && end < text.size() && is_word(text[end])) ++end;
                token = text.substr(i, end - i);
            }
            tokens_.push_back(token);
            i = end;
        }
    }
    [[nodiscard]] const std::string& peek() const { return tokens_.at(at_); }
    const std::string& take() { return tokens_.at(at_++); }
    void expect(const std::string& token) {
        if (peek() != token) throw std::runtime_error("wanted " + token + ", found " + peek());
        ++at_;
    }
    void take_property(std::map<std::string, std::string>& list) {
        if (peek() == "default") ++at_;
        const std::string name = take();
        std::string value = "true";
        if (peek() == "=") {
            ++at_;
            value = take();
        }
        expect(";");
        if (!list.emplace(name, value).second) throw std::runtime_error(name + " twice");
    }
    std::pair<std::string, Register> take_register() {
        Register made;
        expect("reg");
        expect("{");
        std::map<std::string, std::string> about;
        while (peek() != "}") {
            if (peek() != "field") {
                take_property(about);
                continue;
            }
            expect("field");
            expect("{");
            Field field;
            while (peek() != "}") take_property(field.properties);
            expect("}");
            const std::string name = take();
            expect("[");
            field.high = static_cast<unsigned>(std::stoul(take()));
            expect(":");
            field.low = static_cast<unsigned>(std::stoul(take()));
            expect("]");
            expect(";");
            if (!made.fields.emplace(name, field).second) throw std::runtime_error(name + " twice");
        }
        expect("}");
        const std::string name = take();
        expect("@");
        made.offset = std::stoul(take(), nullptr, 0);
        expect(";");
        made.desc = about.at("desc");
        return {name, made};
    }

    std::vector<std::string> tokens_;
    std::size_t at_ = 0;
    std::string name_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(files_are_up_to_date) {
    for (const auto& [name, text] :
         {std::pair<std::string, std::string>{"sliver_accelerator.h", reg::c_header()},
          {"sliver_accelerator.rdl", reg::system_rdl()}}) {
        if (std::getenv("SLIVER_UPDATE_DOCS") != nullptr) std::ofstream(shared(name)) << text;
        BOOST_TEST((contents(shared(name)) == text), name + " is not what the source says");
    }
}

BOOST_AUTO_TEST_CASE(rdl_says_what_the_map_says) {
    const Rdl rdl(contents(shared("sliver_accelerator.rdl")));
    BOOST_TEST(rdl.properties.at("regwidth") == "32");
    BOOST_TEST(rdl.properties.at("littleendian") == "true");
    BOOST_REQUIRE(rdl.registers.size() == reg::kRegisters.size());
    std::size_t fields = 0;
    for (std::size_t i = 0; i < reg::kRegisters.size(); ++i) {
        const reg::Register& place = reg::kRegisters[i];
        const auto& [name, written] = rdl.registers[i];
        BOOST_TEST(name == place.name);
        BOOST_TEST(written.offset == place.offset, name);
        if (!place.meaning.empty()) BOOST_TEST(written.desc == '"' + std::string(place.meaning));
        std::uint64_t taken = 0;
        for (const auto& [field_name, field] : written.fields) {
            BOOST_REQUIRE(field.high >= field.low);
            BOOST_REQUIRE(field.high < 32U);
            const std::uint64_t mask = ((std::uint64_t{1} << (field.high - field.low + 1)) - 1) << field.low;
            BOOST_TEST((taken & mask) == 0U, name + "." + field_name);
            taken |= mask;
            const std::string access = field.properties.at("sw");
            const bool clears = field.properties.count("woclr") != 0;
            BOOST_TEST((access == "r" || access == "w" || access == "rw"));
            BOOST_TEST((!clears || access == "rw"));
            if (place.access == reg::Access::write_only) BOOST_TEST(access == "w", name);
            if (place.access == reg::Access::read_write) BOOST_TEST((access == "rw" && !clears), name);
            if (place.access == reg::Access::read_only) BOOST_TEST(access == "r", name);
            fields += field_name == "VALUE" ? 0 : 1;
        }
        if (place.offset == reg::status) {
            const auto& fields_of_it = written.fields;
            const auto mask = [&fields_of_it](const char* field) { return 1U << fields_of_it.at(field).low; };
            BOOST_TEST(mask("IDLE") == reg::kIdle);
            BOOST_TEST(mask("BUSY") == reg::kBusy);
            BOOST_TEST(mask("DONE") == reg::kDone);
            BOOST_TEST((mask("ERROR_BUSY") | mask("ERROR_JOB") | mask("ERROR_READ") | mask("ERROR_WRITE") |
                        mask("ERROR_INPUT")) == reg::kErrors);
            BOOST_TEST(written.fields.at("DONE").properties.count("woclr") == 1U);
            BOOST_TEST(written.fields.at("BUSY").properties.at("sw") == "r");
        }
    }
    BOOST_TEST(fields == reg::kFields.size());
}

BOOST_AUTO_TEST_SUITE_END()
