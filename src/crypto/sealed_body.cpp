#include "crypto/sealed_body.hpp"

#include "crypto/declassify.hpp"
#include "crypto/wipe_stack.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/crypto/errc.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

namespace pouw::inline v1::crypto::detail {
namespace {

using core::fail;
using core::result;
using ContentKey = Secret<struct ContentKeyTag, 32>;

static_assert(crypto_aead_xchacha20poly1305_ietf_ABYTES == body_tag_size);
static_assert(crypto_box_SEALBYTES + ContentKey::size == SealedBody::SealedKey::size);
static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == SealedBody::Nonce::size);

Hash256 commit(const BodyTerms& terms, const ContentKey& key, const SealedBody::Nonce& nonce) noexcept {
    std::array<std::uint8_t, Hash256::size + SealedBody::Nonce::size> data{};
    std::copy(nonce.bytes.begin(), nonce.bytes.end(),
              std::copy(terms.header.bytes.begin(), terms.header.bytes.end(), data.begin()));
    Hash256 out;
    const int code = crypto_generichash_blake2b_salt_personal(
        out.bytes.data(), Hash256::size, data.data(), data.size(), key.reveal().data(), ContentKey::size,
        nullptr, terms.commitment.bytes.data());
    POUW_ENSURES(code == 0);
    wipe_stack();
    declassify(out);
    return out;
}

}  // namespace

result<SealedBody> seal_body(const BodyTerms& terms, core::ByteView body,
                             std::span<const SealingPublicKey> recipients) {
    SealedBody sealed;
    ContentKey content_key;
    randombytes_buf(content_key.fill().data(), content_key.size);
    classify(content_key.fill().data(), content_key.size);
    randombytes_buf(sealed.nonce.bytes.data(), SealedBody::Nonce::size);
    for (const SealingPublicKey& recipient : recipients) {
        if (const auto checked = checked_sealing_key(recipient.bytes); !checked) return checked.error();
        SealedBody::SealedKey key;
        const int code = crypto_box_seal(key.bytes.data(), content_key.reveal().data(), content_key.size,
                                         recipient.bytes.data());
        if (code != 0) return fail(errc::invalid_public_key, "a sealing key");
        declassify(key);
        sealed.keys.push_back(key);
    }
    sealed.commitment = commit(terms, content_key, sealed.nonce);
    sealed.ciphertext.resize(body.size() + body_tag_size);
    const int code = crypto_aead_xchacha20poly1305_ietf_encrypt(
        sealed.ciphertext.data(), nullptr, body.data(), body.size(), terms.header.bytes.data(), Hash256::size,
        nullptr, sealed.nonce.bytes.data(), content_key.reveal().data());
    POUW_ENSURES(code == 0);
    declassify(sealed.ciphertext.data(), sealed.ciphertext.size());
    return sealed;
}

result<core::Bytes> open_body(const BodyTerms& terms, const SealedBody& sealed, std::size_t position,
                              const SealingKey& key) {
    const SealedBody::SealedKey& box = sealed.keys.at(position);
    ContentKey content_key;
    const int unsealed = crypto_box_seal_open(content_key.fill().data(), box.bytes.data(), box.bytes.size(),
                                              key.public_key().bytes.data(), key.secret().reveal().data());
    declassify(unsealed);
    if (unsealed != 0) return fail(terms.unopenable, "the sealed key");
    classify(content_key.fill().data(), content_key.size);
    const Hash256 committed = commit(terms, content_key, sealed.nonce);
    if (sodium_memcmp(committed.bytes.data(), sealed.commitment.bytes.data(), Hash256::size) != 0) {
        return fail(terms.unopenable, "another content key than committed to");
    }
    core::Bytes body(sealed.ciphertext.size() - body_tag_size);
    const int decrypted = crypto_aead_xchacha20poly1305_ietf_decrypt(
        body.data(), nullptr, nullptr, sealed.ciphertext.data(), sealed.ciphertext.size(),
        terms.header.bytes.data(), Hash256::size, sealed.nonce.bytes.data(), content_key.reveal().data());
    wipe_stack();
    declassify(decrypted);
    if (decrypted != 0) return fail(terms.unopenable, "the body");
    return body;
}

void append_body(core::Bytes& out, const SealedBody& sealed) {
    for (const SealedBody::SealedKey& key : sealed.keys) core::append(out, key.view());
    core::append(out, sealed.commitment.view());
    core::append(out, sealed.nonce.view());
    core::append(out, core::to_le(static_cast<std::uint32_t>(sealed.ciphertext.size())));
    core::append(out, sealed.ciphertext);
}

std::size_t encoded_size(const SealedBody& sealed) noexcept {
    return sealed.keys.size() * SealedBody::SealedKey::size + Hash256::size + SealedBody::Nonce::size + 4 +
           sealed.ciphertext.size();
}

SealedBody read_body(core::Reader& reader, std::uint32_t recipients) {
    SealedBody sealed;
    for (std::uint32_t i = 0; i < recipients && reader.ok(); ++i)
        sealed.keys.push_back(reader.fixed<SealedBody::SealedKey>());
    sealed.commitment = reader.fixed<Hash256>();
    sealed.nonce = reader.fixed<SealedBody::Nonce>();
    const core::ByteView ciphertext = reader.take(reader.integer<std::uint32_t>());
    sealed.ciphertext.assign(ciphertext.begin(), ciphertext.end());
    return sealed;
}

}  // namespace pouw::inline v1::crypto::detail
