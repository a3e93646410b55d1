#include "vrf/ecvrf.hpp"

#include "pouw/vrf/errc.hpp"

#include <sodium.h>

#include <algorithm>

namespace pouw::inline v1::vrf::ecvrf {
namespace {

// Section 5.4 and 5.2: what separates the uses of the hash within the suite.
constexpr std::uint8_t encode_to_curve_front = 0x01;
constexpr std::uint8_t challenge_front = 0x02;
constexpr std::uint8_t proof_to_hash_front = 0x03;
constexpr std::uint8_t back = 0x00;

class Sha512 {
  public:
    Sha512() noexcept { crypto_hash_sha512_init(&state_); }
    ~Sha512() { sodium_memzero(&state_, sizeof state_); }
    Sha512(const Sha512&) = default;
    Sha512& operator=(const Sha512&) = delete;

    Sha512& update(core::ByteView data) noexcept {
        crypto_hash_sha512_update(&state_, data.data(), data.size());
        return *this;
    }
    Sha512& update(std::uint8_t byte) noexcept { return update({&byte, 1}); }
    void finish(std::span<std::uint8_t, 64> out) noexcept { crypto_hash_sha512_final(&state_, out.data()); }

  private:
    crypto_hash_sha512_state state_;
};

}  // namespace

std::optional<HashedPoint> encode_to_curve(core::ByteView salt, core::ByteView alpha) noexcept {
    Sha512 prefix;
    prefix.update(suite).update(encode_to_curve_front).update(salt).update(alpha);
    for (unsigned attempt = 0; attempt < 256; ++attempt) {
        std::array<std::uint8_t, 64> digest{};
        Sha512{prefix}.update(static_cast<std::uint8_t>(attempt)).update(back).finish(digest);
        const auto candidate = crypto::EdwardsPoint::decode(core::ByteView{digest}.first(32));
        if (!candidate) continue;
        const crypto::EdwardsPoint point = candidate->times_cofactor();
        if (!point.is_identity()) return HashedPoint{point, static_cast<std::uint8_t>(attempt)};
    }
    return std::nullopt;
}

crypto::SecretScalar generate_nonce(std::span<const std::uint8_t, 32> nonce_key,
                                    const crypto::EdwardsPoint& hashed) noexcept {
    crypto::Secret<struct NonceStringTag, 64> string;
    Sha512{}.update(nonce_key).update(hashed.view()).finish(string.fill());
    return crypto::SecretScalar::reduce(string.reveal());
}

Challenge generate_challenge(std::span<const crypto::EdwardsPoint, 5> points) noexcept {
    Sha512 hash;
    hash.update(suite).update(challenge_front);
    for (const auto& point : points) hash.update(point.view());
    std::array<std::uint8_t, 64> digest{};
    hash.update(back).finish(digest);
    Challenge out;
    std::copy_n(digest.begin(), out.size(), out.begin());
    return out;
}

crypto::Scalar to_scalar(const Challenge& challenge) noexcept {
    std::array<std::uint8_t, 64> wide{};
    std::copy(challenge.begin(), challenge.end(), wide.begin());
    return crypto::Scalar::reduce(wide);
}

core::result<DecodedProof> decode_proof(const Proof& proof) noexcept {
    const core::ByteView data = proof.bytes;
    const auto gamma = crypto::EdwardsPoint::decode(data.first(32));
    if (!gamma) return core::fail(errc::invalid_vrf_proof, "Gamma is no canonical point of the curve");
    const auto response = crypto::Scalar::decode(data.subspan(48, 32));
    if (!response) return core::fail(errc::invalid_vrf_proof, "s is not below the group order");
    DecodedProof out{*gamma, {}, *response};
    std::copy_n(data.begin() + 32, out.challenge.size(), out.challenge.begin());
    return out;
}

Output gamma_to_hash(const crypto::EdwardsPoint& gamma) noexcept {
    Output out;
    Sha512{}
        .update(suite)
        .update(proof_to_hash_front)
        .update(gamma.times_cofactor().view())
        .update(back)
        .finish(out.bytes);
    return out;
}

}  // namespace pouw::inline v1::vrf::ecvrf
