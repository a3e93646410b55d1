// What sealed prompts and sealed answers have in common: a body under a content key that is sealed to each
// recipient and committed to.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/error.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/sealed_prompt.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace pouw::inline v1::crypto::detail {

/// What a body is bound to, the tag of the commitment to its content key, and the error of a body that does
/// not open.
struct BodyTerms {
    Hash256 header;
    DomainTag commitment;
    core::error_code unopenable;
};

/// The bytes that a ciphertext is longer than its body.
inline constexpr std::size_t body_tag_size = 16;

/// The body, sealed by fresh keys and a fresh nonce.
/// Errors: errc::invalid_public_key for a recipient that is no sealing key.
[[nodiscard]] core::result<SealedBody> seal_body(const BodyTerms& terms, core::ByteView body,
                                                 std::span<const SealingPublicKey> recipients);

/// The body that opens with the key of the recipient at this position.
/// Errors: that of the terms.
[[nodiscard]] core::result<core::Bytes> open_body(const BodyTerms& terms, const SealedBody& sealed,
                                                  std::size_t position, const SealingKey& key);

/// Appends keys, commitment, nonce, size and ciphertext.
void append_body(core::Bytes& out, const SealedBody& sealed);

/// The bytes that `append_body` appends.
[[nodiscard]] std::size_t encoded_size(const SealedBody& sealed) noexcept;

/// Reads what `append_body` appended. A body that is cut off leaves the reader in its failed state, and a
/// ciphertext of another size than the limit allows is for the caller to refuse: `is_body_size`.
[[nodiscard]] SealedBody read_body(core::Reader& reader, std::uint32_t recipients);

/// Whether a ciphertext has a size that a body of at most `limit` bytes gives.
[[nodiscard]] constexpr bool is_body_size(std::size_t ciphertext, std::size_t limit) noexcept {
    return ciphertext >= body_tag_size && ciphertext <= limit + body_tag_size;
}

}  // namespace pouw::inline v1::crypto::detail
