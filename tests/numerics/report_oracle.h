// Reads a report as a stranger would: every number on the page is looked up in stats.json by the place it
// names.
//
// Knows HTML and JSON, nothing of how the page is made.
#pragma once

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace report_oracle {

using nlohmann::json;

/// What stands between `begin` and `end`, each time.
inline std::vector<std::string> between(const std::string& text, const std::string& begin,
                                        const std::string& end) {
    std::vector<std::string> found;
    for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
        at += begin.size();
        const std::size_t stop = text.find(end, at);
        BOOST_REQUIRE(stop != std::string::npos);
        found.push_back(text.substr(at, stop - at));
        at = stop;
    }
    return found;
}

inline std::size_t occurrences(const std::string& text, const std::string& word) {
    std::size_t count = 0;
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + word.size()))
        ++count;
    return count;
}

/// A number as people read it, in base units: "1,040.5 µs" is 0.0010405, "12.5 %" is 0.125.
inline double read_number(std::string text) {
    std::string plain;
    for (const char c : text)
        if (c != ',') plain += c;
    char* rest = nullptr;
    const double value = std::strtod(plain.c_str(), &rest);
    BOOST_TEST((rest != plain.c_str()), "no number: " << text);
    const std::string unit = rest;
    if (unit.empty() || unit == " mm²" || unit == " nm" || unit == " B") return value;
    if (unit == " %") return value / 100;
    const std::vector<std::pair<std::string, double>> prefixes = {
        {" T", 1e12}, {" G", 1e9},  {" M", 1e6},   {" k", 1e3},   {" m", 1e-3},
        {" µ", 1e-6}, {" n", 1e-9}, {" p", 1e-12}, {" f", 1e-15}, {" ", 1}};
    for (const auto& [prefix, scale] : prefixes)
        for (const char* base : {"s", "J", "W", "A", "Ω"})
            if (unit == prefix + base) return value * scale;
    BOOST_ERROR("unknown unit in '" << text << "'");
    return value;
}

inline bool ends_with(const std::string& text, const std::string& ending) {
    return text.size() >= ending.size() &&
           text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

/// Checks every number of the tables; returns how many there are.
inline std::size_t check_tables(const std::string& html, const json& stats) {
    std::size_t count = 0;
    for (const std::string& element : between(html, "<data ", "</data>")) {
        const std::string value = between(element, "value=\"", "\"").at(0);
        const std::string key = between(element, "data-key=\"", "\"").at(0);
        const std::string shown = element.substr(element.find('>') + 1);
        const json::json_pointer place(key);
        BOOST_REQUIRE_MESSAGE(stats.contains(place), key);
        BOOST_TEST(json::parse(value) == stats.at(place), key);
        const double exact = stats.at(place).get<double>() * (ends_with(key, "_fs") ? 1e-15 : 1);
        // Four significant digits; percent and cycles have two decimals.
        const double tolerance = std::abs(exact) * 5.1e-4 + (ends_with(shown, "%") ? 5.1e-5 : 0) +
                                 (ends_with(key, "_cycle") || ends_with(key, "_cycles") ? 5.1e-3 : 0);
        BOOST_TEST(std::abs(read_number(shown) - exact) <= tolerance,
                   key << ": " << shown << " for " << exact);
        ++count;
    }
    // No number without its place: what is aligned as one is one, or says that there is none.
    for (const char* cell : {"<td class=\"number\"", "<th scope=\"row\" class=\"number\""})
        for (const std::string& content : between(html, cell, "</t")) {
            const std::string inside = content.substr(content.find('>') + 1);
            BOOST_TEST((inside.empty() || inside == "–" || inside.rfind("<data ", 0) == 0), inside);
        }
    return count;
}

/// Specifications of the charts by identifier, in the order of the page.
inline std::vector<std::pair<std::string, json>> charts_of(const std::string& html) {
    std::vector<std::pair<std::string, json>> charts;
    for (const std::string& script :
         between(html, "<script type=\"application/json\" class=\"chart\" data-chart=\"", "</script>"))
        charts.emplace_back(script.substr(0, script.find('"')),
                            json::parse(script.substr(script.find('>') + 1)));
    return charts;
}

/// The rows that are bound to a chart's data.
inline json rows_of(const json& spec) {
    return spec.at("datasets").at(spec.at("data").at("name").get<std::string>());
}

/// Fields that a chart's transforms make of others.
inline void add_made_fields(const json& part, std::set<std::string>& fields) {
    const auto add = [&](const json& names) {
        for (const json& name : names.is_array() ? names : json::array({names}))
            fields.insert(name.get<std::string>());
    };
    for (const json& transform : part.value("transform", json::array())) {
        if (transform.contains("as")) add(transform.at("as"));
        for (const char* list : {"window", "joinaggregate"})
            for (const json& made : transform.value(list, json::array())) add(made.at("as"));
    }
    for (const json& layer : part.value("layer", json::array())) add_made_fields(layer, fields);
}

/// Fields that a chart draws, sorts or groups by, and those its expressions read.
inline void add_read_fields(const json& part, std::set<std::string>& fields) {
    if (part.is_string()) {
        static const std::regex kRead(R"(datum\.([A-Za-z0-9_]+))");
        const std::string text = part.get<std::string>();
        for (std::sregex_iterator word(text.begin(), text.end(), kRead), end; word != end; ++word)
            fields.insert((*word)[1]);
        return;
    }
    if (!part.is_structured()) return;
    for (const auto& [key, value] : part.items()) {
        if (key == "datasets" || key == "params" || key == "usermeta") continue;
        if (key == "field" && value.is_string()) fields.insert(value.get<std::string>());
        if (key == "groupby" || key == "flatten" || key == "fold")
            for (const json& name : value) fields.insert(name.get<std::string>());
        if (key != "labelExpr") add_read_fields(value, fields);
    }
}

/// Checks that a chart reads only what its rows have or its transforms make; `may_lack`: fields of some
/// files only.
inline void check_fields(const json& spec, const std::set<std::string>& may_lack = {}) {
    std::set<std::string> there = may_lack, read;
    for (const json& row : rows_of(spec))
        for (const auto& [field, value] : row.items()) there.insert(field);
    add_made_fields(spec, there);
    add_read_fields(spec, read);
    for (const std::string& field : read)
        BOOST_TEST(there.count(field) == 1U, field << " is not in the data");
    BOOST_TEST(!read.empty());
}

/// Checks every number of a chart's data, and that no two of a row have changed places; returns how many
/// there are.
inline std::size_t check_chart(const json& spec, const json& stats) {
    check_fields(spec);
    std::size_t count = 0;
    for (const json& row : rows_of(spec))
        for (const auto& [field, value] : row.items()) {
            if (field == "keys" || value.is_string()) continue;
            for (const json& number : value.is_array() ? value : json::array({value}))
                BOOST_REQUIRE_MESSAGE(number.is_number(), field);
            BOOST_REQUIRE_MESSAGE(row.at("keys").contains(field), field);
            const json::json_pointer place(row.at("keys").at(field).get<std::string>());
            BOOST_REQUIRE_MESSAGE(stats.contains(place), place);
            BOOST_TEST(value == stats.at(place), place);
            if (place.back() != field && row.at("keys").contains(place.back()))
                BOOST_TEST(
                    json::json_pointer(row.at("keys").at(place.back()).get<std::string>()).back() != field,
                    field << " has changed places with " << place.back());
            ++count;
        }
    return count;
}

/// A page that a browser can open without asking the network for anything.
inline void check_self_contained(const std::string& html) {
    for (const char* request :
         {" src=", "href=\"http", "href=\"//", "@import", "url(", "<iframe", "<object"}) {
        // Scripts hold such words; only the page around them asks.
        std::string page = html;
        for (std::size_t at = page.find("<script class=\"vega-bundle\""); at != std::string::npos;
             at = page.find("<script class=\"vega-bundle\""))
            page.erase(at, page.find("</script>", at) - at);
        BOOST_TEST(page.find(request) == std::string::npos, request);
    }
}

}  // namespace report_oracle
