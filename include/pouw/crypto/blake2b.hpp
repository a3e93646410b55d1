/// BLAKE2b-256 (RFC 7693) with domain separation by personalisation: `H(tag, data)` of docs/spec/pow.md
/// section 2.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/crypto/domain.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>

namespace pouw::inline v1::crypto {

using Hash256 = core::FixedBytes<struct Hash256Tag, 32>;
using Hash512 = core::FixedBytes<struct Hash512Tag, 64>;

/// Incremental `H(tag, data)` with a digest of type `Digest`: see `Hasher` and `Hasher512`.
/// Cost: about 0.15 µs for each started 128 bytes.
/// Threads: not shareable.
template <typename Digest>
class POUW_API TaggedHasher {
  public:
    explicit TaggedHasher(const DomainTag& tag) noexcept;

    TaggedHasher& update(core::ByteView data) noexcept;

    /// The integer in little-endian bytes.
    template <std::unsigned_integral Unsigned>
    TaggedHasher& update(Unsigned value) noexcept {
        return update(core::to_le(value));
    }

    /// The digest of all that was given. The hasher is not to be used again.
    [[nodiscard]] Digest finish() noexcept;

  private:
    // The state of libsodium's BLAKE2b, whose header consumers do not need.
    struct State {
        alignas(64) std::byte bytes[384];
    };
    State state_;
};

using Hasher = TaggedHasher<Hash256>;

/// BLAKE2b-512, for digests that become scalars or group elements.
using Hasher512 = TaggedHasher<Hash512>;

extern template class POUW_API TaggedHasher<Hash256>;
extern template class POUW_API TaggedHasher<Hash512>;

/// `H(tag, data)` in one call.
[[nodiscard]] POUW_API Hash256 hash(const DomainTag& tag, core::ByteView data) noexcept;

/// Plain BLAKE2b-256 without personalisation, for digests that other tools shall reproduce (`b2sum -l 256`).
[[nodiscard]] POUW_API Hash256 blake2b_256(core::ByteView data) noexcept;

}  // namespace pouw::inline v1::crypto
