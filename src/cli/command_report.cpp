// sliver report: one HTML file about a finished run, an ADC study or a solved crossbar.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/input_file.h"
#include "base/output_file.h"
#include "base/own_folder.h"
#include "base/text.h"
#include "cli/commands.h"
#include "report/page.h"
#include "report/reports.h"
#include "results/stored_run.h"
#include "sweep/sweep_tables.h"

namespace sliver::cli {
namespace fs = std::filesystem;

namespace {

struct ReportOptions {
    std::string folder, out;
    bool force = false;
};

constexpr const char* kReportFooter =
    "Examples:\n"
    "  sliver report out/dense\n"
    "      writes out/dense/report.html: tables and charts in one file that needs no network\n"
    "  sliver report out/dense --out dense.html --force\n"
    "      writes it elsewhere and replaces what is there\n"
    "  sliver report out/adc\n"
    "      the same for what sliver study adc --out out/adc left\n"
    "  sliver report out/nonideal\n"
    "      and for sliver study nonideal --out out/nonideal\n"
    "  sliver report out/adc-sharing\n"
    "      and for a sweep\n"
    "  sliver report out/array\n"
    "      and for what sliver crossbar solve --out out/array left\n"
    "\n"
    "scripts/figures REPORT.html FOLDER makes SVG files of its charts (docs/report.md).";

report::Page page_of(const fs::path& folder) {
    constexpr const char *kRun = "stats.json", *kStudy = "adc.json", *kCrossbar = "solve.json",
                         *kNonideal = "nonideal.json", *kSweep = sweep::kSweepJson;
    const auto source = [&](const char* name) {
        const fs::path file = folder / name;
        return report::Source(read_unpacked(file, kResultFile), file.string());
    };
    std::error_code error;
    std::vector<std::string> there;
    for (const char* name : {kRun, kStudy, kCrossbar, kNonideal, kSweep})
        if (fs::exists(folder / name, error)) there.emplace_back(name);
    if (there.size() > 1)
        refuse("{}: holds {}: which of them the report is about is not clear", folder.string(),
               fmt::join(there, " and "));
    if (there.empty() && fs::is_directory(folder, error))
        refuse(
            "{}: holds neither {} of a finished run, {} or {} of a study, {} of a sweep nor {} of a solved "
            "crossbar",
            folder.string(), kRun, kStudy, kNonideal, kSweep, kCrossbar);
    if (!there.empty() && there.front() == kStudy) return report::adc_study_page(source(kStudy));
    if (!there.empty() && there.front() == kCrossbar) return report::crossbar_page(source(kCrossbar));
    if (!there.empty() && there.front() == kNonideal) return report::nonideal_page(source(kNonideal));
    if (!there.empty() && there.front() == kSweep) {
        sweep::require_as_collected(folder, kSweep);
        return report::sweep_page(source(kSweep));
    }
    // Refuses what no run can have left; the report itself shows the file as it stands.
    results::require_priced_as_shown(folder, results::load_run(folder));
    return report::run_page(source(kRun));
}

void report(const ReportOptions& options) {
    const fs::path folder = options.folder;
    const fs::path path = options.out.empty() ? folder / "report.html" : fs::path(options.out);
    std::error_code error;
    if (!fs::is_directory(folder, error)) (void)page_of(folder);  // refuses: no folder is made for a report
    OutputFile file(path, {"sliver report", "--out", options.force, {}, report::kPageSeal});
    const report::Page page = page_of(folder);
    const report::Vega vega = report::vega_bundles();
    file.append(report::render(page, vega));
    file.commit();
    list_in_mark(path);
    if (!vega.there()) fmt::print(stderr, "sliver: {}\n", report::kChartsMissing);
    fmt::print("Report: {}\n", cleaned(path.string()));
}

}  // namespace

void add_report_command(CLI::App& program, Action& chosen) {
    auto options = std::make_shared<ReportOptions>();
    CLI::App& command =
        *program.add_subcommand("report", "One HTML file about a finished run, a study or a crossbar");
    command.footer(kReportFooter);
    command
        .add_option("DIR", options->folder,
                    "Folder of a finished run, of study adc or nonideal, of a sweep, or of a solved crossbar")
        ->required();
    command.add_option("--out", options->out, "HTML file to write; default: DIR/report.html");
    command.add_flag("--force", options->force, "Replace the file if sliver report wrote it");
    command.callback([options, &chosen] { chosen = [options] { report(*options); }; });
}

}  // namespace sliver::cli
