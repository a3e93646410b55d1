// which state (1) ‖ state
#include "fuzz/states.hpp"

#include "pouw/economics/ledger.hpp"
#include "pouw/economics/models.hpp"
#include "pouw/economics/pricing.hpp"
#include "pouw/economics/rewards.hpp"
#include "pouw/economics/settlement.hpp"

#include <array>

namespace pouw::inline v1::fuzz {
namespace {

using namespace economics;

void goes_on(PriceBook book) {
    const auto allowed = [&] {
        return book.bounds().lowest <= book.price() && book.price() <= book.bounds().highest;
    };
    require(allowed(), "the price is within its bounds");
    const core::Amount before = book.price();
    if (book.close(book.epoch(), {})) require(book.price() == before, "without weight the price stays");
}
void goes_on(ModelRegistry registry) {
    core::Amount held = 0;
    for (const ModelProposal& proposal : registry.proposals()) held += proposal.deposit;
    require(held == registry.held(), "deposits are held");
    while (!registry.proposals().empty()) {
        const ModelProposal proposal = registry.proposals().front();
        const auto decision = registry.conclude(proposal.model, proposal.ends).value();
        require(decision.returned + decision.forfeited == proposal.deposit, "a deposit goes somewhere");
        require(registry.units_per_token(proposal.model).has_value() == decision.listed,
                "it is listed or not");
    }
    require(registry.held() == 0, "no deposit stays");
}
void goes_on(Ledger ledger) {
    for (const NodeReputation& entry : ledger.nodes())
        require(ledger.reputation_of(entry.node) == entry.reputation, "a node is found");
    Statement statement;
    statement.epoch = ledger.settled() + 1;
    const Ledger before = ledger;
    if (ledger.apply(statement)) require(ledger.nodes().size() == before.nodes().size(), "nodes stay");
}
void goes_on(TrainingShare share) {
    require(share.lowest() <= share.rate() && share.rate() <= share.highest(), "the share is within bounds");
    require(share.adjust(share.highest(), TrainingShare::fixed_years).has_value(), "it moves to its bound");
}
void goes_on(Settlement settlement) {
    const core::Amount issued = settlement.has_work() ? 1'000 : 0;
    if (const auto closed = settlement.close(issued))
        require(closed->paid_in + issued == closed->paid_to_requesters + closed->paid_out,
                "coins are conserved");
}

constexpr std::array kinds{state_of<PriceBook, goes_on>, state_of<ModelRegistry, goes_on>,
                           state_of<Ledger, goes_on>, state_of<TrainingShare, goes_on>,
                           state_of<Settlement, goes_on>};

}  // namespace

// The tables of weights in a registry have keys, each of which is checked.
const Target target = target_of_states<kinds>(
    {.memory = {.fixed = 4096, .per_byte = 64}, .time = {.fixed = key_time, .per_byte = key_time / 40}});

}  // namespace pouw::inline v1::fuzz
