#include "base/error.h"

#include "base/text.h"

namespace sliver {

InputError::InputError(const std::string& text) : std::runtime_error(cleaned(text)) {}

MachineError::MachineError(const std::string& text) : std::runtime_error(cleaned(text)) {}

}  // namespace sliver
