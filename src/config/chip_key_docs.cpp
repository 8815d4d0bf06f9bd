// chip_key_docs(): the visitor that documents the keys.
#include <fmt/format.h>

#include <utility>

#include "config/chip_config_loader.h"
#include "config/key_rules.h"
#include "config/value_text.h"

namespace sliver::config {
namespace {

class Documenter {
  public:
    [[nodiscard]] std::vector<KeyDoc> take() { return std::move(docs_); }

    void text(const char* path, const std::string& field, TextForm form, const char* meaning) {
        const bool required = form == TextForm::name;
        add(path, form == TextForm::line ? line_rule() : name_rule(),
            required ? "(required)" : value_text(field), meaning);
    }
    void integer(const char* path, int field, Range<int> range, const char* meaning) {
        add(path, integer_rule(range), value_text(field), meaning);
    }
    void number(const char* path, double field, Range<double> range, const char* meaning) {
        add(path, number_rule(range), value_text(field), meaning);
    }
    void flag(const char* path, bool field, const char* meaning) {
        add(path, flag_rule(), value_text(field), meaning);
    }
    template <typename Choice>
    void choice(const char* path, Choice field, const char* meaning) {
        add(path, choice_rule(field), std::string(word_of(field)), meaning);
    }
    void quantity(const char* path, double field, Dimension dimension, Range<double> range,
                  Unlimited unlimited, const char* meaning) {
        add(path, quantity_rule(dimension, range, unlimited), quantity_text(field, dimension, unlimited),
            meaning);
    }
    void bytes(const char* path, const std::optional<std::int64_t>& field, Range<std::int64_t> range,
               const char* meaning) {
        add(path, bytes_rule(range), value_text(field), meaning);
    }
    void integers(const char* path, const std::vector<int>& field, Range<int> range, const char* meaning) {
        add(path, integers_rule(range), value_text(field), meaning);
    }
    void layer_integers(const char* path, const std::map<std::string, std::vector<int>>&, Range<int> range,
                        const char* meaning) {
        add(path, layer_integers_rule(range), "{}", meaning);
    }
    void energies(const char* path, const std::map<std::string, double>&, Range<double> range,
                  const char* meaning) {
        add(path, energies_rule(range), "{}", meaning);
    }

  private:
    void add(const char* path, std::string value, std::string fallback, const char* meaning) {
        docs_.push_back({path, std::move(value), std::move(fallback), meaning});
    }
    std::vector<KeyDoc> docs_;
};

}  // namespace

std::vector<KeyDoc> chip_key_docs() {
    Documenter documenter;
    ChipConfig defaults;
    describe_chip(documenter, defaults);
    return documenter.take();
}

std::string chip_key_table() {
    std::string table = "| key | value | default | meaning |\n| --- | --- | --- | --- |\n";
    for (const KeyDoc& doc : chip_key_docs())
        table += fmt::format("| `{}` | {} | `{}` | {} |\n", doc.key, doc.value, doc.fallback, doc.meaning);
    return table;
}

}  // namespace sliver::config
