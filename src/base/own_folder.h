// Which folders are Sliver's own: the mark `.sliver` in them.
//
// A results folder's mark lists its files with their digests, in the form that `sha256sum -c` reads:
//
//     # sliver results: --force replaces this folder while it holds these files and no others
//     <sha256>  stats.json
//
// A folder that holds anything else (a note, a file that was edited since) is not replaced. Folders that
// Sliver fills bit by bit (a sweep, a cache) have a mark without a list: nothing but Sliver's own names is
// written there, and no --force replaces them. Called by OutputFolder and by whoever keeps such a folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sliver {

constexpr const char* kFolderMark = ".sliver";

/// SHA-256 of a file of any size, which is read piece by piece. MachineError where it cannot be read.
std::string file_digest(const std::filesystem::path& file);

/// The mark of a complete folder: every file in it that has no mark of its own, by name. `what`: whose
/// results they are, where somebody will ask (belongs_to()); else empty. MachineError where a file cannot be
/// read.
std::string results_mark(const std::filesystem::path& folder, const std::string& what);
/// Whether the mark of `folder` says that its results are of `what`.
bool belongs_to(const std::filesystem::path& folder, const std::string& what);

/// Why `folder` may not be replaced as a whole, as the end of a sentence that begins with the folder's name;
/// nothing where it holds only what its marks list.
std::optional<std::string> why_not_ours(const std::filesystem::path& folder);

/// Removes what the marks of `folder` list, and the folder. What else has come into it stays, and the folder
/// with it: false.
bool remove_own(const std::filesystem::path& folder);

/// Takes a file that Sliver added to a finished folder (a report) into its mark. Without a mark, or where the
/// file lies elsewhere: does nothing.
void list_in_mark(const std::filesystem::path& file);

/// Whether the mark of its folder lists `file`, as it is now or otherwise.
bool is_listed(const std::filesystem::path& file);
/// The digest that the mark of `folder` has for the file `name`.
std::optional<std::string> listed_digest(const std::filesystem::path& folder, const std::string& name);
/// Whether the mark of `folder` lists the file `name` as it is now.
bool is_as_listed(const std::filesystem::path& folder, const std::string& name);
/// The same of `bytes`, which were read from it.
bool is_as_listed(const std::filesystem::path& folder, const std::string& name, std::string_view bytes);

/// The first line of the mark, after "# sliver ", or nothing where there is none.
std::optional<std::string> mark_title(const std::filesystem::path& folder);

/// Makes `folder` Sliver's own of a kind ("sweep", "conductance cache"), or finds that it is. InputError
/// where it holds something and is not; `tolerated`: entries that may be there before. `shown`: as the user
/// gave it.
void claim_folder(const std::filesystem::path& folder, const std::string& kind, const std::string& shown,
                  const std::vector<std::string>& tolerated = {});
/// Whether it is, or could become so.
bool is_claimable(const std::filesystem::path& folder, const std::string& kind,
                  const std::vector<std::string>& tolerated = {});

}  // namespace sliver
