#include "pouw/proof/commitment.hpp"

#include "proof/terms.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/proof/errc.hpp"

#include <algorithm>
#include <string_view>

namespace pouw::inline v1::proof {
namespace {

using core::append;
using core::fail;
using core::result;

constexpr std::string_view commitment_magic = "pouwcmt1";
constexpr std::size_t range_size = 16;

/// Whether the ranges are ones that a commitment to `count` nonces may declare.
bool are_valid(std::span<const NonceRange> ranges, std::uint64_t count) {
    return ranges.empty() ||
           (ranges.size() <= largest_range_count && are_ascending(ranges) && can_hold(ranges, count));
}

core::Bytes encode_claim(const CommitmentClaim& claim) {
    POUW_EXPECTS(are_valid(claim.ranges, claim.tree.count));
    core::Bytes out = encode_terms(commitment_magic, claim.terms);
    append(out, core::to_le(claim.tree.count));
    append(out, claim.tree.root.view());
    append(out, core::to_le(static_cast<std::uint32_t>(claim.ranges.size())));
    for (const NonceRange& range : claim.ranges) {
        append(out, core::to_le(range.first));
        append(out, core::to_le(range.last));
    }
    return out;
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
    const auto verified = VerifiedOpening::create(tree, opening);
    if (!verified) return verified.error();
    const auto part = verified->restricted(ranges);
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
    return CommitmentClaim{
        .terms = claim.terms, .tree = NonceTree{claim.nonces}.root(), .ranges = std::move(ranges)};
}

crypto::Hash256 signing_digest(const CommitmentClaim& claim) {
    return crypto::hash(crypto::domain::commitment, encode_claim(claim));
}

result<Commitment> attach_signature(CommitmentClaim claim, const crypto::Signature& signature) {
    return attach<Commitment>(std::move(claim), signature);
}

Commitment sign(CommitmentClaim claim, const crypto::SigningKey& key) {
    return sign_with<Commitment>(std::move(claim), key);
}

core::Bytes Commitment::encode() const {
    core::Bytes out = encode_claim(claim);
    append(out, signature.view());
    return out;
}

result<Commitment> Commitment::decode(core::ByteView data) {
    core::Reader reader{data};
    const core::ByteView start = reader.take(commitment_magic.size());
    if (!reader.ok()) return fail(core::errc::truncated);
    if (!std::equal(start.begin(), start.end(), commitment_magic.begin()))
        return fail(core::errc::invalid_magic);
    const auto version = reader.integer<std::uint32_t>();
    Commitment out;
    CommitmentClaim& claim = out.claim;
    claim.terms = read_terms(reader);
    claim.tree.count = reader.integer<std::uint64_t>();
    claim.tree.root = reader.fixed<crypto::Hash256>();
    const auto range_count = reader.integer<std::uint32_t>();
    if (!reader.ok()) return fail(core::errc::truncated);
    if (version != core::spec_version) return fail(core::errc::unsupported_version);
    if (auto valid = check_decoded(claim.terms); !valid) return valid.error();
    if (claim.tree.count == 0 && claim.tree != empty_tree_root()) return fail(errc::root_mismatch);

    if (range_count > largest_range_count) return fail(errc::invalid_ranges, "more than 4096");
    const std::size_t rest = reader.rest().size();
    const std::size_t wanted = range_size * range_count + crypto::Signature::size;
    if (rest < wanted) return fail(core::errc::truncated);
    if (rest > wanted) return fail(core::errc::trailing_bytes);
    claim.ranges.reserve(range_count);
    for (std::uint32_t i = 0; i < range_count; ++i) {
        const auto first = reader.integer<std::uint64_t>();
        const auto last = reader.integer<std::uint64_t>();
        claim.ranges.push_back({first, last});
    }
    out.signature = reader.fixed<crypto::Signature>();
    if (!are_valid(claim.ranges, claim.tree.count)) return fail(errc::invalid_ranges);
    return out;
}

result<void> verify_terms(const Terms& expected, const Commitment& commitment) {
    return verify_signed(expected, commitment);
}

result<void> verify_extension(const CommitmentClaim& earlier, const CommitmentClaim& later,
                              const Opening& opening) {
    if (earlier.ranges.empty() || !are_valid(earlier.ranges, earlier.tree.count))
        return fail(errc::invalid_ranges, "of the earlier commitment");
    if (auto same = verify_terms(earlier.terms, later.terms); !same) return same;
    if (!continue_upwards(earlier.ranges, later.ranges))
        return fail(errc::not_an_extension, "a range is not continued");
    const auto part = restricted(later.tree, opening, earlier.ranges);
    if (!part) return part.error();
    if (*part != earlier.tree) return fail(errc::not_an_extension, "the earlier nonces differ");
    return {};
}

result<void> verify_ranges(const CommitmentClaim& claim, const Opening& opening) {
    if (claim.ranges.empty() || !are_valid(claim.ranges, claim.tree.count)) return fail(errc::invalid_ranges);
    const auto part = restricted(claim.tree, opening, claim.ranges);
    if (!part) return part.error();
    if (part->count != claim.tree.count) return fail(errc::nonce_outside_ranges);
    return {};
}

}  // namespace pouw::inline v1::proof
