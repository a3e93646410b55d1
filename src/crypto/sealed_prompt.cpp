#include "pouw/crypto/sealed_prompt.hpp"

#include "crypto/declassify.hpp"
#include "crypto/wipe_stack.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/version.hpp"
#include "pouw/crypto/domain.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/crypto/initialize.hpp"

#include <sodium.h>

#include <algorithm>

namespace pouw::inline v1::crypto {
namespace {

using core::fail;
using core::result;

constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(crypto_box_SEALBYTES + 32 == 80);
static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == 24);

/// Whether the encoded coordinate is below 2^255 - 19.
bool is_canonical(const SealingPublicKey& key) noexcept {
    const auto& bytes = key.bytes;
    if ((bytes[31] & 0x80) != 0) return false;
    if (bytes[31] != 0x7f || bytes[0] < 0xed) return true;
    return !std::all_of(bytes.begin() + 1, bytes.begin() + 31,
                        [](std::uint8_t byte) { return byte == 0xff; });
}

Hash256 signed_digest(core::ByteView unsigned_bytes) noexcept { return hash(domain::prompt, unsigned_bytes); }

}  // namespace

result<SealingPublicKey> checked_sealing_key(core::ByteView data) noexcept {
    const auto key = SealingPublicKey::from(data);
    if (!key) return fail(core::errc::wrong_length, "a sealing key has 32 bytes");
    // Any clamped scalar is a multiple of the cofactor: a point of small order gives zero, and the code says
    // so.
    constexpr std::array<std::uint8_t, 32> one{1};
    std::array<std::uint8_t, 32> shared{};
    if (!is_canonical(*key) ||
        crypto_scalarmult_curve25519(shared.data(), one.data(), key->bytes.data()) != 0) {
        return fail(errc::invalid_public_key, "a sealing key");
    }
    return *key;
}

SealingKey SealingKey::derive(const MasterSeed& master) noexcept {
    const DerivedSeed seed = derive_seed(master, domain::sealing_key);
    SealingKey key;
    std::copy(seed.reveal().begin(), seed.reveal().end(), key.secret_.fill().begin());
    const int code =
        crypto_scalarmult_curve25519_base(key.public_key_.bytes.data(), key.secret_.reveal().data());
    POUW_ENSURES(code == 0);
    classify(key.secret_.reveal().data(), key.secret_.size);
    declassify(key.public_key_);
    return key;
}

Hash256 SealedPrompt::header_digest() const noexcept {
    Hasher hasher{domain::prompt_header};
    hasher.update(core::spec_version)
        .update(sender_.bytes)
        .update(subject_.task.bytes)
        .update(subject_.model.bytes);
    hasher.update(static_cast<std::uint32_t>(recipients_.size()));
    for (const SealingPublicKey& recipient : recipients_) hasher.update(recipient.bytes);
    return hasher.finish();
}

Hash256 SealedPrompt::commit(const ContentKey& key, const Hash256& header, const Nonce& nonce) noexcept {
    std::array<std::uint8_t, Hash256::size + Nonce::size> data{};
    std::copy(nonce.bytes.begin(), nonce.bytes.end(),
              std::copy(header.bytes.begin(), header.bytes.end(), data.begin()));
    Hash256 out;
    const int code = crypto_generichash_blake2b_salt_personal(
        out.bytes.data(), Hash256::size, data.data(), data.size(), key.reveal().data(), ContentKey::size,
        nullptr, domain::prompt_commitment.bytes.data());
    POUW_ENSURES(code == 0);
    wipe_stack();
    declassify(out);
    return out;
}

result<core::Bytes> SealedPrompt::seal(const PromptSubject& subject, core::ByteView body,
                                       std::vector<SealingPublicKey> recipients, const SigningKey& sender) {
    if (const auto ready = initialize(); !ready) return ready.error();
    POUW_EXPECTS(!recipients.empty() && recipients.size() <= recipient_limit && body.size() <= prompt_limit);
    std::sort(recipients.begin(), recipients.end());
    POUW_EXPECTS(std::adjacent_find(recipients.begin(), recipients.end()) == recipients.end());
    SealedPrompt prompt;
    prompt.sender_ = sender.public_key();
    prompt.subject_ = subject;
    prompt.recipients_ = std::move(recipients);

    ContentKey content_key;
    randombytes_buf(content_key.fill().data(), content_key.size);
    classify(content_key.fill().data(), content_key.size);
    randombytes_buf(prompt.nonce_.bytes.data(), Nonce::size);
    for (const SealingPublicKey& recipient : prompt.recipients_) {
        if (const auto checked = checked_sealing_key(recipient.bytes); !checked) {
            return checked.error();
        }
        SealedContentKey sealed;
        const int code = crypto_box_seal(sealed.bytes.data(), content_key.reveal().data(), content_key.size,
                                         recipient.bytes.data());
        if (code != 0) return fail(errc::invalid_public_key, "a sealing key");
        declassify(sealed);
        prompt.sealed_keys_.push_back(sealed);
    }
    const Hash256 header = prompt.header_digest();
    prompt.commitment_ = commit(content_key, header, prompt.nonce_);
    prompt.ciphertext_.resize(body.size() + tag_size);
    const int code = crypto_aead_xchacha20poly1305_ietf_encrypt(
        prompt.ciphertext_.data(), nullptr, body.data(), body.size(), header.bytes.data(), Hash256::size,
        nullptr, prompt.nonce_.bytes.data(), content_key.reveal().data());
    POUW_ENSURES(code == 0);
    declassify(prompt.ciphertext_.data(), prompt.ciphertext_.size());
    prompt.signature_ = sender.sign(signed_digest(prompt.encode_unsigned()));
    return prompt.encode();
}

core::Bytes SealedPrompt::encode_unsigned() const {
    core::Bytes out;
    out.reserve(4 + 32 + 32 + 32 + 4 + recipients_.size() * (32 + sealed_key_size) + 32 + 24 + 4 +
                ciphertext_.size() + Signature::size);
    const auto version = core::to_le(core::spec_version);
    const auto count = core::to_le(static_cast<std::uint32_t>(recipients_.size()));
    const core::ByteView head[] = {version, sender_.view(), subject_.task.view(), subject_.model.view(),
                                   count};
    for (const core::ByteView part : head) core::append(out, part);
    for (const SealingPublicKey& recipient : recipients_) core::append(out, recipient.view());
    for (const SealedContentKey& sealed : sealed_keys_) core::append(out, sealed.view());
    core::append(out, commitment_.view());
    core::append(out, nonce_.view());
    core::append(out, core::to_le(static_cast<std::uint32_t>(ciphertext_.size())));
    core::append(out, ciphertext_);
    return out;
}

core::Bytes SealedPrompt::encode() const {
    core::Bytes out = encode_unsigned();
    core::append(out, signature_.view());
    return out;
}

result<SealedPrompt> SealedPrompt::decode(core::ByteView data) {
    if (const auto ready = initialize(); !ready) return ready.error();
    core::Reader reader{data};
    SealedPrompt prompt;
    const auto version = reader.integer<std::uint32_t>();
    prompt.sender_ = reader.fixed<PublicKey>();
    prompt.subject_.task = reader.fixed<core::TaskId>();
    prompt.subject_.model = reader.fixed<core::InferenceModelId>();
    const auto count = reader.integer<std::uint32_t>();
    if (!reader.ok()) return fail(core::errc::truncated, "a sealed prompt");
    if (version != core::spec_version) return fail(core::errc::unsupported_version);
    if (count == 0 || count > recipient_limit) return fail(errc::invalid_prompt, "the number of recipients");
    if (reader.rest().size() < count * (SealingPublicKey::size + sealed_key_size)) {
        return fail(core::errc::truncated, "a sealed prompt");
    }
    for (std::uint32_t i = 0; i < count; ++i) prompt.recipients_.push_back(reader.fixed<SealingPublicKey>());
    for (std::uint32_t i = 0; i < count; ++i) prompt.sealed_keys_.push_back(reader.fixed<SealedContentKey>());
    prompt.commitment_ = reader.fixed<Hash256>();
    prompt.nonce_ = reader.fixed<Nonce>();
    const auto size = reader.integer<std::uint32_t>();
    const core::ByteView ciphertext = reader.take(size);
    prompt.signature_ = reader.fixed<Signature>();
    if (!reader.ok()) return fail(core::errc::truncated, "a sealed prompt");
    if (!reader.rest().empty()) return fail(core::errc::trailing_bytes, "a sealed prompt");
    if (size < tag_size || size > prompt_limit + tag_size)
        return fail(errc::invalid_prompt, "the size of the body");
    const auto& recipients = prompt.recipients_;
    if (std::adjacent_find(recipients.begin(), recipients.end(),
                           [](const auto& a, const auto& b) { return !(a < b); }) != recipients.end()) {
        return fail(errc::invalid_prompt, "recipients are not in ascending order");
    }
    if (const auto sender = checked_public_key(prompt.sender_.bytes); !sender) {
        return sender.error();
    }
    if (!verify(prompt.sender_, signed_digest(data.first(data.size() - Signature::size)),
                prompt.signature_)) {
        return fail(errc::invalid_signature);
    }
    prompt.ciphertext_.assign(ciphertext.begin(), ciphertext.end());
    return prompt;
}

std::size_t SealedPrompt::body_size() const noexcept { return ciphertext_.size() - tag_size; }

result<core::Bytes> SealedPrompt::open(const SealingKey& key) const {
    const auto found = std::lower_bound(recipients_.begin(), recipients_.end(), key.public_key());
    if (found == recipients_.end() || *found != key.public_key()) return fail(errc::not_a_recipient);
    const SealedContentKey& sealed = sealed_keys_[static_cast<std::size_t>(found - recipients_.begin())];
    ContentKey content_key;
    const int unsealed =
        crypto_box_seal_open(content_key.fill().data(), sealed.bytes.data(), sealed.bytes.size(),
                             key.public_key().bytes.data(), key.secret().reveal().data());
    declassify(unsealed);
    if (unsealed != 0) return fail(errc::unopenable_prompt, "the sealed key");
    classify(content_key.fill().data(), content_key.size);
    const Hash256 header = header_digest();
    const Hash256 committed = commit(content_key, header, nonce_);
    if (sodium_memcmp(committed.bytes.data(), commitment_.bytes.data(), Hash256::size) != 0) {
        return fail(errc::unopenable_prompt, "another content key than committed to");
    }
    core::Bytes body(body_size());
    const int decrypted = crypto_aead_xchacha20poly1305_ietf_decrypt(
        body.data(), nullptr, nullptr, ciphertext_.data(), ciphertext_.size(), header.bytes.data(),
        Hash256::size, nonce_.bytes.data(), content_key.reveal().data());
    wipe_stack();
    declassify(decrypted);
    if (decrypted != 0) return fail(errc::unopenable_prompt, "the body");
    return body;
}

}  // namespace pouw::inline v1::crypto
