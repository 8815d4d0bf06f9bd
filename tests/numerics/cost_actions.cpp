// The action list is complete, adds up, survives being written and read back, and its consistency rules can
// fail.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "cost/actions.h"

BOOST_AUTO_TEST_SUITE(cost_actions)

using namespace sliver::cost;

namespace {

// Every single count different, so that a mix-up of two members shows.
Actions numbered(std::uint64_t first) {
    Actions actions;
    for_each_action(actions, [&first](const ActionInfo&, auto& member) {
        if constexpr (std::is_same_v<std::decay_t<decltype(member)>, WidthCounts>) {
            for (std::size_t bits = 1; bits < member.size(); ++bits) member[bits] = first++;
        } else if constexpr (std::is_same_v<std::decay_t<decltype(member)>, LevelCounts>) {
            for (std::uint64_t& count : member) count = first++;
        } else {
            member = first++;
        }
    });
    return actions;
}

// A read of one 128 x 128 array with half of its rows and columns in use.
Actions plausible() {
    Actions a;
    a.crossbar_reads = a.input_register_accesses = a.output_register_accesses = 1;
    a.conversions_all[8] = a.samples_whole = a.shift_adds_whole = 128;
    a.conversions_used[8] = a.samples_used = a.shift_adds_used = 64;
    a.cells_whole = 128 * 128;
    a.cells_used = 64 * 64;
    a.cells_driven = 32 * 64;
    a.conducting_cells = 100;
    a.cells_by_level[0] = 32 * 64 - 100;
    a.cells_by_level[3] = 100;
    a.row_drives_whole = 128;
    a.row_drives_used = 64;
    a.row_drives_driven = 32;
    a.clipped = 64;
    return a;
}

bool one_line_with(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos && text.find('\n') == std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_action_has_a_name_a_unit_and_a_description) {
    std::set<std::string_view> names;
    for (const ActionInfo& info : kActions) {
        BOOST_TEST(!info.name.empty());
        BOOST_TEST(!info.unit.empty());
        BOOST_TEST(!info.description.empty());
        const int members = (info.count != nullptr ? 1 : 0) + (info.by_width != nullptr ? 1 : 0) +
                            (info.by_level != nullptr ? 1 : 0);
        BOOST_TEST(members == 1, "one member each: " << info.name);
        BOOST_TEST(names.insert(info.name).second, "listed twice: " << info.name);
    }
}

BOOST_AUTO_TEST_CASE(actions_add_member_by_member) {
    const Actions a = numbered(1), b = numbered(1000);
    Actions total = a;
    total += b;
    BOOST_TEST(total.crossbar_reads == a.crossbar_reads + b.crossbar_reads);
    BOOST_TEST(total.conversions_unit[7] == a.conversions_unit[7] + b.conversions_unit[7]);
    BOOST_TEST(total.output_register_bytes == a.output_register_bytes + b.output_register_bytes);
    BOOST_TEST((a + b == b + a));
    BOOST_TEST((total != a));
    Actions other = a;
    other.conversions_all[12] += 1;
    BOOST_TEST((other != a));
    BOOST_TEST(total.cells_by_level[15] == a.cells_by_level[15] + b.cells_by_level[15]);
    Actions another = a;
    another.cells_by_level[0] += 1;
    BOOST_TEST((another != a));
    BOOST_TEST(sum(a.conversions_all) == (4u + 15u) * 12 / 2);  // 4..15: three counts come before
    BOOST_TEST(sum(a.cells_by_level) == (2 * a.cells_by_level[0] + 15) * 16 / 2);
}

BOOST_AUTO_TEST_CASE(a_written_list_reads_back_equal) {
    const Actions actions = numbered(17);
    std::map<std::string, std::vector<std::uint64_t>> file;
    for_each_action(actions, [&file](const ActionInfo& info, const auto& member) {
        auto& values = file[std::string(info.name)];
        if constexpr (std::is_same_v<std::decay_t<decltype(member)>, std::uint64_t>)
            values = {member};
        else
            values.assign(member.begin(), member.end());
    });
    Actions back;
    for_each_action(back, [&file](const ActionInfo& info, auto& member) {
        const auto& values = file.at(std::string(info.name));
        if constexpr (std::is_same_v<std::decay_t<decltype(member)>, std::uint64_t>)
            member = values.at(0);
        else
            std::copy(values.begin(), values.end(), member.begin());
    });
    BOOST_TEST((back == actions));
}

BOOST_AUTO_TEST_CASE(impossible_counts_are_refused_by_name) {
    BOOST_CHECK_NO_THROW(check_actions(plausible(), "stats.json: conv1"));
    BOOST_CHECK_NO_THROW(check_actions(Actions{}, "empty"));

    const auto refused = [](auto spoil, const std::string& key) {
        Actions a = plausible();
        spoil(a);
        BOOST_CHECK_EXCEPTION(
            check_actions(a, "stats.json: conv1"), sliver::InputError, [&](const auto& error) {
                return one_line_with(error.what(), key) && one_line_with(error.what(), "stats.json: conv1");
            });
    };
    refused([](Actions& a) { a.conversions_used[0] = 1; }, "conversions_used[0]");
    refused([](Actions& a) { a.conversions_used[3] = 65; }, "conversions_used");
    refused([](Actions& a) { a.clipped = 65; }, "clipped");
    refused([](Actions& a) { a.cells_used = a.cells_whole + 1; }, "cells_used");
    refused([](Actions& a) { a.cells_driven = a.cells_used + 1; }, "cells_driven");
    refused([](Actions& a) { a.conducting_cells = a.cells_driven + 1; }, "conducting_cells");
    refused([](Actions& a) { --a.cells_by_level[3]; }, "cells_by_level");
    refused([](Actions& a) { a.row_drives_used = 129; }, "row_drives_used");
    refused([](Actions& a) { a.row_drives_driven = 65; }, "row_drives_driven");
    refused([](Actions& a) { a.samples_used = 129; }, "samples_used");
    refused([](Actions& a) { a.shift_adds_used = 129; }, "shift_adds_used");
}

BOOST_AUTO_TEST_CASE(accountings_have_names) {
    for (const Accounting accounting : kAccountings) {
        BOOST_TEST((parse_accounting(accounting_name(accounting)) == accounting));
        BOOST_TEST(!accounting_description(accounting).empty());
    }
    BOOST_CHECK_EXCEPTION(parse_accounting("half"), sliver::InputError,
                          [](const auto& error) { return one_line_with(error.what(), "'half'"); });
}

BOOST_AUTO_TEST_SUITE_END()
