/// Start-up check of libsodium.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"

namespace pouw::inline v1::crypto {

/// Initialises libsodium and checks what this library relies on: BLAKE2b with personalisation, ChaCha20 at a
/// block offset, Ed25519, the arithmetic of scalars, ristretto255, and that points outside the prime-order
/// subgroup are refused (CVE-2025-69277 let points of order 2L pass; a distribution's version number does not
/// tell whether it is patched).
///
/// Runs once; later calls return the first verdict. Thread-safe. The entry points of the library call it; a
/// program that uses `crypto` alone calls it first.
/// Errors: errc::unsafe_libsodium, with the check that failed.
/// Cost: about 0.3 ms the first time.
[[nodiscard]] POUW_API core::result<void> initialize() noexcept;

}  // namespace pouw::inline v1::crypto
