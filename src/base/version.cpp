#include "base/version.h"

namespace sliver {

std::string_view version() {
    return SLIVER_VERSION;
}

}  // namespace sliver
