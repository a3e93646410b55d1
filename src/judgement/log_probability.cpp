#include "pouw/judgement/log_probability.hpp"

#include "pouw/judgement/errc.hpp"

#include <algorithm>
#include <cmath>

namespace pouw::inline v1::judgement {
using core::fail;

core::result<std::uint32_t> surprisal(double log_probability) {
    constexpr double unit = one_nat;
    if (!(log_probability >= -65535 && log_probability * unit <= 0.5))
        return fail(errc::invalid_log_probability);
    // Above 0 by less than a rounding error counts as 0.
    return static_cast<std::uint32_t>(std::llround(std::max(0.0, -log_probability * unit)));
}

core::result<std::vector<Candidate>> top_candidates(std::span<const float> logits, std::uint32_t count) {
    if (count == 0 || count > InferenceRecord::most_candidates) return fail(errc::invalid_record_size);
    std::vector<std::uint32_t> possible;
    for (std::uint32_t token = 0; token < logits.size(); ++token) {
        const float logit = logits[token];
        if (std::isnan(logit) || logit == INFINITY) return fail(errc::invalid_log_probability);
        if (logit != -INFINITY) possible.push_back(token);
    }
    if (possible.size() < count) return fail(errc::invalid_record_size, "fewer tokens can occur");
    const auto middle = possible.begin() + static_cast<std::ptrdiff_t>(count);
    std::partial_sort(possible.begin(), middle, possible.end(), [&](std::uint32_t a, std::uint32_t b) {
        return logits[a] > logits[b] || (logits[a] == logits[b] && a < b);
    });
    const double largest = logits[possible.front()];
    double sum = 0;
    for (const std::uint32_t token : possible) sum += std::exp(logits[token] - largest);
    const double log_sum = std::log(sum);
    std::vector<Candidate> out;
    for (auto token = possible.begin(); token != middle; ++token) {
        const auto value = surprisal(logits[*token] - largest - log_sum);
        if (!value) return value.error();
        out.push_back({*value, *token});
    }
    // Tokens that round to the same unit.
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace pouw::inline v1::judgement
