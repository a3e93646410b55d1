// Where a secret becomes public. The constant-time check (tests/ctime) marks secrets as undefined memory and
// lets valgrind find what branches on them; here it learns that a value may be branched on from now on.
// Nothing otherwise.
#pragma once

#include <cstddef>

#ifdef POUW_CTIME
#include <valgrind/memcheck.h>
#endif

namespace pouw::inline v1::crypto {

inline void declassify([[maybe_unused]] const void* data, [[maybe_unused]] std::size_t size) noexcept {
#ifdef POUW_CTIME
    VALGRIND_MAKE_MEM_DEFINED(data, size);
#endif
}

template <typename Value>
void declassify(const Value& value) noexcept {
    declassify(&value, sizeof value);
}

}  // namespace pouw::inline v1::crypto
