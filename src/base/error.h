// Errors that are the user's to mend.
//
// InputError: something that was given to the program (a file, an option, a key) breaks a rule. The text is
// one line: where (file, line, key), the value, the rule. The program prints it and exits with 2. Anything
// else that escapes is a defect of Sliver and exits with 1.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace sliver {

class InputError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Throws an InputError whose text is formatted as by fmt::format.
template <typename... Args>
[[noreturn]] void refuse(fmt::format_string<Args...> text, Args&&... args) {
    throw InputError(fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace sliver
