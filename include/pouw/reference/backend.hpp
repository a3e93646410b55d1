/// The reference backend: the same function by other means, for checks and research.
///
/// Matrix products run in float64, where they are exact: every sum is an integer below 2^31. All steps
/// between them are integer arithmetic on whole arrays. Nothing is shared with the scalar backend but the
/// specification, so that an error would have to be made twice to go unseen.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/pow/backend.hpp"

namespace pouw::inline v1::reference {

/// The backend named "reference". It never stores weights, whatever `LoadOptions::stored` says: every pass
/// reads them tile by tile, so that whitepaper-2.3b needs a few megabytes. Cost: some seconds a pass at
/// whitepaper, mostly whatever the batch.
[[nodiscard]] POUW_API const pow::Backend& backend() noexcept;

/// Makes `backend()` known to `pow::select_backend`, which then finds it by name and never chooses it by
/// itself. Idempotent and thread-safe. Expects no other backend of that name.
POUW_API void register_backend();

}  // namespace pouw::inline v1::reference
