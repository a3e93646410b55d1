// Where a value becomes secret and where a secret becomes public, for the constant-time check (tests/ctime):
// it marks secrets as undefined memory and finds what branches on them, by valgrind or by clang's
// MemorySanitizer. Nothing otherwise.
#pragma once

#include <cstddef>

#ifdef POUW_CTIME
#ifdef POUW_CTIME_MSAN
#include <sanitizer/msan_interface.h>
#else
#include <valgrind/memcheck.h>
#endif
#endif

namespace pouw::inline v1::crypto {

/// From here on a branch on the bytes is an error. Valgrind sees the secret flow through libsodium, whose
/// code MemorySanitizer does not see: what libsodium makes of secrets is marked again.
inline void classify([[maybe_unused]] const void* data, [[maybe_unused]] std::size_t size) noexcept {
#if defined(POUW_CTIME) && defined(POUW_CTIME_MSAN)
    __msan_poison(data, size);
#elif defined(POUW_CTIME)
    VALGRIND_MAKE_MEM_UNDEFINED(data, size);
#endif
}

/// From here on the bytes may be branched on.
inline void declassify([[maybe_unused]] const void* data, [[maybe_unused]] std::size_t size) noexcept {
#if defined(POUW_CTIME) && defined(POUW_CTIME_MSAN)
    __msan_unpoison(data, size);
#elif defined(POUW_CTIME)
    VALGRIND_MAKE_MEM_DEFINED(data, size);
#endif
}

template <typename Value>
void declassify(const Value& value) noexcept {
    declassify(&value, sizeof value);
}

}  // namespace pouw::inline v1::crypto
