#include "fuzz/fuzz.hpp"

#include "pouw/judgement/judge.hpp"

namespace pouw::inline v1::fuzz {
namespace {

void leads_to_a_tally(const judgement::Tally& tally) {
    require(tally.conviction({}, 1).has_value() == (tally.rule != judgement::Rule::none), "a rule convicts");
    const judgement::RunRule run{{1, 20}, {1, 1'000'000}};
    const judgement::EpochRule epoch{{1, 10}, {1, 20}};
    static const auto judge =
        judgement::Judge::create({.run = run, .sequential = {}, .epoch = epoch}).value();
    if (const auto after = judge.after(tally, judgement::Outcome::failed)) {
        require(judgement::Tally::decode(after->encode()).has_value(), "a tally leads to a tally");
    }
}

}  // namespace

const Target target = decoder_of<judgement::Tally, leads_to_a_tally>();

}  // namespace pouw::inline v1::fuzz
