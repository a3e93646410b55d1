/// Certificates of blocks: signatures of nodes with more than half of the voting weight under one block.
///
/// A node signs the block that the chain's consensus engine has decided: one block for each height, and no
/// other block of this height ever. An engine in which a node votes again in a later round signs after its
/// decision; the votes of its rounds are its own. Two certificates of different blocks at one height convict
/// nodes of both: `equivocations`. How nodes agree is no matter of this header. Source:
/// docs/spec/validation.md section 7.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/conviction.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/weights/weights.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace pouw::inline v1::validation {

/// The statement that a block is final, which the nodes sign.
struct POUW_API BlockStatement {
    core::ChainDigest chain;
    core::Epoch epoch;  ///< the epoch whose weights sign
    core::Height height;
    core::BlockHash block;
    /// The digest of the table that signs from the next block on, in the last block that the weights of this
    /// epoch sign (`WeightTable::digest`); nothing in every other block. The epoch after that is the next
    /// one, also where the table stays the same.
    std::optional<crypto::Hash256> next_weights;

    /// The encoding, of 85 bytes, or 117 with new weights.
    [[nodiscard]] core::Bytes encode() const;

    /// The digest that a node signs, `H("pouw.val-blk.v1", encode())`.
    [[nodiscard]] crypto::Hash256 digest() const;

    friend bool operator==(const BlockStatement&, const BlockStatement&) = default;
};

/// The signature of one node under a block. A key that is kept elsewhere signs `BlockStatement::digest`.
struct POUW_API BlockVote {
    BlockStatement statement;
    core::NodeId signer;
    crypto::Signature signature;

    /// The encoding, of 181 bytes, or 213 with new weights.
    [[nodiscard]] core::Bytes encode() const;
    /// The inverse of `encode`, and of nothing else; it does not verify the signature.
    /// Errors: core::errc::truncated, core::errc::unsupported_version, core::errc::non_canonical for a flag
    ///     other than 0 and 1, core::errc::trailing_bytes.
    [[nodiscard]] static core::result<BlockVote> decode(core::ByteView data);

    /// Whether the signature is that of the signer.
    /// Expects: a signer of a table of weights, or a checked key.
    /// Cost: about 50 µs.
    [[nodiscard]] bool is_signed() const;

    friend bool operator==(const BlockVote&, const BlockVote&) = default;
};

/// The signed vote of the owner of `key`.
[[nodiscard]] POUW_API BlockVote sign_block(const BlockStatement& statement, const crypto::SigningKey& key);

/// The nodes that sign the blocks of an epoch, as the verifier knows them.
struct POUW_API Electorate {
    core::ChainDigest chain;
    core::Epoch epoch;
    weights::WeightTable weights;

    friend bool operator==(const Electorate&, const Electorate&) = default;
};

/// A statement with the signatures of some nodes. On the wire the signers are a bitmap over the positions of
/// the table: it has no order and no duplicate to check, and for half of the nodes of a table it is 2 bits a
/// signature, where ids would be 256.
struct POUW_API BlockCertificate {
    /// The signature of the node at `position` in `WeightTable::nodes`.
    struct POUW_API Entry {
        std::uint32_t position = 0;
        crypto::Signature signature;

        friend bool operator==(const Entry&, const Entry&) = default;
    };

    BlockStatement statement;
    std::uint32_t table_size = 0;     ///< the number of nodes in the table of the signers
    std::vector<Entry> signatures{};  ///< positions strictly ascending and below `table_size`

    /// The encoding: the statement, 4 bytes, 1 bit for each node of the table, 64 bytes for each signature.
    /// Expects: positions as above.
    [[nodiscard]] core::Bytes encode() const;
    /// The inverse of `encode`, and of nothing else; it verifies nothing.
    /// Errors: core::errc::truncated, core::errc::unsupported_version, core::errc::count_too_large for a
    /// table
    ///     whose bitmap the bytes do not hold, core::errc::trailing_bytes; core::errc::non_canonical for a
    ///     flag other than 0 and 1 and for bits behind the table.
    /// Cost: memory of about the size of the bytes.
    [[nodiscard]] static core::result<BlockCertificate> decode(core::ByteView data);

    friend bool operator==(const BlockCertificate&, const BlockCertificate&) = default;
};

/// Verifies that nodes with more than half of the total weight of the table signed the statement, unassigned
/// weight included in the total. Every signature must be right. What the statement says of height and block,
/// the caller compares with the block that it has.
///
/// Signatures are verified one by one: an equation for all of them together accepts some that single
/// verification refuses, and then two nodes disagree on a block.
/// Expects: at least 1 thread.
/// Errors: in this order, errc::other_chain, errc::other_epoch; errc::other_weights for a table of another
///     size; core::errc::non_canonical for positions that do not ascend or exceed the table;
///     errc::no_majority, before any signature is looked at; crypto::errc::invalid_signature.
/// Cost: one signature verification for each signer, about 50 µs, divided by the threads.
[[nodiscard]] POUW_API core::result<void> verify_certificate(const Electorate& electorate,
                                                             const BlockCertificate& certificate,
                                                             unsigned threads = 1);

/// A node that signed two statements on one height. It proves misbehaviour to everybody who knows the chain.
struct POUW_API BlockEquivocation {
    /// A statement of this chain and height, and its signature.
    struct POUW_API Side {
        core::Epoch epoch;
        core::BlockHash block;
        std::optional<crypto::Hash256> next_weights;
        crypto::Signature signature;

        friend bool operator==(const Side&, const Side&) = default;
    };

    core::ChainDigest chain;
    core::Height height;
    core::NodeId signer;
    Side lesser;   ///< the side whose statement is the lesser one as a string of bytes
    Side greater;  ///< the other one

    /// The equivocation in two votes, whichever comes first. It does not verify the signatures.
    /// Errors: core::errc::no_misbehaviour unless the votes have one signer, chain and height and different
    ///     statements.
    [[nodiscard]] static core::result<BlockEquivocation> create(const BlockVote& a, const BlockVote& b);

    /// The encoding. It does not depend on which vote came first.
    /// Expects: sides in their order.
    [[nodiscard]] core::Bytes encode() const;
    /// The inverse of `encode`, and of nothing else; it verifies nothing.
    /// Errors: core::errc::truncated, core::errc::unsupported_version, core::errc::trailing_bytes;
    ///     core::errc::non_canonical for a flag other than 0 and 1, for equal statements and for the greater
    ///     one first.
    [[nodiscard]] static core::result<BlockEquivocation> decode(core::ByteView data);

    /// The conviction of the signer on the chain `expected`. `evidence_height` is that of the block in which
    /// the evidence stood.
    /// Errors: errc::other_chain, before any signature is looked at; core::errc::no_misbehaviour unless the
    ///     sides are in their order, the signer is a key of prime order and both signatures verify.
    /// Cost: about 150 µs.
    [[nodiscard]] core::result<core::Conviction> conviction(const core::ChainDigest& expected,
                                                            core::Height evidence_height) const;

    friend bool operator==(const BlockEquivocation&, const BlockEquivocation&) = default;
};

/// The nodes that signed both certificates, ascending; none where the two have one statement or different
/// heights. If both verify, the nodes have at least 2 · `majority_threshold` - `total` of the weight.
/// Expects: certificates that `verify_certificate` accepted for this electorate.
[[nodiscard]] POUW_API std::vector<BlockEquivocation> equivocations(const Electorate& electorate,
                                                                    const BlockCertificate& a,
                                                                    const BlockCertificate& b);

/// Collects votes for one statement into a certificate. Its result depends on the votes and not on their
/// order: of several signatures of one node, all valid, the least counts. A value: a copy keeps the state.
/// Threads: not shareable while it changes.
class POUW_API CertificateCollector {
  public:
    /// Expects: a statement of the electorate's chain and epoch.
    CertificateCollector(Electorate electorate, BlockStatement statement);

    /// The outcome of `apply`.
    struct Applied {
        /// The error for which the vote was dropped; the state is then unchanged. Votes that are here already
        /// are no error.
        core::result<void> verdict;
        /// The equivocation of a node that has signed this statement and another one of this epoch and
        /// height.
        std::optional<BlockEquivocation> evidence{};
    };

    /// Takes a vote.
    /// Errors: in this order, those of `BlockVote::decode`; errc::other_chain, errc::other_epoch,
    ///     errc::other_height, errc::no_voting_weight, crypto::errc::invalid_signature, errc::other_block.
    /// Cost: one signature verification; a search for a vote that is here already.
    [[nodiscard]] Applied apply(core::ByteView vote);
    [[nodiscard]] Applied apply(const BlockVote& vote);

    /// The summed weight of the nodes that signed.
    [[nodiscard]] std::uint64_t support() const noexcept { return support_; }
    /// Whether the certificate would verify.
    [[nodiscard]] bool has_majority() const noexcept { return electorate_.weights.is_majority(support_); }
    /// The certificate of all votes so far, with or without a majority.
    [[nodiscard]] BlockCertificate certificate() const;

    /// The whole state except the electorate: the encoding of `certificate()`.
    [[nodiscard]] core::Bytes save() const;
    /// Restores a state that `save` gave for the same electorate. It verifies every signature again.
    /// Errors: those of `BlockCertificate::decode` and of `verify_certificate`, but for errc::no_majority.
    /// Cost: one signature verification for each vote; memory of about the size of the bytes.
    [[nodiscard]] static core::result<CertificateCollector> restore(Electorate electorate,
                                                                    core::ByteView data);

    friend bool operator==(const CertificateCollector&, const CertificateCollector&) = default;

  private:
    Electorate electorate_;
    BlockStatement statement_;
    std::uint64_t support_ = 0;
    std::map<std::uint32_t, crypto::Signature> signatures_;  ///< by position
};

}  // namespace pouw::inline v1::validation
