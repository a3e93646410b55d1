#include "pouw/judgement/comparison.hpp"

#include "pouw/core/wide.hpp"
#include "pouw/judgement/errc.hpp"

#include <algorithm>
#include <array>

namespace pouw::inline v1::judgement {
namespace {

using core::fail;

core::result<void> check_same_text(const InferenceRecord& a, const InferenceRecord& b) {
    if (a.request() != b.request()) return fail(errc::request_mismatch);
    if (a.tokens().size() != b.tokens().size())
        return fail(errc::length_mismatch, "another number of tokens");
    if (!std::equal(a.tokens().begin(), a.tokens().end(), b.tokens().begin()))
        return fail(errc::token_mismatch);
    return {};
}

/// The candidates of a position by token.
class ByToken {
  public:
    explicit ByToken(std::span<const Candidate> candidates) : size_{candidates.size()} {
        std::copy(candidates.begin(), candidates.end(), entries_.begin());
        std::sort(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(size_),
                  [](const Candidate& a, const Candidate& b) { return a.token < b.token; });
    }
    [[nodiscard]] std::span<const Candidate> view() const { return std::span{entries_}.first(size_); }

  private:
    std::array<Candidate, InferenceRecord::most_candidates> entries_;
    std::size_t size_;
};

std::uint32_t difference(std::uint32_t a, std::uint32_t b) {
    return std::min(a > b ? a - b : b - a, largest_difference);
}

/// How far a candidate must at least be from its place in a list that ends at `last` without it.
std::uint32_t difference_beyond(std::uint32_t surprisal, std::uint32_t last) {
    return surprisal >= last ? 0 : difference(surprisal, last);
}

void add_position(Distance& sum, std::span<const Candidate> a, std::span<const Candidate> b) {
    const std::uint32_t last_a = a.back().surprisal;
    const std::uint32_t last_b = b.back().surprisal;
    const ByToken sorted_a{a};
    const ByToken sorted_b{b};
    const auto left = sorted_a.view();
    const auto right = sorted_b.view();
    for (std::size_t i = 0, j = 0; i < left.size() || j < right.size(); ++sum.pairs) {
        if (j == right.size() || (i < left.size() && left[i].token < right[j].token)) {
            sum.total += difference_beyond(left[i++].surprisal, last_b);
        } else if (i == left.size() || right[j].token < left[i].token) {
            sum.total += difference_beyond(right[j++].surprisal, last_a);
        } else {
            sum.total += difference(left[i++].surprisal, right[j++].surprisal);
        }
    }
}

}  // namespace

core::result<Distance> distance(const InferenceRecord& a, const InferenceRecord& b) {
    if (const auto same = check_same_text(a, b); !same) return same.error();
    if (a.candidate_count() != b.candidate_count())
        return fail(errc::length_mismatch, "another number of candidates");
    Distance sum;
    for (std::size_t i = 0; i < a.tokens().size(); ++i) add_position(sum, a.candidates(i), b.candidates(i));
    return sum;
}

core::result<Comparer> Comparer::create(const ComparisonRules& rules) {
    const auto test = stats::BinomialTest::create(rules.mismatch_rate, rules.significance);
    if (!test) return test.error();
    return Comparer{rules, *test};
}

core::result<Comparison> Comparer::compare(const InferenceRecord& executor, const InferenceRecord& checker,
                                           const Sampler& sampler) const {
    if (const auto same = check_same_text(executor, checker); !same) return same.error();
    if (executor.candidate_count() != checker.candidate_count())
        return Comparison{.finding = Finding::wrong_candidate_count,
                          .tokens = static_cast<std::uint32_t>(executor.tokens().size())};
    const auto apart = distance(executor, checker);
    if (!apart) return apart.error();
    Comparison out;
    out.distance = *apart;
    out.tokens = static_cast<std::uint32_t>(executor.tokens().size());
    for (std::uint32_t i = 0; i < out.tokens; ++i) {
        const std::uint32_t token = executor.tokens()[i];
        if (sampler.draw(i, executor.candidates(i)) != token) ++out.inconsistent;
        if (!sampler.could_draw(i, checker.candidates(i), token, rules_.tolerance)) ++out.mismatches;
    }
    if (!sampler.ends(executor.tokens())) {
        out.finding = Finding::wrong_ending;
    } else if (out.inconsistent != 0) {
        out.finding = Finding::inconsistent;
    } else if (core::uint128{rules_.threshold} * apart->pairs < apart->total) {
        out.finding = Finding::distant;
    } else if (test_.rejects(out.tokens, out.mismatches)) {
        out.finding = Finding::not_drawn;
    }
    return out;
}

}  // namespace pouw::inline v1::judgement
