/// BLAKE2b-256 and BLAKE2b-512 with domain separation by personalisation: the function `H(tag, data)` of the
/// specification.
/// Source: RFC 7693; docs/spec/pow.md section 2.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/crypto/domain.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>

namespace pouw::inline v1::crypto {

/// The digests of 32 and 64 bytes.
using Hash256 = core::FixedBytes<struct Hash256Tag, 32>;
using Hash512 = core::FixedBytes<struct Hash512Tag, 64>;

/// An incremental `H(tag, data)` with a digest of type `Digest`: see `Hasher` and `Hasher512`.
/// Cost: about 0.15 µs for each started block of 128 bytes.
/// Threads: not shareable.
template <typename Digest>
class POUW_API TaggedHasher {
  public:
    explicit TaggedHasher(const DomainTag& tag) noexcept;

    TaggedHasher& update(core::ByteView data) noexcept;

    /// Adds the integer in little-endian bytes.
    template <std::unsigned_integral Unsigned>
    TaggedHasher& update(Unsigned value) noexcept {
        return update(core::to_le(value));
    }

    /// The digest of everything that was given. Do not use the hasher again.
    [[nodiscard]] Digest finish() noexcept;

  private:
    // The state of libsodium's BLAKE2b, whose header consumers do not need.
    struct State {
        alignas(64) std::byte bytes[384];
    };
    State state_;
};

/// The hasher of BLAKE2b-256.
using Hasher = TaggedHasher<Hash256>;

/// The hasher of BLAKE2b-512, for digests that become scalars or group elements.
using Hasher512 = TaggedHasher<Hash512>;

extern template class POUW_API TaggedHasher<Hash256>;
extern template class POUW_API TaggedHasher<Hash512>;

/// `H(tag, data)` in one call.
[[nodiscard]] POUW_API Hash256 hash(const DomainTag& tag, core::ByteView data) noexcept;

/// Plain BLAKE2b-256 without personalisation, for digests that other tools must reproduce (`b2sum -l 256`).
[[nodiscard]] POUW_API Hash256 blake2b_256(core::ByteView data) noexcept;

}  // namespace pouw::inline v1::crypto
