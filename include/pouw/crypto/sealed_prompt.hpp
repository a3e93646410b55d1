/// A sealed prompt: a prompt that only the chosen executors can read. The body is encrypted once, its key is
/// sealed to each executor, and the sender signs the whole.
///
/// All recipients decrypt the same body, or none does (the cipher alone does not guarantee this). The list of
/// recipients, the task, the model and the reply key are bound to the body. The reply key is made for this
/// one prompt; executors seal their answers to it (sealed_answer.hpp). The format hides neither the
/// recipients nor the length of the body, and it cannot prevent that a recipient passes the body on. It does
/// not detect replays: the caller checks that it expects the task. Source: docs/spec/sealed_prompt.md.
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

    /// A new key from the system's random generator: the reply key of one prompt. Whoever wipes it after the
    /// answer can no longer be made to open it.
    /// Expects: `crypto::initialize()` succeeds.
    [[nodiscard]] static SealingKey generate() noexcept;

    /// The key of a secret that was kept, such as that of a reply key.
    [[nodiscard]] static SealingKey from_secret(std::span<const std::uint8_t, 32> secret) noexcept;

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

namespace detail {

/// A body that is encrypted once, with its content key sealed to each recipient.
struct POUW_API SealedBody {
    using SealedKey = core::FixedBytes<struct SealedContentKeyTag, 80>;
    using Nonce = core::FixedBytes<struct SealedBodyNonceTag, 24>;

    std::vector<SealedKey> keys;  ///< in the order of the recipients
    Hash256 commitment;
    Nonce nonce;
    core::Bytes ciphertext;
};

}  // namespace detail

/// A sealed prompt as it was received: its structure and the sender's signature are checked, and its body is
/// not opened.
class POUW_API SealedPrompt {
  public:
    /// The version of the encoding. Version 1 had no reply key.
    static constexpr std::uint32_t version = 2;

    /// Encrypts `body` to `recipients` and signs the prompt. Keys and nonces come from the system's random
    /// generator. The order of the recipients does not matter. `reply_key` is the public key of a
    /// `SealingKey::generate()`, of this prompt alone.
    /// Expects: 1 to `recipient_limit` recipients, of whom equal ones count once, and a body of at most
    ///     `prompt_limit` bytes.
    /// Errors: errc::invalid_public_key for a recipient or a reply key of small order.
    /// Cost: about 60 µs for each recipient, and 1 ms for each MiB.
    [[nodiscard]] static core::result<core::Bytes> seal(const PromptSubject& subject, core::ByteView body,
                                                        std::vector<SealingPublicKey> recipients,
                                                        const SealingPublicKey& reply_key,
                                                        const SigningKey& sender);

    /// The prompt that `data` encodes, with a valid signature of its sender.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::unsupported_version,
    ///     errc::invalid_prompt, errc::invalid_public_key, errc::invalid_signature.
    /// Cost: about 120 µs, and 1 ms for each MiB; memory of at most the size of `data`.
    [[nodiscard]] static core::result<SealedPrompt> decode(core::ByteView data);

    /// The digest that the sender signed: no two prompts have the same one.
    [[nodiscard]] const Hash256& id() const noexcept { return id_; }
    [[nodiscard]] const PublicKey& sender() const noexcept { return sender_; }
    [[nodiscard]] const PromptSubject& subject() const noexcept { return subject_; }
    /// The key to which answers are sealed.
    [[nodiscard]] const SealingPublicKey& reply_key() const noexcept { return reply_key_; }
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

    /// The digest of version, sender, subject, reply key and recipients, to which everything in the prompt is
    /// bound.
    [[nodiscard]] Hash256 header_digest() const noexcept;
    [[nodiscard]] core::Bytes encode_unsigned() const;

    PublicKey sender_;
    PromptSubject subject_;
    SealingPublicKey reply_key_;
    std::vector<SealingPublicKey> recipients_;
    detail::SealedBody sealed_;
    Hash256 id_;
    Signature signature_;
};

}  // namespace pouw::inline v1::crypto
