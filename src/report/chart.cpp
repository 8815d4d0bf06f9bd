#include "report/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "report/html.h"
#include "report/resources.h"

namespace sliver::report {
namespace {

constexpr const char *kParts = "parts", *kOptional = "optional";

/// What charts/ holds, by name of the file.
const Json& files() {
    static const Json kFiles = Json::parse(chart_files());
    return kFiles;
}

/// Puts values in place of "@name". Values themselves are taken as they are: they may hold a file's names.
class Binder {
  public:
    explicit Binder(const Bindings& bound) : bound_(bound) {}
    void bind(Json& value) {
        if (value.is_string() && value.get_ref<const std::string&>().rfind('@', 0) == 0)
            value = value_of(value.get<std::string>().substr(1));
        else if (value.is_structured())
            for (Json& inner : value) bind(inner);
    }
    void require_all_used() const {
        for (const auto& [name, value] : bound_)
            if (used_.count(name) == 0) throw std::logic_error("a chart has no place for '" + name + "'");
    }

  private:
    Json value_of(const std::string& name) {
        const auto found = bound_.find(name);
        if (found == bound_.end()) {
            Json part = chart_part(name);
            bind(part);
            return part;
        }
        used_.insert(name);
        return found->second;
    }

    const Bindings& bound_;
    std::set<std::string> used_;
};

void set_height(Json& height, const DataRows& rows) {
    if (!height.is_object()) return;
    std::map<Json, std::set<Json>> different;  // by what they are counted within
    std::size_t most = 0;
    for (const Json& row : rows) {
        Json values = Json::array();
        for (const Json& field : height.at("each")) values.push_back(row.at(field.get<std::string>()));
        std::set<Json>& seen =
            different[height.contains("within") ? row.at(height.at("within").get<std::string>()) : Json()];
        seen.insert(std::move(values));
        most = std::max(most, seen.size());
    }
    height = height.at("pixels").get<std::size_t>() * most;
}

void drop_what_no_row_has(Json& spec, const DataRows& rows) {
    if (!spec.is_structured()) return;
    if (spec.contains("tooltip") && spec["tooltip"].is_array()) {
        Json kept = Json::array();
        for (Json entry : spec["tooltip"]) {
            const bool optional = entry.erase(kOptional) != 0;
            const bool there = std::any_of(rows.begin(), rows.end(), [&](const Json& row) {
                return row.contains(entry.at("field").get_ref<const std::string&>());
            });
            if (there || !optional) kept.push_back(std::move(entry));
        }
        spec["tooltip"] = std::move(kept);
    }
    for (Json& inner : spec) drop_what_no_row_has(inner, rows);
}

Json specification(const std::string& name) {
    Json spec = files().at(name);
    if (!spec.contains("like")) return spec;
    Json whole = specification(spec.at("like").get<std::string>());
    spec.erase("like");
    whole.merge_patch(spec);
    return whole;
}

}  // namespace

const Json& chart_part(const std::string& name) {
    const Json& parts = files().at(kParts);
    if (!parts.contains(name)) throw std::logic_error("nothing is bound to '" + name + "' of a chart");
    return parts.at(name);
}

std::vector<std::string> chart_names() {
    std::vector<std::string> names;
    for (const auto& file : files().items())
        if (file.key() != kParts) names.push_back(file.key());
    return names;
}

Json chart_spec(const std::string& name, const DataRows& rows, const Bindings& bound) {
    Json spec = chart_part("page");
    spec.update(specification(name));
    Binder binder(bound);
    binder.bind(spec);
    binder.require_all_used();
    drop_what_no_row_has(spec, rows);
    set_height(spec.at("height"), rows);
    spec["datasets"] = {{spec.at("data").at("name").get<std::string>(), rows}};
    return spec;
}

std::string figure_html(const std::string& name, const DataRows& rows, const Bindings& bound,
                        const std::string& id) {
    const Json spec = chart_spec(name, rows, bound);
    const Json& words = spec.at("usermeta");
    const std::string caption = escaped(words.at("caption").get<std::string>());
    const std::string hint = words.value("hint", "");
    return fmt::format(
        "<figure class=\"chart\" id=\"chart-{0}\">\n<figcaption>{1}{2}</figcaption>\n"
        "<div class=\"plot\" role=\"img\" aria-label=\"{1}\"></div>\n"
        "<script type=\"application/json\" class=\"chart\" data-chart=\"{0}\">{3}</script>\n</figure>\n",
        id.empty() ? name : id, caption,
        hint.empty() ? "" : fmt::format(" <span class=\"hint\">{}</span>", escaped(hint)), script_json(spec));
}

Json choice(const std::string& name, const std::vector<Option>& options, const Json& chosen) {
    Json parameter = {{"name", name}, {"value", chosen}};
    if (options.size() < 2) return parameter;
    Json values = Json::array(), labels = Json::array();
    for (const Option& option : options) {
        values.push_back(option.value);
        labels.push_back(option.label);
    }
    parameter["bind"] = {{"input", "select"}, {"name", name}, {"options", values}, {"labels", labels}};
    return parameter;
}

}  // namespace sliver::report
