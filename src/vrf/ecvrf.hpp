// The steps of RFC 9381 section 5.4 for suite 0x03, apart so that tests compare the intermediate values.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/edwards25519.hpp"
#include "pouw/crypto/scalar.hpp"
#include "pouw/vrf/vrf.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace pouw::inline v1::vrf::ecvrf {

inline constexpr std::uint8_t suite = 0x03;

using Challenge = std::array<std::uint8_t, 16>;

struct HashedPoint {
    crypto::EdwardsPoint point;
    std::uint8_t attempt = 0;
};

/// Section 5.4.1.1, try and increment. Empty if all 256 attempts fail, which nobody will see.
[[nodiscard]] std::optional<HashedPoint> encode_to_curve(core::ByteView salt, core::ByteView alpha) noexcept;

/// Section 5.4.2.2: the nonce, from the second half of the hashed key.
[[nodiscard]] crypto::SecretScalar generate_nonce(std::span<const std::uint8_t, 32> nonce_key,
                                                  const crypto::EdwardsPoint& hashed) noexcept;

/// Section 5.4.3, over the five points Y, H, Gamma, U, V.
[[nodiscard]] Challenge generate_challenge(std::span<const crypto::EdwardsPoint, 5> points) noexcept;

[[nodiscard]] crypto::Scalar to_scalar(const Challenge& challenge) noexcept;

struct DecodedProof {
    crypto::EdwardsPoint gamma;
    Challenge challenge;
    crypto::Scalar response;
};

/// Section 5.4.4. Errors: errc::invalid_vrf_proof.
[[nodiscard]] core::result<DecodedProof> decode_proof(const Proof& proof) noexcept;

/// Steps 4 to 7 of section 5.2.
[[nodiscard]] Output gamma_to_hash(const crypto::EdwardsPoint& gamma) noexcept;

}  // namespace pouw::inline v1::vrf::ecvrf
