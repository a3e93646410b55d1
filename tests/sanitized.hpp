/// Whether this build has sanitizers.
#pragma once

namespace pouw::inline v1::test {

/// Sanitizers look for wrong memory, undefined steps and races. What computes the same steps on larger
/// numbers, or samples a distribution, brings them nothing, and takes minutes: such tests skip themselves and
/// say which other test takes these steps.
#if defined(POUW_SANITIZED)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

}  // namespace pouw::inline v1::test
