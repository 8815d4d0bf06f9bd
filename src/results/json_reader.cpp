#include "results/json_reader.h"

#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace sliver::results {

void Field::fail(std::string_view rule) const {
    refuse("{}: {}", path_, rule);
}

Field Field::operator[](std::string_view key) const {
    if (!value_.is_object()) fail("must be an object");
    const auto found = value_.find(std::string(key));
    const char* separator = path_.back() == ' ' ? "" : ".";
    std::string path = path_ + separator + std::string(key);
    if (found == value_.end()) refuse("{}: is missing; the file is no stats.json of this version", path);
    return {*found, std::move(path)};
}

bool Field::has(std::string_view key) const {
    return value_.is_object() && value_.contains(std::string(key));
}

std::vector<Field> Field::items() const {
    if (!value_.is_array()) fail("must be a list");
    std::vector<Field> fields;
    for (std::size_t i = 0; i < value_.size(); ++i)
        fields.emplace_back(value_[i], path_ + "[" + std::to_string(i) + "]");
    return fields;
}

std::vector<std::pair<std::string, Field>> Field::entries() const {
    if (!value_.is_object()) fail("must be an object");
    std::vector<std::pair<std::string, Field>> entries;
    for (const auto& item : value_.items())
        entries.emplace_back(cleaned(item.key()), Field(item.value(), path_ + "." + shown_text(item.key())));
    return entries;
}

std::uint64_t Field::count() const {
    if (!value_.is_number_unsigned()) fail("must be a whole number, zero or more");
    return value_.get<std::uint64_t>();
}

double Field::number() const {
    if (!value_.is_number() || !std::isfinite(value_.get<double>())) fail("must be a finite number");
    return value_.get<double>();
}

bool Field::flag() const {
    if (!value_.is_boolean()) fail("must be true or false");
    return value_.get<bool>();
}

std::string Field::text() const {
    if (!value_.is_string()) fail("must be a text");
    return cleaned(value_.get_ref<const std::string&>());
}

std::vector<std::uint64_t> Field::counts() const {
    std::vector<std::uint64_t> numbers;
    for (const Field& item : items()) numbers.push_back(item.count());
    return numbers;
}

std::vector<int> Field::integers(int lowest, int highest) const {
    std::vector<int> numbers;
    for (const Field& item : items()) {
        const std::uint64_t number = item.count();
        if (number < static_cast<std::uint64_t>(lowest) || number > static_cast<std::uint64_t>(highest))
            item.fail(fmt::format("value {}: must be from {} to {}", number, lowest, highest));
        numbers.push_back(static_cast<int>(number));
    }
    return numbers;
}

}  // namespace sliver::results
