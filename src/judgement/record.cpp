#include "pouw/judgement/record.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/version.hpp"
#include "pouw/core/wide.hpp"
#include "pouw/judgement/errc.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace pouw::inline v1::judgement {
namespace {

using core::fail;

constexpr std::string_view magic = "pouwinf1";

/// floor(2^63 · exp(-2^j / 2^16)).
constexpr std::array<std::uint64_t, 22> exponentials{
    0x7fff80003fffeaaa, 0x7fff0000ffff5555, 0x7ffe0003fffaaaaf, 0x7ffc000fffd555aa, 0x7ff8003ffeaaafff,
    0x7ff000fff555aaa8, 0x7fe003ffaaafffbb, 0x7fc00ffd55aaa222, 0x7f803feaaffeef1c, 0x7f00ff55aa8893e5,
    0x7e03faaffbbe9249, 0x7c0fd5aa22d75e45, 0x783eafef1c0a8f39, 0x70f5a893b608861e, 0x63afbe7ab2082ba1,
    0x4da2cbf1be5827f9, 0x2f16ac6c59de6f8d, 0x1152aaa3bf81cb9f, 0x02582ab704279e8e, 0x000afe10820813d6,
    0x000000f1aaddd774, 0x000000000001c846};

/// What rounding may add to the sum of the probabilities of a position.
constexpr std::uint64_t rounding_slack = one_probability >> 12;

core::result<void> check_position(std::span<const Candidate> candidates,
                                  std::vector<std::uint32_t>& scratch) {
    scratch.clear();
    std::uint64_t sum = 0;
    for (const Candidate& candidate : candidates) {
        scratch.push_back(candidate.token);
        sum += probability(candidate.surprisal);
    }
    std::sort(scratch.begin(), scratch.end());
    if (std::adjacent_find(scratch.begin(), scratch.end()) != scratch.end())
        return fail(errc::duplicate_candidate);
    if (!std::is_sorted(candidates.begin(), candidates.end())) return fail(errc::candidate_out_of_order);
    if (sum > one_probability + rounding_slack) return fail(errc::excess_probability);
    return {};
}

bool is_size(std::uint64_t tokens, std::uint64_t candidates_each) {
    return tokens >= 1 && tokens <= InferenceRecord::longest && candidates_each >= 1 &&
           candidates_each <= InferenceRecord::most_candidates;
}

}  // namespace

std::uint64_t probability(std::uint32_t surprisal) noexcept {
    if (surprisal >> exponentials.size() != 0) return 0;
    std::uint64_t product = std::uint64_t{1} << 63;
    for (std::size_t j = 0; surprisal != 0; surprisal >>= 1, ++j) {
        if (surprisal & 1)
            product = static_cast<std::uint64_t>((core::uint128{product} * exponentials[j]) >> 63);
    }
    return product >> 15;
}

core::result<InferenceRecord> InferenceRecord::create(const crypto::Hash256& request,
                                                      std::vector<std::uint32_t> tokens,
                                                      std::vector<Candidate> candidates) {
    if (tokens.empty() || candidates.size() % tokens.size() != 0 ||
        !is_size(tokens.size(), candidates.size() / tokens.size())) {
        return fail(errc::invalid_record_size);
    }
    InferenceRecord out;
    out.request_ = request;
    out.tokens_ = std::move(tokens);
    out.candidates_ = std::move(candidates);
    std::vector<std::uint32_t> scratch;
    for (std::size_t i = 0; i < out.tokens_.size(); ++i) {
        if (const auto sound = check_position(out.candidates(i), scratch); !sound) return sound.error();
    }
    return out;
}

std::span<const Candidate> InferenceRecord::candidates(std::size_t position) const {
    POUW_EXPECTS(position < tokens_.size());
    return std::span{candidates_}.subspan(position * candidate_count(), candidate_count());
}

core::Bytes InferenceRecord::encode() const {
    core::Bytes out{magic.begin(), magic.end()};
    out.reserve(52 + 4 * tokens_.size() + 8 * candidates_.size());
    core::append(out, core::to_le(core::spec_version));
    core::append(out, request_.view());
    core::append(out, core::to_le(static_cast<std::uint32_t>(tokens_.size())));
    core::append(out, core::to_le(candidate_count()));
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
        core::append(out, core::to_le(tokens_[i]));
        for (const Candidate& candidate : candidates(i)) {
            core::append(out, core::to_le(candidate.surprisal));
            core::append(out, core::to_le(candidate.token));
        }
    }
    return out;
}

core::result<InferenceRecord> InferenceRecord::decode(core::ByteView data) {
    core::Reader reader{data};
    const core::ByteView start = reader.take(magic.size());
    if (!reader.ok()) return fail(core::errc::truncated);
    if (!std::equal(start.begin(), start.end(), magic.begin())) return fail(core::errc::invalid_magic);
    const auto version = reader.integer<std::uint32_t>();
    const auto request = reader.fixed<crypto::Hash256>();
    const auto length = reader.integer<std::uint32_t>();
    const auto count = reader.integer<std::uint32_t>();
    if (!reader.ok()) return fail(core::errc::truncated);
    if (version != core::spec_version) return fail(core::errc::unsupported_version);
    if (!is_size(length, count)) return fail(errc::invalid_record_size);
    const std::uint64_t size = std::uint64_t{length} * (4 + 8 * std::uint64_t{count});
    if (reader.rest().size() < size) return fail(core::errc::truncated);
    if (reader.rest().size() > size) return fail(core::errc::trailing_bytes);
    std::vector<std::uint32_t> tokens;
    std::vector<Candidate> candidates;
    tokens.reserve(length);
    candidates.reserve(std::size_t{length} * count);
    for (std::uint32_t i = 0; i < length; ++i) {
        tokens.push_back(reader.integer<std::uint32_t>());
        for (std::uint32_t j = 0; j < count; ++j) {
            const auto surprisal = reader.integer<std::uint32_t>();
            candidates.push_back({surprisal, reader.integer<std::uint32_t>()});
        }
    }
    return create(request, std::move(tokens), std::move(candidates));
}

crypto::Hash256 InferenceRecord::digest() const {
    return crypto::hash(crypto::domain::inference_record, encode());
}

}  // namespace pouw::inline v1::judgement
