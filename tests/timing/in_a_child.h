// Questions that a child process answers: one that locks up, throws or does not end is one finding, and the
// others go on. Several elaborations and clocks of the kernel, where a process has one.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>

namespace in_a_child {

constexpr unsigned kSeconds = 120;  ///< far more than any needs: a chip that never stops

inline std::uint64_t from_environment(const char* name, std::uint64_t fallback) {
    const char* text = std::getenv(name);
    return text == nullptr ? fallback : std::stoull(text);
}

/// A question that is being answered by a child process.
struct Question {
    pid_t child = -1;
    int answer = -1;  ///< the reading end of its pipe
};

inline Question ask(const std::function<std::string()>& question) {
    std::array<int, 2> ends{};
    BOOST_REQUIRE(::pipe(ends.data()) == 0);
    const pid_t child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
        ::close(ends[0]);
        ::alarm(kSeconds);
        std::string text;
        try {
            text = question();
        } catch (const std::exception& error) {
            text = error.what();
        }
        const bool written = ::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
        ::_exit(written ? 0 : 1);
    }
    ::close(ends[1]);
    return {child, ends[0]};
}

/// Waits for the answer; what ended the child where it gave none.
inline std::string answer_of(const Question& question) {
    std::string text;
    std::array<char, 4096> piece{};
    for (ssize_t count = 0; (count = ::read(question.answer, piece.data(), piece.size())) > 0;)
        text.append(piece.data(), static_cast<std::size_t>(count));
    ::close(question.answer);
    int status = 0;
    BOOST_REQUIRE(::waitpid(question.child, &status, 0) == question.child);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        return "did not end in " + std::to_string(kSeconds) + " s";
    if (WIFSIGNALED(status)) return "ended by signal " + std::to_string(WTERMSIG(status));
    return text;
}

}  // namespace in_a_child
