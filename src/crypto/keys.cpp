#include "pouw/crypto/keys.hpp"

#include "crypto/declassify.hpp"
#include "crypto/signature_rules.hpp"
#include "crypto/wipe_stack.hpp"

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

/// A lower-case hexadecimal digit, read without a branch or a table: it is part of a secret.
struct Digit {
    std::uint32_t value;
    std::uint32_t valid;  ///< 1, or 0 for another character
};

Digit digit(char character) noexcept {
    const std::uint32_t c = static_cast<unsigned char>(character);
    // The difference of two small numbers has its top bit set exactly when it is negative.
    const auto within = [c](std::uint32_t first, std::uint32_t last) {
        return ~((c - first) | (last - c)) >> 31;
    };
    const std::uint32_t decimal = within('0', '9');
    const std::uint32_t letter = within('a', 'f');
    return {((0 - decimal) & (c - '0')) | ((0 - letter) & (c - 'a' + 10)), decimal | letter};
}

bool verify_by_libsodium(const PublicKey& key, const Hash256& digest, const Signature& signature) noexcept {
    return crypto_sign_ed25519_verify_detached(signature.bytes.data(), digest.bytes.data(), Hash256::size,
                                               key.bytes.data()) == 0;
}

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
    const std::string_view digits = text.substr(key_file_prefix.size(), hex_size);
    MasterSeed seed;
    std::uint32_t all_valid = 1;
    for (std::size_t i = 0; i < MasterSeed::size; ++i) {
        const Digit high = digit(digits[2 * i]);
        const Digit low = digit(digits[2 * i + 1]);
        seed.fill()[i] = static_cast<std::uint8_t>(high.value << 4 | low.value);
        all_valid &= high.valid & low.valid;
    }
    declassify(all_valid);
    if (all_valid == 0 || text.back() != '\n') return core::fail(errc::invalid_key_file);
    int all_zero = sodium_is_zero(seed.reveal().data(), MasterSeed::size);
    declassify(all_zero);
    if (all_zero != 0) return core::fail(errc::invalid_key_file, "a seed of zeros");
    return seed;
}

DerivedSeed derive_seed(const MasterSeed& master, const DomainTag& tag) noexcept {
    DerivedSeed out;
    const int code = crypto_generichash_blake2b_salt_personal(out.fill().data(), DerivedSeed::size, nullptr,
                                                              0, master.reveal().data(), MasterSeed::size,
                                                              nullptr, tag.bytes.data());
    POUW_ENSURES(code == 0);
    classify(out.fill().data(), out.size);
    wipe_stack();
    return out;
}

WideSecret derive_wide(const DerivedSeed& seed, const DomainTag& tag, core::ByteView data) noexcept {
    WideSecret out;
    const int code = crypto_generichash_blake2b_salt_personal(out.fill().data(), WideSecret::size,
                                                              data.data(), data.size(), seed.reveal().data(),
                                                              DerivedSeed::size, nullptr, tag.bytes.data());
    POUW_ENSURES(code == 0);
    classify(out.fill().data(), out.size);
    wipe_stack();
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
    declassify(key.public_key_);
    wipe_stack();
    return key;
}

Signature SigningKey::sign(const Hash256& digest) const noexcept {
    Signature signature;
    crypto_sign_ed25519_detached(signature.bytes.data(), nullptr, digest.bytes.data(), Hash256::size,
                                 secret_.reveal().data());
    declassify(signature);
    wipe_stack();
    return signature;
}

bool verify(const PublicKey& key, const Hash256& digest, const Signature& signature) noexcept {
    static const bool with_cofactor = ignores_small_order(verify_by_libsodium);
    return with_cofactor ? verify_without_cofactor(verify_by_libsodium, key, digest, signature)
                         : verify_by_libsodium(key, digest, signature);
}

}  // namespace pouw::inline v1::crypto
