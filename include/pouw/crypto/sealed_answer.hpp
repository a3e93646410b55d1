/// A sealed answer: the answer of one executor to one sealed prompt, which only the owner of the prompt's
/// reply key can read. The executor signs it.
///
/// The prompt, its task and the executor are bound to the body, so that an answer opens as the answer to no
/// other prompt and of no other executor. The task id binds the chain, and the prompt's id everything else.
/// The format hides neither the executor nor the length of the body. It does not detect that an executor
/// answers twice. Source: docs/spec/sealed_prompt.md.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/crypto/sealed_prompt.hpp"

#include <cstddef>

namespace pouw::inline v1::crypto {

/// The limit of the bytes of an answer.
inline constexpr std::size_t answer_limit = prompt_limit;

/// A sealed answer as it was received: its structure and the executor's signature are checked, and its body
/// is not opened.
class POUW_API SealedAnswer {
  public:
    /// Encrypts `body` to the reply key of the prompt and signs the answer. Keys and nonces come from the
    /// system's random generator.
    /// Expects: a body of at most `answer_limit` bytes.
    /// Cost: about 80 µs, and 1 ms for each MiB.
    [[nodiscard]] static core::result<core::Bytes> seal(const SealedPrompt& prompt, core::ByteView body,
                                                        const SigningKey& executor);

    /// The answer that `data` encodes, with a valid signature of its executor.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::unsupported_version,
    ///     errc::invalid_answer, errc::invalid_public_key, errc::invalid_signature.
    /// Cost: about 90 µs, and 1 ms for each MiB; memory of at most the size of `data`.
    [[nodiscard]] static core::result<SealedAnswer> decode(core::ByteView data);

    [[nodiscard]] const PublicKey& executor() const noexcept { return executor_; }
    /// The id of the prompt that is answered.
    [[nodiscard]] const Hash256& prompt() const noexcept { return prompt_; }
    [[nodiscard]] const core::TaskId& task() const noexcept { return task_; }
    [[nodiscard]] std::size_t body_size() const noexcept;

    /// The body of the answer of `executor` to `prompt`.
    /// Errors: in this order, errc::other_prompt, errc::other_sender; errc::not_a_recipient for a key that is
    ///     not the reply key of the prompt; errc::unopenable_answer when the sealed key or the body differs
    ///     from the executor's commitment, which is the executor's fault.
    [[nodiscard]] core::result<core::Bytes> open(const SealedPrompt& prompt, const core::NodeId& executor,
                                                 const SealingKey& reply_key) const;

    /// The encoding of the answer.
    [[nodiscard]] core::Bytes encode() const;

  private:
    SealedAnswer() = default;

    /// The digest of version, executor, prompt and task, to which everything in the answer is bound.
    [[nodiscard]] Hash256 header_digest() const noexcept;
    [[nodiscard]] core::Bytes encode_unsigned() const;

    PublicKey executor_;
    Hash256 prompt_;
    core::TaskId task_;
    detail::SealedBody sealed_;
    Signature signature_;
};

}  // namespace pouw::inline v1::crypto
