#include <fmt/format.h>

#include "report/adc_study/rows.h"
#include "report/adc_study/sections.h"
#include "report/html.h"
#include "report/html_table.h"
#include "report/number.h"

namespace sliver::report::adc_study {
namespace {

std::vector<NamedPlace> searched(const Source& study) {
    std::vector<NamedPlace> places;
    for (const NamedPlace& network : networks(study))
        if (study.has(network.place / "search")) places.push_back(network);
    return places;
}

/// Questions to the accuracy: bisection and refinement.
std::vector<Pointer> accuracy_questions(const Source& study, const Pointer& search) {
    std::vector<Pointer> places;
    for (std::size_t i = 0; i < study.size(search / "trail"); ++i)
        if (study.has(search / "trail" / i / "correct")) places.push_back(search / "trail" / i);
    return places;
}

/// The images of a question; a file without them asked about all of them.
Pointer images_of(const Source& study, const Pointer& search, const Pointer& question) {
    return study.has(question / "images") ? question / "images" : search / "images";
}

/// The converter that a refinement tries; none for a bisection.
std::optional<Pointer> tried_converter(const Source& study, const Pointer& search, const Pointer& question) {
    if (!study.has(question / "group")) return std::nullopt;
    const Json& candidate = study.number(question / "candidate");
    for (std::size_t i = 0; i < study.size(search / "groups"); ++i) {
        const Pointer group = search / "groups" / i;
        if (study.text(group / "name") == study.text(question / "group") && candidate.is_number_unsigned())
            return group / "candidates" / candidate.get<std::size_t>();
    }
    return std::nullopt;
}

const char* kept_word(const Source& study, const Pointer& question) {
    return study.at(question / "kept") == true ? "kept" : "not kept";
}

std::string outcome_table(const Source& study) {
    HtmlTable table("Held-out images and the allocation found");
    table.add_text_column("network");
    for (const char* title : {"images", "right without loss", "right required", "right with those found",
                              "ADC energy of one image"})
        table.add_number_column(title);
    for (const NamedPlace& network : searched(study)) {
        const Pointer search = network.place / "search";
        std::vector<Cell> cells = {escaped(network.name)};
        for (const char* key : {"images", "lossless_correct", "required_correct", "correct"})
            cells.emplace_back(number_html(study, search / key, Measure::none));
        cells.emplace_back(number_html(study, search / "energy_j", Measure::joule));
        table.add_row(std::move(cells));
    }
    return table.html();
}

std::string trail_table(const Source& study, const NamedPlace& network) {
    const Pointer search = network.place / "search";
    HtmlTable table("");
    for (const char* title : {"stage", "group made narrower"}) table.add_text_column(title);
    for (const char* title : {"bits", "low bits dropped", "ADC energy", "right", "of images"})
        table.add_number_column(title);
    table.add_text_column("");
    for (const Pointer& question : accuracy_questions(study, search)) {
        const auto tried = tried_converter(study, search, question);
        table.add_row(
            {escaped(study.text(question / "stage")), tried ? escaped(study.text(question / "group")) : "",
             tried ? number_html(study, *tried / "bits", Measure::exact) : "",
             tried ? number_html(study, *tried / "drop", Measure::exact) : "",
             number_html(study, question / "energy_j", Measure::joule),
             number_html(study, question / "correct", Measure::none),
             number_html(study, images_of(study, search, question), Measure::none), kept_word(study, question)});
    }
    return fmt::format("<details><summary>{}: every question and its answer</summary>\n{}</details>\n",
                       escaped(network.name), table.html());
}

Json trail(const Source& study) {
    std::vector<DataRow> rows;
    for (const NamedPlace& network : searched(study)) {
        const Pointer search = network.place / "search";
        for (const Pointer& question : accuracy_questions(study, search)) {
            DataRow row(study);
            row.word("network", network.name)
                .word("stage", study.text(question / "stage"))
                .word("answer", kept_word(study, question))
                .number("correct", question / "correct")
                .number("energy_j", question / "energy_j")
                .number("images", images_of(study, search, question))
                .number("required", search / "required_correct")
                .number("all_images", search / "images");
            if (const auto tried = tried_converter(study, search, question))
                row.word("group", study.text(question / "group"))
                    .number("bits", *tried / "bits")
                    .number("drop", *tried / "drop");
            rows.push_back(row);
        }
    }
    Json spec = chart_spec(rows);
    spec["params"] = Json::array({network_choice(searched(study))});
    spec["transform"] = Json::array({kept_if("datum.network === network"),
                                     calculated("accuracy", "datum.correct / datum.images"),
                                     calculated("least", "datum.required / datum.all_images"),
                                     calculated("right", "datum.correct + ' of ' + datum.images"),
                                     calculated("change",
                                                "datum.group ? datum.group + ': ' + datum.bits + ' bit' + "
                                                "(datum.drop ? ', step ' + pow(2, datum.drop) : '') : '–'"),
                                     si_text("energy", "energy_j", "J")});
    spec["height"] = 300;
    const Json accuracy = {{"field", "accuracy"},
                           {"type", "quantitative"},
                           {"scale", {{"zero", false}}},
                           {"title", "top-1 on held-out images"},
                           {"axis", {{"format", "~%"}}}};
    Json joule = image_joule_axis();
    joule["title"] = "ADC energy of one image";
    const Json points = {
        {"mark", {{"type", "point"}, {"filled", true}, {"size", 80}, {"opacity", 0.9}}},
        {"encoding",
         {{"x",
           {{"field", "energy_j"}, {"type", "quantitative"}, {"scale", {{"zero", false}}}, {"axis", joule}}},
          {"y", accuracy},
          {"shape",
           {{"field", "stage"},
            {"type", "nominal"},
            {"title", nullptr},
            {"legend", {{"orient", "bottom"}, {"symbolFillColor", "currentColor"}}}}},
          {"color",
           {{"field", "answer"},
            {"type", "nominal"},
            {"title", nullptr},
            {"scale", {{"domain", {"kept", "not kept"}}, {"range", {kPlain, kMarked}}}},
            {"legend", {{"orient", "bottom"}}}}},
          {"tooltip", sections::tooltip({{"stage", "stage"},
                                         {"change", "made narrower"},
                                         {"right", "right"},
                                         {"energy", "ADC energy"},
                                         {"answer", "answer"}})}}}};
    const Json required = {
        {"mark", {{"type", "rule"}, {"strokeDash", {5, 3}}}},
        {"encoding", {{"y", {{"aggregate", "min"}, {"field", "least"}, {"type", "quantitative"}}}}}};
    spec["layer"] = Json::array({points, required});
    return spec;
}

}  // namespace

std::optional<Section> search(const Source& study) {
    const std::vector<NamedPlace> networks = searched(study);
    if (networks.empty()) return std::nullopt;
    std::string trails;
    for (const NamedPlace& network : networks) trails += trail_table(study, network);
    return Section{"search", "Search of the accuracy policy",
                   figure_html({"search", "Every allocation whose accuracy was measured",
                                "Dashed: the least that must stay. What cannot reach it any more is given up "
                                "before all images are asked.",
                                trail(study)}) +
                       outcome_table(study) + trails};
}

}  // namespace sliver::report::adc_study
