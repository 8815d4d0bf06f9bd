#include "study/trade_off.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/input_file.h"
#include "base/text.h"
#include "config/quantity.h"
#include "config/yaml_document.h"
#include "study/names.h"

namespace sliver::study {
namespace fs = std::filesystem;

namespace {

enum Column : std::size_t {
    kNetwork,
    kData,
    kMethod,
    kAlpha,
    kPrune,
    kColumnBits,
    kEpochs,
    kSeed,
    kTop1,
    kB3,
    kB2,
    kB1,
    kB0,
    kMean,
    kStd,
    kAdcBits,
    kNote,
    kColumns
};
constexpr std::array<std::string_view, kColumns> kTitles = {
    "network", "data", "method", "alpha", "prune", "column_bits", "epochs",         "seed", "top1",
    "B3",      "B2",   "B1",     "B0",    "mean",  "std",         "adc_bits_worst", "note"};

constexpr double kAny = std::numeric_limits<double>::max();
constexpr int kWidestAdc = 12;
/// Files may round to 2 decimals: then a mean of four is off by a hundredth at most.
constexpr double kRounding = 0.01 + 1e-9;

/// One line of the file.
class Row {
  public:
    Row(std::string where, std::vector<std::string> fields)
        : where_(std::move(where)), fields_(std::move(fields)) {}

    [[noreturn]] void fail(Column column, const std::string& rule) const {
        refuse("{}: {}: value {}: {}", where_, kTitles[column], shown_text(fields_[column]), rule);
    }
    [[nodiscard]] const std::string& text(Column column) const { return fields_[column]; }
    [[nodiscard]] const std::string& word(Column column) const {
        if (fields_[column].empty()) refuse("{}: {}: is missing", where_, kTitles[column]);
        return fields_[column];
    }
    [[nodiscard]] double number(Column column, double lowest, double highest) const {
        const std::optional<double> value = config::parse_number(word(column));
        if (!value) fail(column, "must be a finite number");
        if (*value < lowest || *value > highest)
            fail(column, highest == kAny ? fmt::format("must be at least {}", lowest)
                                         : fmt::format("must be from {} to {}", lowest, highest));
        return *value;
    }
    [[nodiscard]] std::int64_t whole(Column column) const {
        const std::optional<std::int64_t> value = config::parse_integer(word(column));
        if (!value || *value < 0) fail(column, "must be a whole number, 0 or more");
        return *value;
    }
    /// Nothing or 0: none; else one width for all slices, or one a slice with blanks between them.
    [[nodiscard]] std::string widths(Column column) const {
        const std::string& value = text(column);
        if (value.empty() || value == "0") return "";
        std::size_t count = 0, begin = 0;
        while (begin <= value.size()) {
            const std::size_t end = std::min(value.find(' ', begin), value.size());
            const std::optional<std::int64_t> width =
                config::parse_integer(std::string_view(value).substr(begin, end - begin));
            if (!width || *width < 1 || *width > kWidestAdc) break;
            ++count;
            begin = end + 1;
        }
        if (begin <= value.size() || (count != 1 && count != 4))
            fail(column, fmt::format("must be 0, one width from 1 to {}, or four with blanks between them "
                                     "(B3 first)",
                                     kWidestAdc));
        return value;
    }

  private:
    std::string where_;
    std::vector<std::string> fields_;
};

/// Fields between commas; a field in quotes may hold commas, and quotes twice.
std::vector<std::string> split(std::string_view line, const std::string& where) {
    std::vector<std::string> fields(1);
    for (std::size_t at = 0; at < line.size();) {
        if (line[at] == '"' && fields.back().empty()) {
            for (++at;; ++at) {
                if (at >= line.size()) refuse("{}: a quote is not closed", where);
                if (line[at] == '"' && (at + 1 == line.size() || line[at + 1] != '"')) break;
                if (line[at] == '"') ++at;
                fields.back() += line[at];
            }
            ++at;
            if (at < line.size() && line[at] != ',')
                refuse("{}: text behind the closing quote of column {}", where, fields.size());
        } else if (line[at] == ',') {
            fields.emplace_back();
            ++at;
        } else {
            fields.back() += line[at++];
        }
    }
    return fields;
}

void require_titles(const std::vector<std::string>& titles, const std::string& where) {
    for (std::size_t i = 0; i < std::min<std::size_t>(titles.size(), kColumns); ++i)
        if (titles[i] != kTitles[i])
            refuse("{}: column {} is '{}': wanted '{}'", where, i + 1, shown_text(titles[i]), kTitles[i]);
    if (titles.size() != kColumns)
        refuse("{}: {} columns: wanted {}: {}", where, titles.size(), std::size_t{kColumns},
               fmt::join(kTitles, ","));
}

TradeOffPoint point_of(const Row& row) {
    TradeOffPoint point;
    point.model = model_key(row.word(kNetwork));
    point.data = data_key(row.word(kData));
    point.column_bits = row.widths(kColumnBits);
    point.method = method_key(row.word(kMethod), !point.column_bits.empty());
    point.alpha = row.number(kAlpha, 0, kAny);
    point.prune = row.number(kPrune, 0, 1);
    point.epochs = row.number(kEpochs, 0, kAny);
    point.seed = row.whole(kSeed);
    point.top1 = row.number(kTop1, 0, 1);
    std::vector<double> percent;
    for (const Column column : {kB0, kB1, kB2, kB3}) percent.push_back(row.number(column, 0, 100));
    point.shares = shares_of(std::move(percent));
    const auto agree = [&](Column column, double computed) {
        if (std::fabs(row.number(column, 0, 100) - computed) > kRounding)
            row.fail(column, fmt::format("B3 to B0 of this line give {:.4f}", computed));
    };
    agree(kMean, point.shares.mean);
    agree(kStd, point.shares.std);
    point.adc_bits = row.number(kAdcBits, 1, kWidestAdc);
    point.note = shown_text(row.text(kNote));
    return point;
}

}  // namespace

std::vector<TradeOffPoint> read_trade_off(const fs::path& file) {
    const std::string text = read_unpacked(file, kTextFile);
    if (const auto bad = first_unprintable(text))
        refuse("{}:{}: byte 0x{:02x}: the file must be printable UTF-8 text", file.string(), bad->line,
               bad->byte);
    std::vector<TradeOffPoint> points;
    std::size_t number = 0;
    for (std::size_t begin = 0; begin < text.size(); ++number) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string_view line = std::string_view(text).substr(begin, end - begin);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        begin = end + 1;
        const std::string where = fmt::format("{}:{}", file.string(), number + 1);
        std::vector<std::string> fields = split(line, where);
        if (number == 0) {
            require_titles(fields, where);
        } else {
            if (fields.size() != kColumns)
                refuse("{}: {} fields: wanted {}", where, fields.size(), std::size_t{kColumns});
            points.push_back(point_of(Row(where, std::move(fields))));
        }
    }
    if (number == 0) refuse("{}: is empty: wanted a header", file.string());
    return points;
}

std::vector<TradeOffPoint> read_curves(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator it(folder / "curves", error), end; !error && it != end; it.increment(error))
        if (it->path().extension() == ".csv") files.push_back(it->path());
    std::sort(files.begin(), files.end());
    std::vector<TradeOffPoint> points;
    for (const fs::path& file : files)
        for (TradeOffPoint& point : read_trade_off(file)) points.push_back(std::move(point));
    return points;
}

std::vector<bool> unbeaten(const std::vector<Balance>& points) {
    const auto beats = [](const Balance& a, const Balance& b) {
        return a.top1 >= b.top1 && a.mean <= b.mean && (a.top1 > b.top1 || a.mean < b.mean);
    };
    std::vector<bool> marks;
    for (const Balance& point : points)
        marks.push_back(std::none_of(points.begin(), points.end(),
                                     [&](const Balance& other) { return beats(other, point); }));
    return marks;
}

}  // namespace sliver::study
