#include "report/source.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "results/json_text.h"

namespace sliver::report {

namespace {
constexpr std::size_t kLongestPlace = 200;
}

Source::Source(std::string_view text, std::string name) : name_(std::move(name)) {
    root_ = results::parse_ordered_json(text, name_);
    if (!root_.is_object()) refuse("{}: must be a JSON object", name_);
}

void Source::fail(const Pointer& place, std::string_view rule) const {
    refuse("{}: {}: {}", name_, shown_text(place.to_string(), kLongestPlace),
           shown_text(rule, kLongestPlace));
}

bool Source::there(const Pointer& place) const {
    return root_.contains(place);
}

bool Source::has(const Pointer& place) const {
    return there(place) && !root_.at(place).is_null();
}

const Json& Source::at(const Pointer& place) const {
    if (!there(place)) fail(place, "is missing");
    return root_.at(place);
}

const Json& Source::number(const Pointer& place) const {
    const Json& value = at(place);
    if (!value.is_number()) fail(place, "must be a number");
    return value;
}

const std::string& Source::text(const Pointer& place) const {
    const Json& value = at(place);
    if (!value.is_string()) fail(place, "must be text");
    return value.get_ref<const std::string&>();
}

bool Source::flag(const Pointer& place) const {
    const Json& value = at(place);
    if (!value.is_boolean()) fail(place, "must be true or false");
    return value.get<bool>();
}

void Source::require_kind(const Pointer& place, std::string_view kind, int schema) const {
    if (text(place) != kind) fail(place, fmt::format("must be '{}', not '{}'", kind, text(place)));
    const Pointer version("/schema");
    if (number(version) != schema)
        fail(version,
             fmt::format("this version reads schema {}, the file has {}", schema, number(version).dump()));
}

std::size_t Source::size(const Pointer& place) const {
    const Json& value = at(place);
    if (!value.is_array()) fail(place, "must be a list");
    return value.size();
}

std::vector<std::string> Source::keys(const Pointer& place) const {
    const Json& value = at(place);
    if (!value.is_object()) fail(place, "must be an object");
    std::vector<std::string> keys;
    for (const auto& entry : value.items()) keys.push_back(entry.key());
    return keys;
}

}  // namespace sliver::report
