#include "base/output_folder.h"

#include <string>
#include <utility>

#include "base/own_folder.h"

namespace sliver {
namespace fs = std::filesystem;

OutputFolder::OutputFolder(const fs::path& destination, OutputRules rules)
    : place_(destination, OutputKind::folder, std::move(rules)), staged_(place_.target(), place_.shown()) {}

void OutputFolder::write(const std::string& name, std::string_view content) const {
    NewFile file(staging() / name, place_.shown() + "/" + name);
    file.append(content);
    file.finish();
}

void OutputFolder::commit() {
    const std::string mark = results_mark(staging(), place_.rules().belongs_to);
    write(kFolderMark, mark);
    const SignalsWait no_signal_between;
    const fs::path staged = staged_.complete();
    place_.put(staged);
}

}  // namespace sliver
