/// Errors as text for people.
#pragma once

#include "pouw/core/error.hpp"

#include <string>

namespace pouw::inline v1::core {

/// One line: the message, and the detail where there is one.
[[nodiscard]] inline std::string describe(const error& e) {
    std::string out{e.code.message()};
    if (!e.detail.empty()) {
        out += ": ";
        out += e.detail;
    }
    return out;
}

}  // namespace pouw::inline v1::core
