#include "config/yaml_document.h"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <cstddef>
#include <optional>
#include <sstream>
#include <utility>

#include "base/error.h"
#include "base/input_file.h"
#include "base/text.h"

namespace sliver::config {
namespace {

constexpr std::size_t kMaximumBytes = kTextFile.most_bytes;
constexpr std::size_t kMaximumDepth = 16;

// How a mark of yaml-cpp (counted from 0) becomes the `where` of a node.
class Places {
  public:
    Places(std::string source, bool with_position)
        : source_(std::move(source)), with_position_(with_position) {}
    [[nodiscard]] std::string at(int line, int column) const {
        return with_position_ ? fmt::format("{}:{}:{}", source_, line, column) : source_;
    }
    [[nodiscard]] std::string at(const YAML::Mark& mark) const {
        // yaml-cpp leaves marks of -1 on errors that have no place of their own.
        return at(mark.line < 0 ? 1 : mark.line + 1, mark.column < 0 ? 1 : mark.column + 1);
    }

  private:
    std::string source_;
    bool with_position_;
};

// Listens to nothing: a first pass for YAML's own errors, which say more than what half a document looks like
// to TreeBuilder (an unclosed "[8" begins as a key that is a list).
class SyntaxCheck : public YAML::EventHandler {
  public:
    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}
};

// Builds the tree from yaml-cpp's events. open_ holds the lists and maps that have begun and not ended; a
// map's pending key waits beside it for its value.
class TreeBuilder : public YAML::EventHandler {
  public:
    explicit TreeBuilder(const Places& places) : places_(places) { root_.where = places.at(1, 1); }
    [[nodiscard]] YamlNode take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (documents_++ > 0)
            refuse("{}: unexpected text: a file holds one document, and it ended before this",
                   places_.at(mark));
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        check_plain(mark, "", anchor);
        add(make(YamlNode::Kind::nothing, mark));
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        refuse("{}: alias: anchors and aliases are not supported, write the value out", places_.at(mark));
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        check_plain(mark, tag, anchor);
        if (first_unprintable(value))
            refuse("{}: value {}: holds a control character", places_.at(mark), shown_text(value));
        YamlNode node = make(YamlNode::Kind::scalar, mark);
        node.text = value;
        add(std::move(node));
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        begin(YamlNode::Kind::list, mark, tag, anchor);
    }
    void OnSequenceEnd() override { end(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        begin(YamlNode::Kind::map, mark, tag, anchor);
    }
    void OnMapEnd() override { end(); }

  private:
    struct Open {
        YamlNode node;
        std::optional<YamlEntry> pending;
    };

    [[nodiscard]] YamlNode make(YamlNode::Kind kind, const YAML::Mark& mark) const {
        YamlNode node;
        node.kind = kind;
        node.where = places_.at(mark);
        return node;
    }

    void check_plain(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) const {
        if (anchor != YAML::NullAnchor)
            refuse("{}: anchor: anchors and aliases are not supported, write the value out",
                   places_.at(mark));
        // "?" and "!" are yaml-cpp's marks for plain and quoted scalars without a tag.
        if (!tag.empty() && tag != "?" && tag != "!")
            refuse("{}: tag '{}': tags are not supported", places_.at(mark), shown_text(tag));
    }

    void begin(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
        check_plain(mark, tag, anchor);
        if (open_.size() == kMaximumDepth)
            refuse("{}: nested deeper than {} levels", places_.at(mark), kMaximumDepth);
        if (!open_.empty() && open_.back().node.kind == YamlNode::Kind::map && !open_.back().pending)
            refuse("{}: a key must be a word, not a list or a mapping", places_.at(mark));
        open_.push_back({make(kind, mark), std::nullopt});
    }

    void end() {
        YamlNode node = std::move(open_.back().node);
        open_.pop_back();
        add(std::move(node));
    }

    void add(YamlNode node) {
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& parent = open_.back();
        if (parent.node.kind == YamlNode::Kind::list) {
            parent.node.items.push_back(std::move(node));
        } else if (!parent.pending) {
            parent.pending = key_from(node, parent.node);
        } else {
            // yaml-cpp places a missing value at whatever comes next; the key is where the user must look.
            if (node.kind == YamlNode::Kind::nothing) node.where = parent.pending->where;
            parent.pending->value = std::move(node);
            parent.node.append(std::move(*parent.pending));
            parent.pending.reset();
        }
    }

    static YamlEntry key_from(const YamlNode& node, const YamlNode& map) {
        if (node.kind != YamlNode::Kind::scalar || node.text.empty())
            refuse("{}: a key must be a word, not nothing", node.where);
        if (node.text == "<<")
            refuse("{}: key '<<': merge keys are not supported, write the keys out", node.where);
        if (const YamlEntry* first = map.find(node.text))
            refuse("{}: key '{}': given twice, first at {}", node.where, shown_text(node.text), first->where);
        return {node.text, node.where, {}};
    }

    const Places& places_;
    YamlNode root_;
    std::vector<Open> open_;
    int documents_ = 0;
};

void check_bytes(std::string_view text, const Places& places) {
    if (text.size() > kMaximumBytes) refuse("{}: longer than {} bytes", places.at(1, 1), kMaximumBytes);
    if (const auto bad = first_unprintable(text))
        refuse("{}: byte 0x{:02x}: the file must be printable UTF-8 text", places.at(bad->line, bad->column),
               bad->byte);
}

void send_events(std::string_view text, const Places& places, YAML::EventHandler& handler) {
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        // A second document is refused by TreeBuilder. There may be no end of them: yaml-cpp 0.7 takes a
        // stray ',' for one empty document after the other.
        if (parser.HandleNextDocument(handler)) parser.HandleNextDocument(handler);
    } catch (const YAML::DeepRecursion& error) {
        refuse("{}: nested deeper than {} levels", places.at(error.mark), kMaximumDepth);
    } catch (const YAML::Exception& error) {
        refuse("{}: not YAML: {}", places.at(error.mark), shown_text(error.msg));
    }
}

YamlNode parse(std::string_view text, const Places& places) {
    check_bytes(text, places);
    SyntaxCheck syntax;
    send_events(text, places, syntax);
    TreeBuilder builder(places);
    send_events(text, places, builder);
    return builder.take();
}

}  // namespace

const YamlEntry* YamlNode::find(std::string_view key) const {
    if (!places_.empty()) {
        const auto place = places_.find(std::string(key));
        return place == places_.end() ? nullptr : &entries[place->second];
    }
    for (const YamlEntry& entry : entries)
        if (entry.key == key) return &entry;
    return nullptr;
}

YamlEntry* YamlNode::find(std::string_view key) {
    return const_cast<YamlEntry*>(std::as_const(*this).find(key));
}

YamlEntry& YamlNode::append(YamlEntry entry) {
    constexpr std::size_t kSmall = 16;  // a look along the entries is faster, and most maps are small
    entries.push_back(std::move(entry));
    if (entries.size() > kSmall)
        for (std::size_t i = places_.size(); i < entries.size(); ++i) places_.emplace(entries[i].key, i);
    return entries.back();
}

std::string YamlNode::shown() const {
    switch (kind) {
        case Kind::nothing:
            return "(nothing)";
        case Kind::scalar:
            return shown_text(text);
        case Kind::map:
            return "{...}";
        case Kind::list:
            break;
    }
    std::string line = "[";
    for (const YamlNode& item : items) {
        if (line.size() > 1) line += ", ";
        line += item.shown();
    }
    return shown_text(line + "]");
}

YamlNode parse_yaml(std::string_view text, const std::string& source) {
    return parse(text, Places(source, true));
}

YamlNode parse_yaml_value(std::string_view text, const std::string& source) {
    return parse(text, Places(source, false));
}

}  // namespace sliver::config
