#include "pouw/crypto/sealed_answer.hpp"

#include "crypto/sealed_body.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/version.hpp"
#include "pouw/crypto/domain.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/crypto/initialize.hpp"

namespace pouw::inline v1::crypto {
namespace {

using core::fail;
using core::result;

detail::BodyTerms terms_of_answer(const Hash256& header) noexcept {
    return {header, domain::answer_commitment, errc::unopenable_answer};
}

}  // namespace

Hash256 SealedAnswer::header_digest() const noexcept {
    return Hasher{domain::answer_header}
        .update(core::spec_version)
        .update(executor_.bytes)
        .update(prompt_.bytes)
        .update(task_.bytes)
        .finish();
}

result<core::Bytes> SealedAnswer::seal(const SealedPrompt& prompt, core::ByteView body,
                                       const SigningKey& executor) {
    if (const auto ready = initialize(); !ready) return ready.error();
    POUW_EXPECTS(body.size() <= answer_limit);
    SealedAnswer answer;
    answer.executor_ = executor.public_key();
    answer.prompt_ = prompt.id();
    answer.task_ = prompt.subject().task;
    auto sealed = detail::seal_body(terms_of_answer(answer.header_digest()), body, {&prompt.reply_key(), 1});
    if (!sealed) return sealed.error();
    answer.sealed_ = *std::move(sealed);
    answer.signature_ = executor.sign(hash(domain::answer, answer.encode_unsigned()));
    return answer.encode();
}

core::Bytes SealedAnswer::encode_unsigned() const {
    core::Bytes out;
    out.reserve(4 + 3 * 32 + detail::encoded_size(sealed_) + Signature::size);
    const auto version = core::to_le(core::spec_version);
    const core::ByteView head[] = {version, executor_.view(), prompt_.view(), task_.view()};
    for (const core::ByteView part : head) core::append(out, part);
    detail::append_body(out, sealed_);
    return out;
}

core::Bytes SealedAnswer::encode() const {
    core::Bytes out = encode_unsigned();
    core::append(out, signature_.view());
    return out;
}

result<SealedAnswer> SealedAnswer::decode(core::ByteView data) {
    if (const auto ready = initialize(); !ready) return ready.error();
    core::Reader reader{data};
    SealedAnswer answer;
    const auto version = reader.integer<std::uint32_t>();
    answer.executor_ = reader.fixed<PublicKey>();
    answer.prompt_ = reader.fixed<Hash256>();
    answer.task_ = reader.fixed<core::TaskId>();
    if (!reader.ok()) return fail(core::errc::truncated, "a sealed answer");
    if (version != core::spec_version) return fail(core::errc::unsupported_version);
    answer.sealed_ = detail::read_body(reader, 1);
    answer.signature_ = reader.fixed<Signature>();
    if (!reader.ok()) return fail(core::errc::truncated, "a sealed answer");
    if (!reader.rest().empty()) return fail(core::errc::trailing_bytes, "a sealed answer");
    if (!detail::is_body_size(answer.sealed_.ciphertext.size(), answer_limit))
        return fail(errc::invalid_answer, "the size of the body");
    if (const auto executor = checked_public_key(answer.executor_.bytes); !executor) return executor.error();
    const Hash256 digest = hash(domain::answer, data.first(data.size() - Signature::size));
    if (!verify(answer.executor_, digest, answer.signature_)) return fail(errc::invalid_signature);
    return answer;
}

std::size_t SealedAnswer::body_size() const noexcept {
    return sealed_.ciphertext.size() - detail::body_tag_size;
}

result<core::Bytes> SealedAnswer::open(const SealedPrompt& prompt, const core::NodeId& executor,
                                       const SealingKey& reply_key) const {
    if (prompt_ != prompt.id()) return fail(errc::other_prompt);
    if (task_ != prompt.subject().task) return fail(errc::other_prompt, "its task is another");
    if (executor_ != executor) return fail(errc::other_sender);
    if (reply_key.public_key() != prompt.reply_key())
        return fail(errc::not_a_recipient, "not the reply key of the prompt");
    return detail::open_body(terms_of_answer(header_digest()), sealed_, 0, reply_key);
}

}  // namespace pouw::inline v1::crypto
