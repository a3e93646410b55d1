// What a call of libsodium leaves on the stack.
#pragma once

#include <sodium.h>

namespace pouw::inline v1::crypto {

/// Overwrites what libsodium leaves below the frame of the caller: its BLAKE2b does not wipe the blocks with
/// the key.
inline void wipe_stack() noexcept { sodium_stackzero(4096); }

}  // namespace pouw::inline v1::crypto
