#include "pouw/proof/commitment.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/crypto/initialize.hpp"
#include "pouw/pow/errc.hpp"
#include "pouw/proof/errc.hpp"

#include <algorithm>
#include <string_view>

namespace pouw::proof {
namespace {

using core::append;
using core::fail;
using core::result;

constexpr std::string_view magic = "pouwcmt1";

/// Whether the ranges are ones that a commitment to `count` nonces may declare.
bool are_valid(std::span<const NonceRange> ranges, std::uint64_t count) {
    return ranges.empty() ||
           (ranges.size() <= largest_range_count && are_ascending(ranges) && can_hold(ranges, count));
}

core::Bytes encode_claim(const CommitmentClaim& claim) {
    POUW_EXPECTS(claim.threshold >= 1);
    POUW_EXPECTS(are_valid(claim.ranges, claim.tree.count));
    core::Bytes out{magic.begin(), magic.end()};
    append(out, core::to_le(core::spec_version));
    append(out, claim.model_id.view());
    append(out, claim.race_seed.view());
    append(out, claim.public_key.view());
    append(out, core::to_le(claim.threshold));
    append(out, core::to_le(claim.tree.count));
    append(out, claim.tree.root.view());
    append(out, core::to_le(static_cast<std::uint32_t>(claim.ranges.size())));
    for (const NonceRange& range : claim.ranges) {
        append(out, core::to_le(range.first));
        append(out, core::to_le(range.last));
    }
    return out;
}

result<void> require_same_subject(const CommitmentClaim& a, const CommitmentClaim& b) {
    if (a.model_id != b.model_id) return fail(errc::model_mismatch);
    if (a.race_seed != b.race_seed) return fail(errc::race_mismatch);
    if (a.public_key != b.public_key) return fail(errc::key_mismatch);
    if (a.threshold != b.threshold) return fail(errc::threshold_mismatch);
    return {};
}

/// Whether each earlier range goes on, with the same start, among the later ones.
bool continue_upwards(std::span<const NonceRange> earlier, std::span<const NonceRange> later) {
    return std::all_of(earlier.begin(), earlier.end(), [&](const NonceRange& range) {
        const auto found =
            std::lower_bound(later.begin(), later.end(), range.first,
                             [](const NonceRange& r, std::uint64_t first) { return r.first < first; });
        return found != later.end() && found->first == range.first && found->last >= range.last;
    });
}

result<TreeRoot> restricted(const TreeRoot& tree, const Opening& opening,
                            std::span<const NonceRange> ranges) {
    const auto opened = Opened::check(opening, tree);
    if (!opened) return opened.error();
    const auto part = opened->restricted(ranges);
    if (!part) return fail(errc::wrong_samples, "the ends of a range are not shown");
    return *part;
}

}  // namespace

result<CommitmentClaim> commitment_claim(const Claim& claim, std::vector<NonceRange> ranges) {
    POUW_EXPECTS(are_ascending(ranges) && ranges.size() <= largest_range_count);
    const auto inside = [&](std::uint64_t nonce) { return overlap(nonce, nonce, ranges) == Overlap::whole; };
    if (!ranges.empty() && !std::all_of(claim.nonces.begin(), claim.nonces.end(), inside)) {
        return fail(errc::nonce_outside_ranges);
    }
    return CommitmentClaim{.model_id = claim.model_id,
                           .race_seed = claim.race_seed,
                           .public_key = claim.public_key,
                           .threshold = claim.threshold,
                           .tree = NonceTree{claim.nonces}.root(),
                           .ranges = std::move(ranges)};
}

crypto::Hash256 signing_digest(const CommitmentClaim& claim) {
    return crypto::hash(crypto::domain::commitment, encode_claim(claim));
}

result<Commitment> attach_signature(CommitmentClaim claim, const crypto::Signature& signature) {
    if (!crypto::verify(claim.public_key, signing_digest(claim), signature))
        return fail(crypto::errc::invalid_signature);
    return Commitment{std::move(claim), signature};
}

Commitment sign(CommitmentClaim claim, const crypto::SigningKey& key) {
    POUW_EXPECTS(claim.public_key == key.public_key());
    const crypto::Signature signature = key.sign(signing_digest(claim));
    return {std::move(claim), signature};
}

core::Bytes encode(const Commitment& commitment) {
    core::Bytes out = encode_claim(commitment.claim);
    append(out, commitment.signature.view());
    return out;
}

result<Commitment> decode_commitment(core::ByteView data) {
    core::Reader reader{data};
    const core::ByteView start = reader.take(magic.size());
    if (!reader.ok()) return fail(core::errc::truncated);
    if (!std::equal(start.begin(), start.end(), magic.begin())) return fail(core::errc::invalid_magic);
    const auto version = reader.integer<std::uint32_t>();
    Commitment out;
    CommitmentClaim& claim = out.claim;
    claim.model_id = reader.fixed<core::ModelId>();
    claim.race_seed = reader.fixed<pow::RaceSeed>();
    const core::ByteView public_key = reader.take(crypto::PublicKey::size);
    claim.threshold = reader.integer<std::uint64_t>();
    claim.tree.count = reader.integer<std::uint64_t>();
    claim.tree.root = reader.fixed<crypto::Hash256>();
    const auto range_count = reader.integer<std::uint32_t>();
    if (!reader.ok()) return fail(core::errc::truncated);
    if (version != core::spec_version) return fail(core::errc::unsupported_version);
    if (claim.threshold == 0) return fail(pow::errc::invalid_threshold);
    const auto key = crypto::checked_public_key(public_key);
    if (!key) return key.error();
    claim.public_key = *key;
    if (claim.tree.count == 0 && claim.tree != empty_tree_root()) return fail(errc::root_mismatch);

    if (range_count > largest_range_count) return fail(errc::invalid_ranges, "more than 4096");
    for (std::uint32_t i = 0; i < range_count; ++i) {
        const auto first = reader.integer<std::uint64_t>();
        const auto last = reader.integer<std::uint64_t>();
        claim.ranges.push_back({first, last});
    }
    out.signature = reader.fixed<crypto::Signature>();
    if (!reader.ok()) return fail(core::errc::truncated);
    if (!reader.rest().empty()) return fail(core::errc::trailing_bytes);
    if (!are_valid(claim.ranges, claim.tree.count)) return fail(errc::invalid_ranges);
    return out;
}

result<void> verify_terms(const Commitment& commitment, const Expected& expected) {
    const CommitmentClaim& claim = commitment.claim;
    if (auto ready = crypto::initialize(); !ready) return ready;
    if (claim.model_id != pow::model_id(expected.config)) return fail(errc::model_mismatch);
    if (claim.race_seed != expected.race_seed) return fail(errc::race_mismatch);
    if (claim.public_key != expected.public_key) return fail(errc::key_mismatch);
    if (claim.threshold != expected.threshold) return fail(errc::threshold_mismatch);
    if (!crypto::verify(claim.public_key, signing_digest(claim), commitment.signature)) {
        return fail(crypto::errc::invalid_signature);
    }
    return {};
}

result<void> check_extension(const CommitmentClaim& earlier, const CommitmentClaim& later,
                             const Opening& opening) {
    POUW_EXPECTS(!earlier.ranges.empty());
    if (auto same = require_same_subject(later, earlier); !same) return same;
    if (!continue_upwards(earlier.ranges, later.ranges))
        return fail(errc::not_an_extension, "a range does not go on");
    const auto part = restricted(later.tree, opening, earlier.ranges);
    if (!part) return part.error();
    if (*part != earlier.tree) return fail(errc::not_an_extension, "the earlier nonces are others");
    return {};
}

result<void> check_ranges(const CommitmentClaim& claim, const Opening& opening) {
    POUW_EXPECTS(!claim.ranges.empty());
    const auto part = restricted(claim.tree, opening, claim.ranges);
    if (!part) return part.error();
    if (part->count != claim.tree.count) return fail(errc::nonce_outside_ranges);
    return {};
}

}  // namespace pouw::proof
