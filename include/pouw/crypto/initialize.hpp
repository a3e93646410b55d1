/// The start-up check of libsodium.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"

namespace pouw::inline v1::crypto {

/// Initialises libsodium and checks what the library relies on: BLAKE2b with personalisation, ChaCha20 at a
/// block offset, Ed25519, scalar arithmetic, ristretto255, edwards25519 and X25519. Of every rule by which
/// signatures and keys are judged there is a vector that another rule would judge otherwise, so that nodes
/// with different versions of libsodium do not part. Versions with CVE-2025-69277 accept points of order 2q,
/// and the version number of a distribution's package does not tell whether it is patched.
///
/// The check runs once, and later calls return its result. The entry points of the library call the function.
/// A program that uses `crypto` alone calls it first.
/// Errors: errc::unsafe_libsodium, with the check that failed.
/// Cost: about 2 ms the first time.
/// Threads: safe.
[[nodiscard]] POUW_API core::result<void> initialize() noexcept;

}  // namespace pouw::inline v1::crypto
