#include "pouw/judgement/sampler.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/wide.hpp"
#include "pouw/judgement/errc.hpp"

#include <algorithm>
#include <array>

namespace pouw::inline v1::judgement {
namespace {

using core::uint128;

constexpr std::uint64_t million = 1'000'000;

/// The stretch of a token in the distribution, in units of 2^-48 of its most probable token.
struct Stretch {
    std::uint32_t token = 0;
    std::uint64_t mass = 0;  // 0 for candidates that are cut off
};

/// The distribution of a position after temperature and cuts, in the order of the tokens' numbers.
struct Distribution {
    std::array<Stretch, InferenceRecord::most_candidates> stretches;
    std::size_t size = 0;
    std::uint64_t total = 0;  // below 2^56

    [[nodiscard]] std::span<const Stretch> view() const { return std::span{stretches}.first(size); }
};

/// Of the token beside the most probable one. Expects a positive temperature.
std::uint64_t mass_of(std::uint32_t surprisal, std::uint32_t least, std::uint32_t temperature) {
    const std::uint64_t scaled = std::uint64_t{surprisal - least} * one_nat / temperature;
    return probability(static_cast<std::uint32_t>(std::min<std::uint64_t>(scaled, UINT32_MAX)));
}

Distribution distribution(std::span<const Candidate> candidates, const SamplerSettings& settings) {
    Distribution out;
    out.size = candidates.size();
    const std::size_t considered = std::min<std::size_t>(settings.top_k, candidates.size());
    std::uint64_t all = 0;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const std::uint64_t mass =
            i < considered ? mass_of(candidates[i].surprisal, candidates[0].surprisal, settings.temperature)
                           : 0;
        out.stretches[i] = {candidates[i].token, mass};
        all += mass;
    }
    // The shortest beginning that has the mass asked for.
    for (std::size_t i = 0; i < considered; ++i) {
        if (uint128{out.total} * million >= uint128{all} * settings.top_p) {
            out.stretches[i].mass = 0;
        } else {
            out.total += out.stretches[i].mass;
        }
    }
    const auto by_token = [](const Stretch& a, const Stretch& b) { return a.token < b.token; };
    std::sort(out.stretches.begin(), out.stretches.begin() + static_cast<std::ptrdiff_t>(out.size), by_token);
    return out;
}

/// A uniform number below `total`, of the position.
std::uint64_t point(const crypto::Hash256& seed, std::uint32_t position, std::uint64_t total) {
    const crypto::Hash256 hash =
        crypto::Hasher{crypto::domain::token_randomness}.update(seed.view()).update(position).finish();
    const auto uniform = core::load_le<std::uint64_t>(core::ByteView{hash.bytes}.first(8));
    return static_cast<std::uint64_t>((uint128{uniform} * total) >> 64);
}

}  // namespace

core::result<Sampler> Sampler::create(const SamplerSettings& settings) {
    if (settings.top_k == 0) return core::fail(errc::invalid_sampling, "top_k is 0");
    if (settings.top_p == 0 || settings.top_p > million) {
        return core::fail(errc::invalid_sampling, "top_p is 0 or above a million");
    }
    if (settings.longest == 0 || settings.longest > InferenceRecord::longest) {
        return core::fail(errc::invalid_sampling, "no such length");
    }
    return Sampler{settings};
}

std::uint32_t Sampler::draw(std::uint32_t position, std::span<const Candidate> candidates) const {
    POUW_EXPECTS(!candidates.empty() && candidates.size() <= InferenceRecord::most_candidates);
    if (settings_.temperature == 0) return candidates.front().token;
    const Distribution cut = distribution(candidates, settings_);
    const std::uint64_t drawn = point(settings_.seed, position, cut.total);
    std::uint64_t end = 0;
    for (const Stretch& stretch : cut.view()) {
        end += stretch.mass;
        if (drawn < end) return stretch.token;
    }
    POUW_ENSURES(false);  // the point lies below the total
    return 0;
}

bool Sampler::could_draw(std::uint32_t position, std::span<const Candidate> candidates, std::uint32_t token,
                         const SamplingTolerance& tolerance) const {
    POUW_EXPECTS(!candidates.empty() && candidates.size() <= InferenceRecord::most_candidates);
    const auto is_token = [&](const auto& entry) { return entry.token == token; };
    const auto candidate = std::find_if(candidates.begin(), candidates.end(), is_token);
    if (candidate == candidates.end()) return false;
    if (settings_.temperature == 0) {
        if (tolerance.surprisal == 0) return candidate == candidates.begin();
        return candidate->surprisal - candidates.front().surprisal <= tolerance.surprisal;
    }
    const Distribution cut = distribution(candidates, settings_);
    const std::uint64_t drawn = point(settings_.seed, position, cut.total);
    const auto slack = static_cast<std::uint64_t>(uint128{cut.total} * tolerance.mass / million);
    std::uint64_t start = 0;
    for (const Stretch& stretch : cut.view()) {
        if (stretch.token == token) return start <= drawn + slack && drawn < start + stretch.mass + slack;
        start += stretch.mass;
    }
    return false;
}

bool Sampler::ends(std::span<const std::uint32_t> tokens) const {
    if (tokens.empty() || tokens.size() > settings_.longest) return false;
    if (!settings_.end_token) return tokens.size() == settings_.longest;
    const auto end = std::find(tokens.begin(), tokens.end(), *settings_.end_token);
    return end == tokens.end() ? tokens.size() == settings_.longest : end + 1 == tokens.end();
}

}  // namespace pouw::inline v1::judgement
