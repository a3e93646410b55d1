#include "pouw/crypto/keys.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/errc.hpp"

#include <sodium.h>

#include <algorithm>

namespace pouw::inline v1::crypto {
namespace {

constexpr std::string_view key_file_prefix = "pouw-master-seed-v1:";
constexpr std::size_t hex_size = 2 * MasterSeed::size;
static_assert(MasterSeedText::size == key_file_prefix.size() + hex_size + 1);

}  // namespace

MasterSeed generate_master_seed() noexcept {
    MasterSeed seed;
    randombytes_buf(seed.fill().data(), MasterSeed::size);
    return seed;
}

MasterSeedText encode_master_seed(const MasterSeed& seed) noexcept {
    // One byte more than the digits: sodium_bin2hex ends its output with a zero byte.
    Secret<struct HexTag, hex_size + 1> hex;
    sodium_bin2hex(reinterpret_cast<char*>(hex.fill().data()), hex.size, seed.reveal().data(),
                   MasterSeed::size);
    MasterSeedText text;
    const auto out = text.fill();
    std::copy(key_file_prefix.begin(), key_file_prefix.end(), out.begin());
    std::copy_n(hex.reveal().begin(), hex_size, out.begin() + key_file_prefix.size());
    out.back() = '\n';
    return text;
}

core::result<MasterSeed> decode_master_seed(std::string_view text) noexcept {
    if (text.size() != MasterSeedText::size || !text.starts_with(key_file_prefix)) {
        return core::fail(errc::invalid_key_file);
    }
    MasterSeed seed;
    std::size_t decoded = 0;
    if (sodium_hex2bin(seed.fill().data(), MasterSeed::size, text.data() + key_file_prefix.size(), hex_size,
                       nullptr, &decoded, nullptr) != 0 ||
        decoded != MasterSeed::size) {
        return core::fail(errc::invalid_key_file);
    }
    // One encoding a seed: this refuses upper-case digits and another last character.
    const MasterSeedText canonical = encode_master_seed(seed);
    if (sodium_memcmp(canonical.reveal().data(), text.data(), MasterSeedText::size) != 0) {
        return core::fail(errc::invalid_key_file);
    }
    if (sodium_is_zero(seed.reveal().data(), MasterSeed::size) != 0)
        return core::fail(errc::invalid_key_file, "a seed of zeros");
    return seed;
}

DerivedSeed derive_seed(const MasterSeed& master, const DomainTag& tag) noexcept {
    DerivedSeed out;
    const int code = crypto_generichash_blake2b_salt_personal(out.fill().data(), DerivedSeed::size, nullptr,
                                                              0, master.reveal().data(), MasterSeed::size,
                                                              nullptr, tag.bytes.data());
    POUW_ENSURES(code == 0);
    return out;
}

WideSecret derive_wide(const DerivedSeed& seed, const DomainTag& tag, core::ByteView data) noexcept {
    WideSecret out;
    const int code = crypto_generichash_blake2b_salt_personal(out.fill().data(), WideSecret::size,
                                                              data.data(), data.size(), seed.reveal().data(),
                                                              DerivedSeed::size, nullptr, tag.bytes.data());
    POUW_ENSURES(code == 0);
    return out;
}

core::result<PublicKey> checked_public_key(core::ByteView data) noexcept {
    const auto key = PublicKey::from(data);
    if (!key) return core::fail(core::errc::wrong_length, "a public key has 32 bytes");
    if (crypto_core_ed25519_is_valid_point(key->bytes.data()) != 1) {
        return core::fail(errc::invalid_public_key);
    }
    return *key;
}

SigningKey SigningKey::derive(const MasterSeed& master) noexcept {
    const DerivedSeed seed = derive_seed(master, domain::signing_key);
    return from_seed(seed.reveal());
}

SigningKey SigningKey::from_seed(std::span<const std::uint8_t, 32> seed) noexcept {
    SigningKey key;
    crypto_sign_ed25519_seed_keypair(key.public_key_.bytes.data(), key.secret_.fill().data(), seed.data());
    return key;
}

Signature SigningKey::sign(const Hash256& digest) const noexcept {
    Signature signature;
    crypto_sign_ed25519_detached(signature.bytes.data(), nullptr, digest.bytes.data(), Hash256::size,
                                 secret_.reveal().data());
    return signature;
}

bool verify(const PublicKey& key, const Hash256& digest, const Signature& signature) noexcept {
    return crypto_sign_ed25519_verify_detached(signature.bytes.data(), digest.bytes.data(), Hash256::size,
                                               key.bytes.data()) == 0;
}

}  // namespace pouw::inline v1::crypto
