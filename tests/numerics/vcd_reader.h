// A reader of value change dumps, as small as the tests need: scopes, vectors, times. Anything unexpected
// fails the test.
#pragma once

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace vcd_reader {

struct Signal {
    /// (time, value); no value: x.
    std::vector<std::pair<std::uint64_t, std::optional<std::uint64_t>>> changes;
};

struct Dump {
    std::string timescale;
    std::map<std::string, Signal> signals;  ///< by path: chip.conv1.adcs_busy
    std::uint64_t first = 0, last = 0;      ///< time stamps

    [[nodiscard]] const Signal& at(const std::string& path) const {
        BOOST_REQUIRE_MESSAGE(signals.count(path) == 1, path);
        return signals.at(path);
    }
    /// The sum of value x time over the whole dump; every value must be known.
    [[nodiscard]] std::uint64_t integral(const std::string& path) const {
        std::uint64_t sum = 0;
        const auto& changes = at(path).changes;
        for (std::size_t i = 0; i < changes.size(); ++i) {
            BOOST_REQUIRE(changes[i].second.has_value());
            const std::uint64_t until = i + 1 < changes.size() ? changes[i + 1].first : last;
            sum += *changes[i].second * (until - changes[i].first);
        }
        return sum;
    }
};

inline Dump parse(const std::string& text) {
    Dump dump;
    std::istringstream in(text);
    std::map<std::string, std::string> paths;  // by identifier
    std::vector<std::string> scopes;
    std::string token;
    const auto section = [&] {
        std::vector<std::string> words;
        for (std::string word; in >> word && word != "$end";) words.push_back(word);
        return words;
    };
    while (in >> token && token != "$enddefinitions") {
        BOOST_REQUIRE_MESSAGE(token[0] == '$', token);
        const std::vector<std::string> words = section();
        if (token == "$timescale")
            for (const std::string& word : words) dump.timescale += word;
        if (token == "$scope") scopes.push_back(words.at(1));
        if (token == "$upscope") {
            BOOST_REQUIRE(!scopes.empty());
            scopes.pop_back();
        }
        if (token != "$var") continue;
        BOOST_REQUIRE(words.size() == 4U);
        std::string path;
        for (const std::string& scope : scopes) path += scope + ".";
        path += words[3];
        BOOST_REQUIRE_MESSAGE(paths.emplace(words[2], path).second, "identifier twice: " << words[2]);
        BOOST_REQUIRE_MESSAGE(dump.signals.emplace(path, Signal()).second, "signal twice: " << path);
    }
    BOOST_REQUIRE(scopes.empty());
    section();
    std::optional<std::uint64_t> now;
    while (in >> token) {
        if (token == "$dumpvars" || token == "$end") continue;
        if (token == "$comment") {
            section();
            continue;
        }
        if (token[0] == '#') {
            const std::uint64_t time = std::stoull(token.substr(1));
            BOOST_REQUIRE_MESSAGE(!now || time > *now, "time goes back or stands at " << token);
            if (!now) dump.first = time;
            now = dump.last = time;
            continue;
        }
        BOOST_REQUIRE_MESSAGE(token[0] == 'b' && now, token);
        std::string identifier;
        in >> identifier;
        BOOST_REQUIRE_MESSAGE(paths.count(identifier) == 1, identifier);
        const std::string digits = token.substr(1);
        dump.signals[paths[identifier]].changes.emplace_back(
            *now, digits == "x" ? std::nullopt : std::optional(std::stoull(digits, nullptr, 2)));
    }
    return dump;
}

}  // namespace vcd_reader
