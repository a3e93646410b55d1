/// A sealed prompt: a prompt that only the chosen executors can read. The body is encrypted once, its key is
/// sealed to each executor, and the sender signs the whole.
///
/// All recipients decrypt the same body, or none does (the cipher alone does not guarantee this). The list of
/// recipients, the task and the model are bound to the body. The format hides neither the recipients nor the
/// length of the body, and it cannot prevent that a recipient passes the body on. It does not detect replays:
/// the caller checks that it expects the task.
/// Source: docs/spec/sealed_prompt.md.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/crypto/secret.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pouw::inline v1::crypto {

/// An X25519 public key.
using SealingPublicKey = core::FixedBytes<struct SealingPublicKeyTag, 32>;

/// Checks that `data` is a sealing key, before it is registered for an executor.
/// Errors: core::errc::wrong_length; errc::invalid_public_key for a key of small order or one that is not
///     canonical.
/// Cost: about 30 µs.
[[nodiscard]] POUW_API core::result<SealingPublicKey> checked_sealing_key(core::ByteView data) noexcept;

/// The key with which an executor opens the prompts that are sealed to it.
/// Threads: shareable.
class POUW_API SealingKey {
  public:
    [[nodiscard]] static SealingKey derive(const MasterSeed& master) noexcept;

    [[nodiscard]] const SealingPublicKey& public_key() const noexcept { return public_key_; }
    [[nodiscard]] const LongLivedSecret<struct SealingSecretTag, 32>& secret() const noexcept {
        return secret_;
    }

  private:
    SealingKey() = default;

    LongLivedSecret<struct SealingSecretTag, 32> secret_;
    SealingPublicKey public_key_;
};

/// The subject of a prompt.
struct POUW_API PromptSubject {
    core::TaskId task;
    core::InferenceModelId model;

    friend bool operator==(const PromptSubject&, const PromptSubject&) = default;
};

/// The limits of the recipients and of the bytes of a body.
inline constexpr std::size_t recipient_limit = 1024;
inline constexpr std::size_t prompt_limit = std::size_t{1} << 24;

/// A sealed prompt as it was received: its structure and the sender's signature are checked, and its body is
/// not opened.
class POUW_API SealedPrompt {
  public:
    /// Encrypts `body` to `recipients` and signs the prompt. Keys and nonces come from the system's random
    /// generator. The order of the recipients does not matter.
    /// Expects: 1 to `recipient_limit` distinct recipients, and a body of at most `prompt_limit` bytes.
    /// Errors: errc::invalid_public_key for a recipient of small order.
    /// Cost: about 60 µs for each recipient, and 1 ms for each MiB.
    [[nodiscard]] static core::result<core::Bytes> seal(const PromptSubject& subject, core::ByteView body,
                                                        std::vector<SealingPublicKey> recipients,
                                                        const SigningKey& sender);

    /// The prompt that `data` encodes, with a valid signature of its sender.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::unsupported_version,
    ///     errc::invalid_prompt, errc::invalid_public_key, errc::invalid_signature.
    /// Cost: about 90 µs, and 1 ms for each MiB; memory of at most the size of `data`.
    [[nodiscard]] static core::result<SealedPrompt> decode(core::ByteView data);

    [[nodiscard]] const PublicKey& sender() const noexcept { return sender_; }
    [[nodiscard]] const PromptSubject& subject() const noexcept { return subject_; }
    /// The recipients, ascending.
    [[nodiscard]] const std::vector<SealingPublicKey>& recipients() const noexcept { return recipients_; }
    [[nodiscard]] std::size_t body_size() const noexcept;

    /// The body of the prompt. The caller checks sender, task and model before.
    /// Errors: errc::not_a_recipient; errc::unopenable_prompt when the sealed key or the body differs from
    ///     the sender's commitment, which is the sender's fault.
    [[nodiscard]] core::result<core::Bytes> open(const SealingKey& key) const;

    /// The encoding of the prompt.
    [[nodiscard]] core::Bytes encode() const;

  private:
    SealedPrompt() = default;

    static constexpr std::size_t sealed_key_size = 80;
    using SealedContentKey = core::FixedBytes<struct SealedContentKeyTag, sealed_key_size>;
    using Nonce = core::FixedBytes<struct PromptNonceTag, 24>;
    using ContentKey = Secret<struct ContentKeyTag, 32>;

    /// The digest of version, sender, subject and recipients, to which everything in the prompt is bound.
    [[nodiscard]] Hash256 header_digest() const noexcept;
    [[nodiscard]] static Hash256 commit(const ContentKey& key, const Hash256& header,
                                        const Nonce& nonce) noexcept;
    [[nodiscard]] core::Bytes encode_unsigned() const;

    PublicKey sender_;
    PromptSubject subject_;
    std::vector<SealingPublicKey> recipients_;
    std::vector<SealedContentKey> sealed_keys_;
    Hash256 commitment_;
    Nonce nonce_;
    core::Bytes ciphertext_;
    Signature signature_;
};

}  // namespace pouw::inline v1::crypto
