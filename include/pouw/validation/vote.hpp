/// Votes on results, and the proof against a node that votes both ways.
/// Source: docs/spec/validation.md section 5.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/conviction.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/validation/task.hpp"
#include "pouw/validation/verdict.hpp"

#include <cstddef>

namespace pouw::inline v1::validation {

/// The subject of a vote: one result of one task.
struct POUW_API Subject {
    core::ChainDigest chain;
    core::Epoch epoch;
    Task task;
    crypto::Hash256 result;  ///< digest of the executor's answer

    friend bool operator==(const Subject&, const Subject&) = default;
};

/// The signed vote of one node.
struct POUW_API Vote {
    static constexpr std::size_t size = 237;

    Subject subject;
    Verdict verdict = Verdict::invalid;
    core::NodeId voter;
    crypto::Signature signature;

    /// The encoding, of `size` bytes.
    [[nodiscard]] core::Bytes encode() const;
    /// The inverse of `encode`, and of nothing else; it does not verify the signature.
    /// Errors: core::errc::wrong_length, core::errc::unsupported_version, core::errc::non_canonical for a
    ///     verdict other than 0 and 1.
    [[nodiscard]] static core::result<Vote> decode(core::ByteView data);

    /// Checks that executor and result are those of `subject`, a subject of the same chain, epoch and task.
    /// Errors: errc::other_executor; errc::other_result.
    [[nodiscard]] core::result<void> matches(const Subject& subject) const;

    /// Whether the signature is that of the voter.
    /// Expects: a voter of a table of weights, or a checked key.
    /// Cost: about 50 µs.
    [[nodiscard]] bool is_signed() const;

    friend bool operator==(const Vote&, const Vote&) = default;
};

/// The digest that a voter signs, `H("pouw.val-vote.v1", encoding without signature)`.
[[nodiscard]] POUW_API crypto::Hash256 voting_digest(const Subject& subject, Verdict verdict,
                                                     const core::NodeId& voter);

/// The signed vote of the owner of `key`.
[[nodiscard]] POUW_API Vote cast_vote(const Subject& subject, Verdict verdict, const crypto::SigningKey& key);

/// Two votes of one node on one result, one of each verdict. It proves misbehaviour to everybody who knows
/// the chain.
struct POUW_API Equivocation {
    static constexpr std::size_t size = 300;

    Subject subject;
    core::NodeId voter;
    crypto::Signature invalid;  ///< of the vote that says invalid
    crypto::Signature valid;    ///< of the vote that says valid

    /// The encoding, of `size` bytes. It does not depend on which vote came first.
    [[nodiscard]] core::Bytes encode() const;
    /// The inverse of `encode`, and of nothing else; it verifies nothing.
    /// Errors: core::errc::wrong_length, core::errc::unsupported_version.
    [[nodiscard]] static core::result<Equivocation> decode(core::ByteView data);

    /// The conviction of the voter on the chain `expected`. `height` is that of the block in which the
    /// equivocation stood.
    /// Errors: errc::other_chain, before any signature is looked at; core::errc::no_misbehaviour unless the
    ///     voter is a key of prime order and both signatures verify.
    /// Cost: about 150 µs.
    [[nodiscard]] core::result<core::Conviction> conviction(const core::ChainDigest& expected,
                                                            core::Height height) const;

    friend bool operator==(const Equivocation&, const Equivocation&) = default;
};

}  // namespace pouw::inline v1::validation
