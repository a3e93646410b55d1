/// Errors as text for people.
#pragma once

#include "pouw/core/error.hpp"

#include <string>

namespace pouw::inline v1::core {

/// The error in one line: its message, and its detail where there is one.
[[nodiscard]] inline std::string describe(const error& e) {
    std::string out{e.code.message()};
    if (!e.detail.empty()) {
        out += ": ";
        out += e.detail;
    }
    return out;
}

}  // namespace pouw::inline v1::core
