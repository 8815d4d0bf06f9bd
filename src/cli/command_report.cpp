// sliver report: one HTML file about a finished run or an ADC study.
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "base/atomic_folder.h"
#include "base/error.h"
#include "cli/commands.h"
#include "cli/result_source.h"
#include "network/file_bytes.h"
#include "report/adc_study_report.h"
#include "report/run_report.h"

namespace sliver::cli {
namespace fs = std::filesystem;

namespace {

struct Options {
    std::string folder, out;
    bool force = false;
};

constexpr const char* kFooter =
    "Examples:\n"
    "  sliver report out/dense\n"
    "      writes out/dense/report.html: tables and charts in one file that needs no network\n"
    "  sliver report out/dense --out dense.html --force\n"
    "      writes it elsewhere and replaces what is there\n"
    "  sliver report out/adc\n"
    "      the same for what sliver study adc --out out/adc left\n"
    "\n"
    "scripts/figures REPORT.html FOLDER makes SVG files of its charts (docs/report.md).";

void require_free(const fs::path& file, bool force) {
    std::error_code error;
    if (!fs::exists(file, error)) return;
    if (!fs::is_regular_file(file, error)) refuse("{}: exists and is not a file", file.string());
    if (!force)
        refuse("{}: exists; choose another file with --out, or replace it with --force", file.string());
}

report::Page page_of(const fs::path& folder) {
    const fs::path stats = folder / "stats.json", study = folder / "adc.json";
    const auto source = [](const fs::path& file) {
        return report::Source(network::read_unpacked(file), file.string());
    };
    std::error_code error;
    const bool run_there = fs::exists(stats, error), study_there = fs::exists(study, error);
    if (run_there && study_there)
        refuse("{}: holds stats.json and adc.json: which of them the report is about is not clear",
               folder.string());
    if (study_there) return report::adc_study_page(source(study));
    if (!run_there && fs::is_directory(folder, error))
        refuse("{}: holds neither stats.json of a finished run nor adc.json of an ADC study",
               folder.string());
    // Refuses what no run can have left; the report itself shows the file as it stands.
    load_result(folder);
    return report::run_page(source(stats));
}

void report(const Options& options) {
    const fs::path folder = options.folder;
    const fs::path file = options.out.empty() ? folder / "report.html" : fs::path(options.out);
    require_free(file, options.force);
    const report::Page page = page_of(folder);
    const report::Vega vega = report::vega_bundles();
    write_file_atomically(file, report::render(page, vega));
    if (!vega.there()) fmt::print(stderr, "sliver: {}\n", report::kChartsMissing);
    fmt::print("Report: {}\n", file.string());
}

}  // namespace

void add_report_command(CLI::App& program, Action& chosen) {
    auto options = std::make_shared<Options>();
    CLI::App& command =
        *program.add_subcommand("report", "One HTML file about a finished run or an ADC study");
    command.footer(kFooter);
    command.add_option("DIR", options->folder, "Folder of a finished run or an ADC study")->required();
    command.add_option("--out", options->out, "HTML file to write; default: DIR/report.html");
    command.add_flag("--force", options->force, "Replace the file if it is there");
    command.callback([options, &chosen] { chosen = [options] { report(*options); }; });
}

}  // namespace sliver::cli
