// The program `sliver` as a child process, a folder to work in, and files to feed it.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace cli_support {
namespace fs = std::filesystem;

inline const fs::path kFixtures = fs::path(SLIVER_SOURCE_DIR) / "tests/data/onnx";

inline std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    BOOST_REQUIRE_MESSAGE(file.good(), path);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline void write(const fs::path& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
}

/// Names and contents of all files below `folder`, sorted: equal strings, equal folders.
inline std::string snapshot(const fs::path& folder) {
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        files.push_back(fs::relative(entry.path(), folder).string() + "\n" +
                        (entry.is_regular_file() ? read(entry.path()) : "(folder)") + "\n");
    std::sort(files.begin(), files.end());
    std::string all;
    for (const std::string& file : files) all += file;
    return all;
}

struct Outcome {
    int code = -1;
    std::string out, err;
};

/// Files have lines as long as they come, terminals are of some width: what is left is what both say.
inline std::string without_blanks(std::string text) {
    text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\n'; }),
               text.end());
    return text;
}

/// A folder of its own for each test case, gone afterwards.
struct Sandbox {
    Sandbox() : folder(fs::temp_directory_path() / ("sliver-cli-" + std::to_string(::getpid()))) {
        fs::remove_all(folder);
        fs::create_directories(folder);
    }
    ~Sandbox() {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
    }
    Sandbox(const Sandbox&) = delete;
    Sandbox& operator=(const Sandbox&) = delete;

    [[nodiscard]] std::string path(const std::string& name) const { return (folder / name).string(); }

    /// Starts the program; stdout and stderr go to files in the folder.
    [[nodiscard]] pid_t start(std::vector<std::string> arguments, const std::string& isa = "") const {
        const pid_t child = ::fork();
        if (child != 0) return child;
        if (!isa.empty()) ::setenv("SLIVER_ISA", isa.c_str(), 1);
        become(std::move(arguments));
    }
    /// Turns this process into the program.
    [[noreturn]] void become(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), SLIVER_PROGRAM);
        if (terminal_columns.empty())
            ::unsetenv("COLUMNS");
        else
            ::setenv("COLUMNS", terminal_columns.c_str(), 1);
        // However long a test takes on a busy machine, stderr has what it is about.
        ::setenv("SLIVER_PROGRESS", "none", 1);
        if (std::freopen(path("stdout").c_str(), "w", stdout) == nullptr) std::_Exit(99);
        if (std::freopen(path("stderr").c_str(), "w", stderr) == nullptr) std::_Exit(99);
        std::vector<char*> raw;
        for (std::string& argument : arguments) raw.push_back(argument.data());
        raw.push_back(nullptr);
        ::execv(raw[0], raw.data());
        std::_Exit(98);
    }
    [[nodiscard]] Outcome run(const std::vector<std::string>& arguments, const std::string& isa = "") const {
        return outcome_of(start(arguments, isa));
    }
    /// Waits for the program.
    [[nodiscard]] Outcome outcome_of(pid_t child) const {
        BOOST_REQUIRE(child > 0);
        int status = 0;
        BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
        Outcome outcome;
        outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        outcome.out = read(path("stdout"));
        outcome.err = read(path("stderr"));
        return outcome;
    }
    /// run() that must end well.
    std::string good(const std::vector<std::string>& arguments, const std::string& isa = "") const {
        const Outcome outcome = run(arguments, isa);
        BOOST_REQUIRE_MESSAGE(outcome.code == 0, outcome.code << ": " << outcome.err);
        BOOST_TEST(outcome.err == "");
        return outcome.out;
    }

    fs::path folder;
    std::string terminal_columns = "1000";  ///< of the terminal; empty: the program finds out
};

/// Options that run a fixture: its network and images on the small chip.
inline std::vector<std::string> fixture_run(const std::string& name,
                                            const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"run",
                                          "--chip",
                                          "small",
                                          "--network",
                                          (kFixtures / (name + ".onnx")).string(),
                                          "--images",
                                          (kFixtures / (name + ".input.npy")).string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

}  // namespace cli_support
