// to_yaml(): the visitor that writes a chip file from a ChipConfig.
#include <fmt/format.h>

#include "config/chip_config_loader.h"
#include "config/chip_words.h"
#include "config/value_text.h"

namespace sliver::config {
namespace {

class Writer {
  public:
    explicit Writer(bool flip_columns_applies) : flip_columns_applies_(flip_columns_applies) {}
    [[nodiscard]] const std::string& yaml() const { return yaml_; }

    void text(const char* path, const std::string& field, TextForm, const char*) {
        line(path, value_text(field));
    }
    void integer(const char* path, int field, Range<int>, const char*) { line(path, value_text(field)); }
    void number(const char* path, double field, Range<double>, const char*) { line(path, value_text(field)); }
    void flag(const char* path, bool field, const char*) {
        // The loader refuses a key that means nothing.
        if (std::string_view(path) != kFlipColumnsKey || flip_columns_applies_) line(path, value_text(field));
    }
    template <typename Choice>
    void choice(const char* path, Choice field, const char*) {
        line(path, std::string(word_of(field)));
    }
    void quantity(const char* path, double field, Dimension dimension, Range<double>, Unlimited unlimited,
                  const char*) {
        line(path, quantity_text(field, dimension, unlimited));
    }
    void bytes(const char* path, const std::optional<std::int64_t>& field, Range<std::int64_t>, const char*) {
        line(path, value_text(field));
    }
    void integers(const char* path, const std::vector<int>& field, Range<int>, const char*) {
        line(path, value_text(field));
    }
    void layer_integers(const char* path, const std::map<std::string, std::vector<int>>& field, Range<int>,
                        const char*) {
        if (field.empty()) return line(path, "{}");
        line(path, "");
        for (const auto& [layer, widths] : field) entry(value_text(layer), value_text(widths));
    }
    void energies(const char* path, const std::map<std::string, double>& field, Range<double>, const char*) {
        if (field.empty()) return line(path, "{}");
        line(path, "");
        for (const auto& [action, energy] : field)
            entry(value_text(action), quantity_text(energy, Dimension::energy, Unlimited::no));
    }

  private:
    void line(std::string_view path, const std::string& value) {
        const std::size_t dot = path.find('.');
        if (dot != std::string_view::npos) {
            const std::string_view section = path.substr(0, dot);
            if (section != section_) yaml_ += fmt::format("{}:\n", section);
            section_ = section;
            yaml_ += "  ";
            path.remove_prefix(dot + 1);
        }
        yaml_ += fmt::format("{}:{}{}\n", path, value.empty() ? "" : " ", value);
    }
    void entry(const std::string& key, const std::string& value) {
        yaml_ += fmt::format("    {}: {}\n", key, value);
    }

    std::string yaml_;
    std::string section_;
    bool flip_columns_applies_;
};

}  // namespace

std::string to_yaml(const ChipConfig& chip) {
    Writer writer(chip.weights.encoding == Encoding::offset);
    ChipConfig copy = chip;  // visitors take fields that they may fill
    describe_chip(writer, copy);
    return writer.yaml();
}

}  // namespace sliver::config
