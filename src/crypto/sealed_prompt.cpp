#include "pouw/crypto/sealed_prompt.hpp"

#include "crypto/declassify.hpp"
#include "crypto/sealed_body.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/domain.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/crypto/initialize.hpp"

#include <sodium.h>

#include <algorithm>

namespace pouw::inline v1::crypto {
namespace {

using core::fail;
using core::result;

/// Whether the encoded coordinate is below 2^255 - 19.
bool is_canonical(const SealingPublicKey& key) noexcept {
    const auto& bytes = key.bytes;
    if ((bytes[31] & 0x80) != 0) return false;
    if (bytes[31] != 0x7f || bytes[0] < 0xed) return true;
    return !std::all_of(bytes.begin() + 1, bytes.begin() + 31,
                        [](std::uint8_t byte) { return byte == 0xff; });
}

detail::BodyTerms terms_of_prompt(const Hash256& header) noexcept {
    return {header, domain::prompt_commitment, errc::unopenable_prompt};
}

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
    return from_secret(seed.reveal());
}

SealingKey SealingKey::generate() noexcept {
    Secret<struct FreshSealingSecretTag, 32> secret;
    randombytes_buf(secret.fill().data(), secret.size);
    return from_secret(secret.reveal());
}

SealingKey SealingKey::from_secret(std::span<const std::uint8_t, 32> secret) noexcept {
    SealingKey key;
    std::copy(secret.begin(), secret.end(), key.secret_.fill().begin());
    const int code =
        crypto_scalarmult_curve25519_base(key.public_key_.bytes.data(), key.secret_.reveal().data());
    POUW_ENSURES(code == 0);
    classify(key.secret_.reveal().data(), key.secret_.size);
    declassify(key.public_key_);
    return key;
}

Hash256 SealedPrompt::header_digest() const noexcept {
    Hasher hasher{domain::prompt_header};
    hasher.update(version)
        .update(sender_.bytes)
        .update(subject_.task.bytes)
        .update(subject_.model.bytes)
        .update(reply_key_.bytes);
    hasher.update(static_cast<std::uint32_t>(recipients_.size()));
    for (const SealingPublicKey& recipient : recipients_) hasher.update(recipient.bytes);
    return hasher.finish();
}

result<core::Bytes> SealedPrompt::seal(const PromptSubject& subject, core::ByteView body,
                                       std::vector<SealingPublicKey> recipients,
                                       const SealingPublicKey& reply_key, const SigningKey& sender) {
    if (const auto ready = initialize(); !ready) return ready.error();
    POUW_EXPECTS(!recipients.empty() && recipients.size() <= recipient_limit && body.size() <= prompt_limit);
    std::sort(recipients.begin(), recipients.end());
    // Two nodes may have registered one key.
    recipients.erase(std::unique(recipients.begin(), recipients.end()), recipients.end());
    if (const auto checked = checked_sealing_key(reply_key.bytes); !checked) return checked.error();
    SealedPrompt prompt;
    prompt.sender_ = sender.public_key();
    prompt.subject_ = subject;
    prompt.reply_key_ = reply_key;
    prompt.recipients_ = std::move(recipients);
    auto sealed = detail::seal_body(terms_of_prompt(prompt.header_digest()), body, prompt.recipients_);
    if (!sealed) return sealed.error();
    prompt.sealed_ = *std::move(sealed);
    prompt.signature_ = sender.sign(hash(domain::prompt, prompt.encode_unsigned()));
    return prompt.encode();
}

core::Bytes SealedPrompt::encode_unsigned() const {
    core::Bytes out;
    out.reserve(4 + 4 * 32 + 4 + recipients_.size() * 32 + detail::encoded_size(sealed_) + Signature::size);
    const auto number = core::to_le(version);
    const auto count = core::to_le(static_cast<std::uint32_t>(recipients_.size()));
    const core::ByteView head[] = {
        number, sender_.view(), subject_.task.view(), subject_.model.view(), reply_key_.view(), count};
    for (const core::ByteView part : head) core::append(out, part);
    for (const SealingPublicKey& recipient : recipients_) core::append(out, recipient.view());
    detail::append_body(out, sealed_);
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
    const auto number = reader.integer<std::uint32_t>();
    prompt.sender_ = reader.fixed<PublicKey>();
    prompt.subject_.task = reader.fixed<core::TaskId>();
    prompt.subject_.model = reader.fixed<core::InferenceModelId>();
    prompt.reply_key_ = reader.fixed<SealingPublicKey>();
    const auto count = reader.integer<std::uint32_t>();
    if (!reader.ok()) return fail(core::errc::truncated, "a sealed prompt");
    if (number != version) return fail(core::errc::unsupported_version);
    if (count == 0 || count > recipient_limit) return fail(errc::invalid_prompt, "the number of recipients");
    if (reader.rest().size() < count * (SealingPublicKey::size + detail::SealedBody::SealedKey::size)) {
        return fail(core::errc::truncated, "a sealed prompt");
    }
    for (std::uint32_t i = 0; i < count; ++i) prompt.recipients_.push_back(reader.fixed<SealingPublicKey>());
    prompt.sealed_ = detail::read_body(reader, count);
    prompt.signature_ = reader.fixed<Signature>();
    if (!reader.ok()) return fail(core::errc::truncated, "a sealed prompt");
    if (!reader.rest().empty()) return fail(core::errc::trailing_bytes, "a sealed prompt");
    if (!detail::is_body_size(prompt.sealed_.ciphertext.size(), prompt_limit))
        return fail(errc::invalid_prompt, "the size of the body");
    const auto& recipients = prompt.recipients_;
    if (std::adjacent_find(recipients.begin(), recipients.end(),
                           [](const auto& a, const auto& b) { return !(a < b); }) != recipients.end()) {
        return fail(errc::invalid_prompt, "recipients are not in ascending order");
    }
    if (const auto sender = checked_public_key(prompt.sender_.bytes); !sender) return sender.error();
    if (const auto key = checked_sealing_key(prompt.reply_key_.bytes); !key) return key.error();
    prompt.id_ = hash(domain::prompt, data.first(data.size() - Signature::size));
    if (!verify(prompt.sender_, prompt.id_, prompt.signature_)) return fail(errc::invalid_signature);
    return prompt;
}

std::size_t SealedPrompt::body_size() const noexcept {
    return sealed_.ciphertext.size() - detail::body_tag_size;
}

result<core::Bytes> SealedPrompt::open(const SealingKey& key) const {
    const auto found = std::lower_bound(recipients_.begin(), recipients_.end(), key.public_key());
    if (found == recipients_.end() || *found != key.public_key()) return fail(errc::not_a_recipient);
    return detail::open_body(terms_of_prompt(header_digest()), sealed_,
                             static_cast<std::size_t>(found - recipients_.begin()), key);
}

}  // namespace pouw::inline v1::crypto
