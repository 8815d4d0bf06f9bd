#include "results/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <stdexcept>

#include "base/text.h"
#include "results/quantity_text.h"
#include "results/wrapped_text.h"

namespace sliver::results {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kGap = 2;
/// Below it a text is hard to read: rather another part of the table.
constexpr std::size_t kNarrowText = 20;

double number_of(const Value& value) {
    if (const auto* number = std::get_if<double>(&value)) return *number;
    if (const auto* number = std::get_if<std::uint64_t>(&value)) return static_cast<double>(*number);
    if (const auto* number = std::get_if<std::int64_t>(&value)) return static_cast<double>(*number);
    throw std::logic_error("a table cell that is no number in a column of numbers");
}

std::uint64_t count_of(const Value& value) {
    if (const auto* number = std::get_if<std::uint64_t>(&value)) return *number;
    if (const auto* number = std::get_if<std::int64_t>(&value); number != nullptr && *number >= 0)
        return static_cast<std::uint64_t>(*number);
    throw std::logic_error("a table cell that is no count in a column of counts");
}

std::string plain_text(const Value& value) {
    struct Teller {
        std::string operator()(std::monostate) const { return "-"; }
        std::string operator()(bool flag) const { return flag ? "yes" : "no"; }
        std::string operator()(std::int64_t number) const { return std::to_string(number); }
        std::string operator()(std::uint64_t number) const { return std::to_string(number); }
        std::string operator()(double number) const { return exact(number); }
        std::string operator()(const std::string& text) const { return text; }
        std::string operator()(const std::vector<std::int64_t>& list) const {
            return slices_text(std::vector<int>(list.begin(), list.end()));
        }
    };
    return std::visit(Teller(), value);
}

std::string csv_field(const Value& value) {
    if (std::holds_alternative<std::monostate>(value)) return {};
    if (const auto* text = std::get_if<std::string>(&value)) return csv_text(*text);
    if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "1" : "0";
    if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) {
        std::string text;
        for (const std::int64_t number : *list) text += (text.empty() ? "" : " ") + std::to_string(number);
        return text;
    }
    return plain_text(value);
}

/// The texts of a table, and how they share out a line.
class Layout {
  public:
    Layout(const std::vector<Column>& columns, const std::vector<Table::Row>& rows)
        : columns_(columns), rows_(rows) {
        for (const Column& column : columns) {
            titles_.push_back(cleaned(column.title));
            natural_.push_back(width_of(titles_.back()));
            least_.push_back(least_width(titles_.back(), Breaks::hyphens));
            words_.push_back(least_.back());
        }
        for (const Table::Row& row : rows) {
            std::vector<std::string> texts;
            for (std::size_t i = 0; i < row.cells.size(); ++i)
                texts.push_back(cleaned(row.cells[i].shown(columns[i])));
            if (row.kind == Table::RowKind::values || row.kind == Table::RowKind::summary) widen(texts);
            texts_.push_back(std::move(texts));
        }
    }

    [[nodiscard]] std::string text(std::size_t indent, std::size_t width) const {
        std::vector<std::size_t> all;
        for (std::size_t i = 0; i < columns_.size(); ++i)
            if (columns_[i].for_people) all.push_back(i);
        const std::size_t room = width == kAnyWidth ? std::string::npos : width - std::min(width, indent);
        std::string text;
        for (const std::vector<std::size_t>& part : parts(all, room)) {
            if (!text.empty()) text += "\n";
            text += part_text(part, shares(part, room), indent, room);
        }
        return text;
    }

  private:
    void widen(const std::vector<std::string>& texts) {
        for (std::size_t i = 0; i < texts.size(); ++i) {
            const std::size_t whole = width_of(texts[i]);
            natural_[i] = std::max(natural_[i], whole);
            // Only texts are broken, and not into slivers unless nothing else helps.
            const bool text = columns_[i].align == Align::left;
            words_[i] = std::max(words_[i], text ? least_width(texts[i]) : whole);
            least_[i] = std::max({least_[i], words_[i], text ? std::min(whole, kNarrowText) : whole});
        }
    }

    static std::size_t whole(const std::vector<std::size_t>& widths) {
        return std::accumulate(widths.begin(), widths.end(), std::size_t{0}) +
               (widths.empty() ? 0 : kGap * (widths.size() - 1));
    }

    /// The columns of each part; all of them in one where they fit.
    [[nodiscard]] std::vector<std::vector<std::size_t>> parts(const std::vector<std::size_t>& all,
                                                              std::size_t room) const {
        const auto fits = [&](const std::vector<std::size_t>& part) {
            std::vector<std::size_t> least;
            for (const std::size_t column : part) least.push_back(least_[column]);
            return whole(least) <= room;
        };
        if (room == std::string::npos || all.size() <= 2 || fits(all)) return {all};
        std::vector<std::vector<std::size_t>> parts = {{all.front()}};
        for (std::size_t i = 1; i < all.size(); ++i) {
            std::vector<std::size_t> longer = parts.back();
            longer.push_back(all[i]);
            if (parts.back().size() == 1 || fits(longer))
                parts.back() = std::move(longer);
            else
                parts.push_back({all.front(), all[i]});
        }
        return parts;
    }

    /// Widths of a part's columns: those of right-aligned ones give way first, which costs a line of titles;
    /// then the widest text.
    [[nodiscard]] std::vector<std::size_t> shares(const std::vector<std::size_t>& part,
                                                  std::size_t room) const {
        std::vector<std::size_t> widths;
        for (const std::size_t column : part) widths.push_back(natural_[column]);
        const auto narrow = [&](Align align, const std::vector<std::size_t>& least) {
            while (whole(widths) > room) {
                std::size_t widest = part.size();
                for (std::size_t i = 0; i < part.size(); ++i)
                    if (columns_[part[i]].align == align && widths[i] > least[part[i]] &&
                        (widest == part.size() || widths[i] > widths[widest]))
                        widest = i;
                if (widest == part.size()) return;
                --widths[widest];
            }
        };
        narrow(Align::right, least_);
        narrow(Align::left, least_);
        narrow(Align::left, words_);
        return widths;
    }

    [[nodiscard]] std::string part_text(const std::vector<std::size_t>& part,
                                        const std::vector<std::size_t>& widths, std::size_t indent,
                                        std::size_t room) const {
        std::string text;
        const auto append = [&](std::string line) {
            line.erase(line.find_last_not_of(' ') + 1);
            if (!line.empty()) text.append(indent, ' ');
            text += line + "\n";
        };
        // `texts` by column; titles stand on the rule, what is broken hangs from its first line.
        const auto append_cells = [&](const std::vector<std::string>& texts, Breaks breaks, bool titles) {
            std::vector<std::vector<std::string>> cells;
            std::size_t height = 1;
            for (std::size_t i = 0; i < part.size(); ++i) {
                cells.push_back(part[i] < texts.size() ? lines_of(texts[part[i]], widths[i], breaks)
                                                       : std::vector<std::string>{""});
                height = std::max(height, cells.back().size());
            }
            for (std::size_t row = 0; row < height; ++row) {
                std::string line;
                for (std::size_t i = 0; i < part.size(); ++i) {
                    const std::size_t above = titles ? height - cells[i].size() : 0;
                    const bool there = row >= above && row - above < cells[i].size();
                    const std::string own = there ? cells[i][row - above] : std::string();
                    const std::string padding(widths[i] - std::min(widths[i], width_of(own)), ' ');
                    if (i != 0) line.append(kGap, ' ');
                    line += columns_[part[i]].align == Align::left ? own + padding : padding + own;
                }
                append(std::move(line));
            }
        };
        const std::string rule(whole(widths), '-');
        if (std::any_of(titles_.begin(), titles_.end(),
                        [](const std::string& title) { return !title.empty(); })) {
            append_cells(titles_, Breaks::hyphens, true);
            append(rule);
        }
        for (std::size_t i = 0; i < rows_.size(); ++i) switch (rows_[i].kind) {
                case Table::RowKind::values:
                case Table::RowKind::summary:
                    append_cells(texts_[i], Breaks::blanks, false);
                    break;
                case Table::RowKind::rule:
                    append(rule);
                    break;
                case Table::RowKind::heading:
                    for (std::string& line : lines_of(texts_[i].front(), room)) append(std::move(line));
                    break;
            }
        return text;
    }

    const std::vector<Column>& columns_;
    const std::vector<Table::Row>& rows_;
    std::vector<std::string> titles_;
    std::vector<std::vector<std::string>> texts_;  ///< by row
    /// By column: as wide as it comes; narrower only where the table has no other way; as its words allow.
    std::vector<std::size_t> natural_, least_, words_;
};

}  // namespace

Format as_it_is() {
    return plain_text;
}

Format as_count() {
    return [](const Value& value) { return grouped(count_of(value)); };
}

Format as_si(std::string unit) {
    return [unit = std::move(unit)](const Value& value) { return si(number_of(value), unit); };
}

Format as_fixed(int decimals, std::string unit) {
    return [decimals, unit = std::move(unit)](const Value& value) {
        return fmt::format("{:.{}f}{}{}", number_of(value), decimals, unit.empty() ? "" : " ", unit);
    };
}

Format as_percent(int decimals) {
    return
        [decimals](const Value& value) { return fmt::format("{:.{}f} %", 100 * number_of(value), decimals); };
}

Column for_programs(std::string key) {
    return {std::move(key), "", Align::left, as_it_is(), false};
}

std::string Cell::shown(const Column& column) const {
    if (shown_) return *shown_;
    return std::holds_alternative<std::monostate>(value_) ? "-" : column.format(value_);
}

void Table::add_column(Column column) {
    columns_.push_back(std::move(column));
}

void Table::add_column(const std::string& title, Align align) {
    columns_.push_back({"", title, align, as_it_is(), true});
}

void Table::add_values(std::vector<Cell> cells) {
    if (cells.size() > columns_.size()) throw std::logic_error("a table row with more cells than columns");
    rows_.push_back({RowKind::values, std::move(cells)});
}

void Table::add_row(const std::vector<std::string>& cells) {
    add_values({cells.begin(), cells.end()});
}

void Table::add_summary(std::vector<Cell> cells) {
    add_values(std::move(cells));
    rows_.back().kind = RowKind::summary;
}

void Table::add_rule() {
    rows_.push_back({RowKind::rule, {}});
}

void Table::add_heading(const std::string& text) {
    rows_.push_back({RowKind::heading, {Cell(text)}});
}

std::string Table::text(std::size_t indent) const {
    return Layout(columns_, rows_).text(indent, LineWidth::now());
}

std::string Table::csv() const {
    std::string text;
    const auto append_line = [&](const std::function<std::string(std::size_t)>& field) {
        std::string line;
        bool first = true;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (columns_[i].key.empty()) continue;
            line += (first ? "" : ",") + field(i);
            first = false;
        }
        text += line + "\n";
    };
    append_line([&](std::size_t i) { return csv_text(columns_[i].key); });
    for (const Row& row : rows_)
        if (row.kind == RowKind::values)
            append_line([&](std::size_t i) {
                return i < row.cells.size() ? csv_field(row.cells[i].value()) : std::string();
            });
    return text;
}

Json Table::json() const {
    Json list = Json::array();
    for (const Row& row : rows_) {
        if (row.kind != RowKind::values) continue;
        Json object = Json::object();
        for (std::size_t i = 0; i < columns_.size(); ++i)
            if (!columns_[i].key.empty())
                object[columns_[i].key] = i < row.cells.size() ? json_of(row.cells[i].value()) : Json();
        list.push_back(std::move(object));
    }
    return list;
}

Json json_of(const Value& value) {
    return std::visit(
        [](const auto& held) -> Json {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, double>)
                static_cast<void>(exact(held));  // finite, or it does not leave
            if constexpr (std::is_same_v<Held, std::monostate>)
                return nullptr;
            else
                return held;
        },
        value);
}

std::string json_text(const Json& document) {
    return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sliver::results
