/// A prompt that only chosen executors can read: the body encrypted once, its key sealed to each of them, all
/// of it signed by the sender (docs/spec/sealed_prompt.md).
///
/// Every recipient decrypts to the same body or to nothing (the cipher by itself does not promise that); the
/// list of recipients, the task and the model are bound to the body. It does not hide who the recipients are,
/// nor the length of the body, and what a recipient does with the body is its own matter. Nothing here tells
/// a replay: the caller asks whether the task is one it waits for.
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

/// `data` as the sealing key of an executor, to be registered.
/// Errors: core::errc::wrong_length; errc::invalid_public_key for one of small order or not canonical.
/// Cost: about 30 µs.
[[nodiscard]] POUW_API core::result<SealingPublicKey> checked_sealing_key(core::ByteView data) noexcept;

/// The key with which an executor opens what is sealed to it.
/// Threads: shareable.
class POUW_API SealingKey {
  public:
    [[nodiscard]] static SealingKey derive(const MasterSeed& master) noexcept;

    [[nodiscard]] const SealingPublicKey& public_key() const noexcept { return public_key_; }
    [[nodiscard]] const Secret<struct SealingSecretTag, 32>& secret() const noexcept { return secret_; }

  private:
    SealingKey() = default;

    Secret<struct SealingSecretTag, 32> secret_;
    SealingPublicKey public_key_;
};

/// What a prompt is about.
struct POUW_API PromptSubject {
    core::TaskId task;
    core::InferenceModelId model;

    friend bool operator==(const PromptSubject&, const PromptSubject&) = default;
};

inline constexpr std::size_t recipient_limit = 1024;
inline constexpr std::size_t prompt_limit = std::size_t{1} << 24;

/// A sealed prompt as it came: its structure and the sender's signature are checked, its body is still
/// closed.
class POUW_API SealedPrompt {
  public:
    /// Encrypts `body` to `recipients` and signs. Keys and nonces come from the system's random generator.
    /// The order of the recipients does not matter.
    /// Expects: 1 to `recipient_limit` distinct ones, and a body of at most `prompt_limit` bytes.
    /// Errors: errc::invalid_public_key for a recipient of small order.
    /// Cost: about 60 µs a recipient, 1 ms a MiB.
    [[nodiscard]] static core::result<core::Bytes> seal(const PromptSubject& subject, core::ByteView body,
                                                        std::vector<SealingPublicKey> recipients,
                                                        const SigningKey& sender);

    /// Allocates no more than the size of `data`.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::unsupported_version,
    ///     errc::invalid_prompt, errc::invalid_public_key, errc::invalid_signature.
    /// Cost: about 90 µs, and 1 ms a MiB.
    [[nodiscard]] static core::result<SealedPrompt> decode(core::ByteView data);

    [[nodiscard]] const PublicKey& sender() const noexcept { return sender_; }
    [[nodiscard]] const PromptSubject& subject() const noexcept { return subject_; }
    /// Ascending.
    [[nodiscard]] const std::vector<SealingPublicKey>& recipients() const noexcept { return recipients_; }
    [[nodiscard]] std::size_t body_size() const noexcept;

    /// The body. The caller checks sender, task and model before.
    /// Errors: errc::not_a_recipient; errc::unopenable_prompt if the sealed key or the body is not what the
    ///     sender's commitment says, which the sender is to blame for.
    [[nodiscard]] core::result<core::Bytes> open(const SealingKey& key) const;

    /// The prompt's bytes again.
    [[nodiscard]] core::Bytes encode() const;

  private:
    SealedPrompt() = default;

    static constexpr std::size_t sealed_key_size = 80;
    using SealedContentKey = core::FixedBytes<struct SealedContentKeyTag, sealed_key_size>;
    using Nonce = core::FixedBytes<struct PromptNonceTag, 24>;
    using ContentKey = Secret<struct ContentKeyTag, 32>;

    /// What everything in the prompt is bound to: version, sender, subject, recipients.
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
