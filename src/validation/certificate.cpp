#include "pouw/validation/certificate.hpp"

#include "validation/certificate.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/parallel.hpp"
#include "pouw/core/version.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/crypto/evidence.hpp"
#include "pouw/validation/errc.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <utility>

namespace pouw::inline v1::validation {
namespace {

using core::fail;
using core::result;

/// Signatures that a thread verifies before it looks for more.
constexpr std::size_t batch_size = 16;

/// flag ‖ the new weights, if there are any
void append_next_weights(core::Bytes& out, const std::optional<crypto::Hash256>& next_weights) {
    out.push_back(next_weights ? 1 : 0);
    if (next_weights) core::append(out, next_weights->view());
}

/// Reads the flag and the new weights. Nothing for a flag that is neither 0 nor 1.
std::optional<std::optional<crypto::Hash256>> read_next_weights(core::Reader& reader) {
    const auto flag = reader.integer<std::uint8_t>();
    if (flag > 1) return std::nullopt;
    if (flag == 0) return std::optional<crypto::Hash256>{};
    return std::optional{reader.fixed<crypto::Hash256>()};
}

result<BlockStatement> read_statement(core::Reader& reader) {
    const auto version = reader.integer<std::uint32_t>();
    BlockStatement out;
    out.chain = reader.fixed<core::ChainDigest>();
    out.epoch = reader.integer<std::uint64_t>();
    out.height = reader.integer<std::uint64_t>();
    out.block = reader.fixed<core::BlockHash>();
    const auto next_weights = read_next_weights(reader);
    if (!reader.ok()) return fail(core::errc::truncated);
    if (version != core::spec_version) return fail(core::errc::unsupported_version);
    if (!next_weights) return fail(core::errc::non_canonical, "an unknown flag");
    out.next_weights = *next_weights;
    return out;
}

/// Whether the positions ascend strictly and stay below the size of the table.
bool is_in_order(const BlockCertificate& certificate) {
    std::uint64_t least = 0;
    for (const BlockCertificate::Entry& entry : certificate.signatures) {
        if (entry.position < least || entry.position >= certificate.table_size) return false;
        least = std::uint64_t{entry.position} + 1;
    }
    return true;
}

/// All that there is to check but majority and signatures.
result<void> check_form(const core::ChainDigest& chain, core::Epoch epoch, std::size_t table_size,
                        const BlockCertificate& certificate) {
    if (certificate.statement.chain != chain) return fail(errc::other_chain);
    if (certificate.statement.epoch != epoch) return fail(errc::other_epoch);
    if (certificate.table_size != table_size) return fail(errc::other_weights, "a table of another size");
    if (!is_in_order(certificate)) return fail(core::errc::non_canonical, "the positions do not ascend");
    return {};
}

std::uint64_t support_of(std::span<const weights::NodeWeight> nodes, const BlockCertificate& certificate) {
    std::uint64_t sum = 0;
    for (const BlockCertificate::Entry& entry : certificate.signatures) sum += nodes[entry.position].weight;
    return sum;
}

result<void> check_signatures(std::span<const weights::NodeWeight> nodes, const BlockCertificate& certificate,
                              unsigned threads) {
    const crypto::Hash256 digest = certificate.statement.digest();
    const std::span<const BlockCertificate::Entry> all{certificate.signatures};
    std::atomic<bool> valid{true};
    const auto check_batch = [&](std::uint64_t batch) {
        const std::size_t begin = batch * batch_size;
        for (const auto& entry : all.subspan(begin, std::min(batch_size, all.size() - begin))) {
            if (!valid) return;
            if (!crypto::verify(nodes[entry.position].node, digest, entry.signature)) valid = false;
        }
    };
    const std::uint64_t batches = (all.size() + batch_size - 1) / batch_size;
    (void)core::parallel_for(batches, threads, {}, {}, check_batch);
    if (!valid) return fail(crypto::errc::invalid_signature);
    return {};
}

/// What two statements on one height differ in.
core::Bytes encode_side(const BlockEquivocation::Side& side) {
    core::Bytes out;
    core::append(out, core::to_le(side.epoch.value));
    core::append(out, side.block.view());
    append_next_weights(out, side.next_weights);
    return out;
}

/// Reads epoch, block, new weights and signature; false for an unknown flag.
bool read_side(core::Reader& reader, BlockEquivocation::Side& side) {
    side.epoch = reader.integer<std::uint64_t>();
    side.block = reader.fixed<core::BlockHash>();
    const auto next_weights = read_next_weights(reader);
    if (!next_weights) return false;
    side.next_weights = *next_weights;
    side.signature = reader.fixed<crypto::Signature>();
    return true;
}

bool is_signed_by(const BlockEquivocation& evidence, const BlockEquivocation::Side& side) {
    const BlockStatement statement{evidence.chain, side.epoch, evidence.height, side.block,
                                   side.next_weights};
    return crypto::verify(evidence.signer, statement.digest(), side.signature);
}

}  // namespace

core::Bytes BlockStatement::encode() const {
    // version ‖ chain ‖ epoch ‖ height ‖ block ‖ flag ‖ new weights
    core::Bytes out;
    core::append(out, core::to_le(core::spec_version));
    core::append(out, chain.view());
    core::append(out, core::to_le(epoch.value));
    core::append(out, core::to_le(height.value));
    core::append(out, block.view());
    append_next_weights(out, next_weights);
    return out;
}

crypto::Hash256 BlockStatement::digest() const { return crypto::hash(crypto::domain::block, encode()); }

core::Bytes BlockVote::encode() const {
    core::Bytes out = statement.encode();
    core::append(out, signer.view());
    core::append(out, signature.view());
    return out;
}

result<BlockVote> BlockVote::decode(core::ByteView data) {
    core::Reader reader{data};
    const auto statement = read_statement(reader);
    if (!statement) return statement.error();
    BlockVote out{*statement, reader.fixed<core::NodeId>(), reader.fixed<crypto::Signature>()};
    if (!reader.ok()) return fail(core::errc::truncated);
    if (!reader.rest().empty()) return fail(core::errc::trailing_bytes);
    return out;
}

bool BlockVote::is_signed() const { return crypto::verify(signer, statement.digest(), signature); }

BlockVote sign_block(const BlockStatement& statement, const crypto::SigningKey& key) {
    return {statement, key.public_key(), key.sign(statement.digest())};
}

core::Bytes BlockCertificate::encode() const {
    POUW_EXPECTS(is_in_order(*this));
    core::Bytes out = statement.encode();
    core::append(out, core::to_le(table_size));
    const std::size_t bitmap = out.size();
    out.resize(bitmap + (std::size_t{table_size} + 7) / 8);
    for (const Entry& entry : signatures) {
        std::uint8_t& byte = out[bitmap + entry.position / 8];
        byte = static_cast<std::uint8_t>(byte | (1u << (entry.position % 8)));
    }
    for (const Entry& entry : signatures) core::append(out, entry.signature.view());
    return out;
}

result<BlockCertificate> BlockCertificate::decode(core::ByteView data) {
    core::Reader reader{data};
    const auto statement = read_statement(reader);
    if (!statement) return statement.error();
    BlockCertificate out{*statement, reader.integer<std::uint32_t>()};
    if (!reader.ok()) return fail(core::errc::truncated);
    const std::size_t bitmap_size = (std::size_t{out.table_size} + 7) / 8;
    if (bitmap_size > reader.rest().size()) return fail(core::errc::count_too_large);
    const core::ByteView bitmap = reader.take(bitmap_size);
    std::size_t count = 0;
    for (const std::uint8_t byte : bitmap) count += static_cast<std::size_t>(std::popcount(byte));
    if (out.table_size % 8 != 0 && (bitmap.back() >> (out.table_size % 8)) != 0)
        return fail(core::errc::non_canonical, "a bit behind the table");
    if (reader.rest().size() / crypto::Signature::size < count) return fail(core::errc::truncated);
    if (reader.rest().size() > count * crypto::Signature::size) return fail(core::errc::trailing_bytes);
    out.signatures.reserve(count);
    for (std::uint32_t position = 0; position < out.table_size; ++position) {
        if ((bitmap[position / 8] >> (position % 8) & 1) != 0)
            out.signatures.push_back({position, reader.fixed<crypto::Signature>()});
    }
    return out;
}

namespace detail {

result<void> verify_certificate(const core::ChainDigest& chain, core::Epoch epoch,
                                const weights::WeightTable& table, const BlockCertificate& certificate,
                                unsigned threads) {
    POUW_EXPECTS(threads >= 1);
    const auto form = check_form(chain, epoch, table.nodes().size(), certificate);
    if (!form) return form;
    if (!table.is_majority(support_of(table.nodes(), certificate))) return fail(errc::no_majority);
    return check_signatures(table.nodes(), certificate, threads);
}

}  // namespace detail

result<void> verify_certificate(const Electorate& electorate, const BlockCertificate& certificate,
                                unsigned threads) {
    return detail::verify_certificate(electorate.chain, electorate.epoch, electorate.weights, certificate,
                                      threads);
}

result<BlockEquivocation> BlockEquivocation::create(const BlockVote& a, const BlockVote& b) {
    const BlockStatement& first = a.statement;
    const BlockStatement& second = b.statement;
    if (a.signer != b.signer) return fail(core::errc::no_misbehaviour, "two signers");
    if (first.chain != second.chain || first.height != second.height)
        return fail(core::errc::no_misbehaviour, "different chains or heights");
    if (first == second) return fail(core::errc::no_misbehaviour, "one statement");
    BlockEquivocation out{first.chain,
                          first.height,
                          a.signer,
                          {first.epoch, first.block, first.next_weights, a.signature},
                          {second.epoch, second.block, second.next_weights, b.signature}};
    if (encode_side(out.greater) < encode_side(out.lesser)) std::swap(out.lesser, out.greater);
    return out;
}

core::Bytes BlockEquivocation::encode() const {
    POUW_EXPECTS(encode_side(lesser) < encode_side(greater));
    core::Bytes out;
    core::append(out, core::to_le(core::spec_version));
    core::append(out, chain.view());
    core::append(out, core::to_le(height.value));
    core::append(out, signer.view());
    for (const Side* side : {&lesser, &greater}) {
        core::append(out, encode_side(*side));
        core::append(out, side->signature.view());
    }
    return out;
}

result<BlockEquivocation> BlockEquivocation::decode(core::ByteView data) {
    core::Reader reader{data};
    const auto version = reader.integer<std::uint32_t>();
    BlockEquivocation out;
    out.chain = reader.fixed<core::ChainDigest>();
    out.height = reader.integer<std::uint64_t>();
    out.signer = reader.fixed<core::NodeId>();
    const bool flags = read_side(reader, out.lesser) && read_side(reader, out.greater);
    if (!reader.ok()) return fail(core::errc::truncated);
    if (version != core::spec_version) return fail(core::errc::unsupported_version);
    if (!flags) return fail(core::errc::non_canonical, "an unknown flag");
    if (!reader.rest().empty()) return fail(core::errc::trailing_bytes);
    if (encode_side(out.lesser) >= encode_side(out.greater))
        return fail(core::errc::non_canonical, "the statements do not ascend");
    return out;
}

result<core::Conviction> BlockEquivocation::conviction(const core::ChainDigest& expected,
                                                       core::Height evidence_height) const {
    if (chain != expected) return fail(errc::other_chain);
    if (encode_side(lesser) >= encode_side(greater))
        return fail(core::errc::no_misbehaviour, "the statements do not ascend");
    // Under a key of small order anybody makes signatures that verify: they convict nobody.
    if (!crypto::checked_public_key(signer.view())) return fail(core::errc::no_misbehaviour, "no node's key");
    if (!is_signed_by(*this, lesser) || !is_signed_by(*this, greater))
        return fail(core::errc::no_misbehaviour, "a signature does not verify");
    return core::Conviction{signer, core::Ground::conflicting_blocks, crypto::evidence_digest(encode()),
                            evidence_height};
}

std::vector<BlockEquivocation> equivocations(const Electorate& electorate, const BlockCertificate& a,
                                             const BlockCertificate& b) {
    const auto nodes = electorate.weights.nodes();
    for (const BlockCertificate* certificate : {&a, &b}) {
        POUW_EXPECTS(check_form(electorate.chain, electorate.epoch, nodes.size(), *certificate).has_value());
    }
    std::vector<BlockEquivocation> out;
    auto other = b.signatures.begin();
    for (const BlockCertificate::Entry& entry : a.signatures) {
        while (other != b.signatures.end() && other->position < entry.position) ++other;
        if (other == b.signatures.end()) break;
        if (other->position != entry.position) continue;
        const core::NodeId& signer = nodes[entry.position].node;
        const auto found = BlockEquivocation::create({a.statement, signer, entry.signature},
                                                     {b.statement, signer, other->signature});
        if (found) out.push_back(*found);
    }
    return out;
}

CertificateCollector::CertificateCollector(Electorate electorate, BlockStatement statement)
    : electorate_{std::move(electorate)}, statement_{statement} {
    POUW_EXPECTS(statement_.chain == electorate_.chain && statement_.epoch == electorate_.epoch);
}

CertificateCollector::Applied CertificateCollector::apply(core::ByteView vote) {
    const auto decoded = BlockVote::decode(vote);
    if (!decoded) return {decoded.error()};
    return apply(*decoded);
}

CertificateCollector::Applied CertificateCollector::apply(const BlockVote& vote) {
    if (vote.statement.chain != statement_.chain) return {fail(errc::other_chain)};
    if (vote.statement.epoch != statement_.epoch) return {fail(errc::other_epoch)};
    if (vote.statement.height != statement_.height) return {fail(errc::other_height)};
    const auto nodes = electorate_.weights.nodes();
    const auto node =
        std::lower_bound(nodes.begin(), nodes.end(), vote.signer,
                         [](const weights::NodeWeight& a, const core::NodeId& b) { return a.node < b; });
    if (node == nodes.end() || node->node != vote.signer) return {fail(errc::no_voting_weight)};
    const auto position = static_cast<std::uint32_t>(node - nodes.begin());
    const auto held = signatures_.find(position);
    const bool same = vote.statement == statement_;
    if (same && held != signatures_.end() && held->second == vote.signature) return {{}};
    if (!vote.is_signed()) return {fail(crypto::errc::invalid_signature)};
    if (!same) {
        Applied out{fail(errc::other_block)};
        if (held != signatures_.end())
            out.evidence = BlockEquivocation::create({statement_, vote.signer, held->second}, vote).value();
        return out;
    }
    if (held != signatures_.end()) {
        held->second = std::min(held->second, vote.signature);
    } else {
        signatures_.emplace(position, vote.signature);
        support_ += node->weight;
    }
    return {{}};
}

BlockCertificate CertificateCollector::certificate() const {
    BlockCertificate out{statement_, static_cast<std::uint32_t>(electorate_.weights.nodes().size())};
    out.signatures.reserve(signatures_.size());
    for (const auto& [position, signature] : signatures_) out.signatures.push_back({position, signature});
    return out;
}

core::Bytes CertificateCollector::save() const { return certificate().encode(); }

result<CertificateCollector> CertificateCollector::restore(Electorate electorate, core::ByteView data) {
    const auto decoded = BlockCertificate::decode(data);
    if (!decoded) return decoded.error();
    const auto nodes = electorate.weights.nodes();
    const auto form = check_form(electorate.chain, electorate.epoch, nodes.size(), *decoded);
    if (!form) return form.error();
    const auto valid = check_signatures(nodes, *decoded, 1);
    if (!valid) return valid.error();
    const std::uint64_t support = support_of(nodes, *decoded);
    CertificateCollector out{std::move(electorate), decoded->statement};
    out.support_ = support;
    for (const BlockCertificate::Entry& entry : decoded->signatures)
        out.signatures_.emplace(entry.position, entry.signature);
    return out;
}

}  // namespace pouw::inline v1::validation
