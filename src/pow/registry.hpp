/// What the rest of pow asks of the registry of backends.
#pragma once

#include "pouw/pow/backend.hpp"

namespace pouw::inline v1::pow {

/// Whether a backend, registered or not, may be used: this machine supports it and it passes its known-answer
/// test, which runs once.
/// Errors: errc::unsupported_backend; those of `self_test` and of `crypto::initialize`.
/// Threads: safe.
[[nodiscard]] core::result<void> require_usable(const Backend& backend);

}  // namespace pouw::inline v1::pow
