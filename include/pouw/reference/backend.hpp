/// The reference backend: an independent implementation of the same function, for checks and research.
///
/// Matrix products are computed in float64 and are exact, because every sum is an integer below 2^31. All
/// other steps are integer arithmetic on whole arrays. The reference backend shares nothing with the scalar
/// backend but the specification, so that a mistake in one of them shows as a difference.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/pow/backend.hpp"

namespace pouw::inline v1::reference {

/// The backend named "reference". It never stores weights, whatever `LoadOptions::stored` says. Every pass
/// reads them tile by tile, so that whitepaper-2.3b needs a few megabytes.
/// Cost: some seconds for a pass of whitepaper, nearly independent of the batch.
[[nodiscard]] POUW_API const pow::Backend& backend() noexcept;

/// Registers `backend()`. `pow::select_backend` then finds it by its name and never chooses it by default.
/// Further calls change nothing.
/// Expects: no other backend of that name.
/// Threads: safe.
POUW_API void register_backend();

}  // namespace pouw::inline v1::reference
