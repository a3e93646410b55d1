#include "pouw/economics/governance.hpp"

#include "random.hpp"
#include "vectors.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/crypto/chain_digest.hpp"
#include "pouw/crypto/evidence.hpp"
#include "pouw/economics/errc.hpp"
#include "pouw/economics/rewards.hpp"
#include "pouw/validation/errc.hpp"
#include "pouw/weights/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pouw::inline v1::economics {
namespace {

using test::Json;
using test::Random;

const core::ChainId chain{"test"};
const core::ChainDigest chain_digest = crypto::chain_digest(chain);

crypto::SigningKey key_of(std::uint8_t number) {
    std::array<std::uint8_t, 32> seed{};
    seed[0] = number;
    return crypto::SigningKey::from_seed(seed);
}

/// Nodes with keys, numbered from 0, with these weights.
struct Nodes {
    std::vector<crypto::SigningKey> keys;
    weights::WeightTable table;

    explicit Nodes(const std::vector<std::uint64_t>& weights) {
        std::vector<weights::NodeWeight> entries;
        for (std::size_t i = 0; i < weights.size(); ++i) {
            keys.push_back(key_of(static_cast<std::uint8_t>(i)));
            entries.push_back({keys[i].public_key(), weights[i]});
        }
        table = weights::WeightTable::create(entries).value();
    }
    [[nodiscard]] const core::NodeId& id(std::size_t i) const { return keys[i].public_key(); }
};

Change training(std::uint32_t percent) { return TrainingRate{core::Rate::percent(percent)}; }

std::string digest_of(const core::Bytes& state) { return core::to_hex(crypto::blake2b_256(state).view()); }

/// What `save` gave comes back, and gives the same bytes.
template <typename State>
void expect_restores(const State& state) {
    const core::Bytes saved = state.save();
    const auto restored = State::restore(saved);
    ASSERT_TRUE(restored) << restored.error().code.name() << ' ' << restored.error().detail;
    EXPECT_TRUE(*restored == state);
    EXPECT_EQ(restored->save(), saved);
}

// ----------------------------------------------------------------------------------------------------------
// Vectors

weights::WeightTable table_of(const Json& hex) {
    return weights::WeightTable::decode(test::bytes(hex)).value();
}

Governance start_of(const Json& history, const core::ChainId& id) {
    const Json& rules = history.at("rules");
    const auto u32 = [&](const char* name) { return static_cast<std::uint32_t>(test::u64(rules.at(name))); };
    return Governance::create(id,
                              {.voting_epochs = test::u64(rules.at("voting_epochs")),
                               .notice_epochs = test::u64(rules.at("notice_epochs")),
                               .activation_epochs = test::u64(rules.at("activation_epochs")),
                               .least_share = core::Rate::create(u32("least_share_ppm")).value(),
                               .open_per_node = u32("open_per_node"),
                               .open_total = u32("open_total")},
                              test::u64(history.at("epoch")), table_of(history.at("weights")))
        .value();
}

std::string error_of(const Json& step) { return step.value("error", std::string{}); }

void run_close(Governance& governance, const Json& step) {
    constexpr const char* names[] = {"accepted", "rejected", "conflicting"};
    const auto outcomes = governance.close(governance.epoch(), table_of(step.at("close"))).value();
    Json given = Json::array();
    for (const ProposalOutcome& outcome : outcomes) {
        given.push_back(
            {core::to_hex(outcome.proposal.view()), names[static_cast<std::size_t>(outcome.resolution)]});
    }
    EXPECT_EQ(given, step.at("outcomes"));
    Json active = Json::array();
    for (const std::uint64_t ahead : {0u, 1u, 5u}) {
        Json changes = Json::array();
        for (const AcceptedChange& accepted : governance.active_at(governance.epoch() + ahead))
            changes.push_back(core::to_hex(encode_change(accepted.change)));
        active.push_back(changes);
    }
    EXPECT_EQ(active, step.at("active"));
}

void run_step(Governance& governance, const Json& step) {
    if (step.contains("propose")) {
        const auto proposed = governance.propose(test::bytes(step.at("propose")));
        EXPECT_EQ(proposed ? "" : proposed.error().code.name(), error_of(step));
        if (proposed) {
            EXPECT_EQ(core::to_hex(proposed->view()), step.at("id"));
        }
    } else if (step.contains("vote")) {
        const auto applied = governance.vote(test::bytes(step.at("vote")));
        EXPECT_EQ(applied.verdict ? "" : applied.verdict.error().code.name(), error_of(step));
        EXPECT_EQ(applied.evidence.has_value(), step.contains("evidence"));
        if (applied.evidence && step.contains("evidence")) {
            EXPECT_EQ(core::to_hex(applied.evidence->encode()), step.at("evidence"));
            const ProposalEquivocation& evidence = *applied.evidence;
            const auto open = governance.open();
            const auto subject = std::find_if(open.begin(), open.end(),
                                              [&](const Proposal& p) { return p.id() == evidence.proposal; });
            ASSERT_NE(subject, open.end());
            EXPECT_TRUE(evidence.conviction(subject->chain, *subject, 9));
        }
    } else {
        run_close(governance, step);
    }
}

TEST(GovernanceVectors, HistoriesWithARestoreAfterEachStep) {
    const Json vectors = test::load_vectors("economics/governance.json");
    const core::Bytes raw = test::bytes(vectors.at("chain_id"));
    std::size_t steps = 0;
    for (const Json& history : vectors.at("histories")) {
        Governance governance = start_of(history, core::ChainId{raw});
        for (const Json& step : history.at("steps")) {
            SCOPED_TRACE(history.at("name").get<std::string>() + ": " +
                         step.at("comment").get<std::string>());
            run_step(governance, step);
            ASSERT_EQ(digest_of(governance.save()), step.at("state"));
            expect_restores(governance);
            governance = Governance::restore(governance.save()).value();
            ++steps;
        }
        EXPECT_EQ(core::to_hex(governance.save()), history.at("final"));
    }
    EXPECT_GT(steps, 500u);
}

// ----------------------------------------------------------------------------------------------------------
// Messages

TEST(Proposals, EncodeEveryParameterOnce) {
    const std::vector<Change> changes{PriceBounds{},
                                      PriceBounds{3, core::max_amount, core::Rate::percent(2)},
                                      training(25),
                                      LowestCheckRate{},
                                      ReputationCurve{.growth = Growth::deployed},
                                      ModelRules{core::max_amount, UINT64_MAX},
                                      ChainParameter{},
                                      ChainParameter{0xffff, core::Bytes(1024, 7)}};
    const crypto::SigningKey key = key_of(1);
    for (const Change& change : changes) {
        EXPECT_TRUE(decode_change(encode_change(change)).value() == change);
        const Proposal proposal = sign_proposal(chain_digest, 3, change, 9, key);
        EXPECT_TRUE(proposal.is_signed());
        const core::Bytes encoded = proposal.encode();
        EXPECT_EQ(encoded.size(), 148 + encode_change(change).size());
        EXPECT_TRUE(Proposal::decode(encoded).value() == proposal);
        for (std::size_t size = 0; size < encoded.size(); ++size)
            EXPECT_EQ(Proposal::decode(core::ByteView{encoded}.first(size)).error().code,
                      core::errc::truncated);
    }
    EXPECT_EQ(parameter_of(changes[0]), 1);
    EXPECT_EQ(parameter_of(changes[5]), 5);
    EXPECT_EQ(parameter_of(changes[7]), 0xffff);
    EXPECT_EQ(decode_change(core::Bytes(5)).error().code, economics::errc::unknown_parameter);
    core::Bytes longer = encode_change(training(20));
    longer.push_back(0);
    EXPECT_EQ(decode_change(longer).error().code, core::errc::trailing_bytes);
    EXPECT_EQ(check(Change{ChainParameter{5, {}}}).error().code, economics::errc::invalid_rules);
    EXPECT_EQ(check(Change{ModelRules{-1, 1}}).error().code, economics::errc::invalid_rules);
}

TEST(Proposals, EveryBitOfAMessageIsSigned) {
    const Nodes nodes{{3, 2}};
    Governance governance = Governance::create(chain, {}, 7, nodes.table).value();
    const core::Bytes proposal = sign_proposal(chain_digest, 7, training(25), 9, nodes.keys[0]).encode();
    for (std::size_t bit = 0; bit < 8 * proposal.size(); ++bit) {
        core::Bytes bad = proposal;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        EXPECT_FALSE(governance.propose(bad)) << bit;
    }
    const ProposalId id = governance.propose(proposal).value();
    const Governance before = governance;
    const core::Bytes vote = cast_vote(id, true, nodes.keys[1]).encode();
    for (std::size_t bit = 0; bit < 8 * vote.size(); ++bit) {
        core::Bytes bad = vote;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        EXPECT_FALSE(governance.vote(bad).verdict) << bit;
    }
    EXPECT_TRUE(governance == before);
    EXPECT_TRUE(governance.vote(vote).verdict);
    EXPECT_EQ(governance.support(id).value(), 2u);
    EXPECT_EQ(governance.votes(id).value().size(), 1u);
    EXPECT_EQ(governance.support({}).error().code, economics::errc::unknown_proposal);
    EXPECT_EQ(governance.votes({}).error().code, economics::errc::unknown_proposal);
}

TEST(Proposals, AnEquivocationConvictsItsVoterAlone) {
    const Nodes nodes{{3, 2}};
    Governance governance = Governance::create(chain, {}, 7, nodes.table).value();
    const Proposal proposal = sign_proposal(chain_digest, 7, training(25), 9, nodes.keys[0]);
    const ProposalId id = governance.propose(proposal).value();
    ASSERT_TRUE(governance.vote(cast_vote(id, true, nodes.keys[1])).verdict);
    const auto second = governance.vote(cast_vote(id, false, nodes.keys[1]));
    EXPECT_EQ(second.verdict.error().code, validation::errc::contradicting_vote);
    ASSERT_TRUE(second.evidence);
    const ProposalEquivocation& evidence = *second.evidence;
    EXPECT_TRUE(ProposalEquivocation::decode(evidence.encode()).value() == evidence);
    const core::Conviction conviction = evidence.conviction(chain_digest, proposal, 44).value();
    EXPECT_EQ(conviction.node, nodes.id(1));
    EXPECT_EQ(conviction.ground, core::Ground::contradicting_votes);
    EXPECT_EQ(conviction.evidence, crypto::evidence_digest(evidence.encode()));
    EXPECT_EQ(conviction.height, core::Height{44});
    const core::Bytes good = evidence.encode();
    for (std::size_t place = 4; place < good.size(); ++place) {
        core::Bytes bad = good;
        bad[place] ^= 1;
        EXPECT_FALSE(ProposalEquivocation::decode(bad).value().conviction(chain_digest, proposal, 44))
            << place;
    }
    ProposalEquivocation small = evidence;
    small.voter = {};
    small.voter.bytes[0] = 1;
    EXPECT_EQ(small.conviction(chain_digest, proposal, 44).error().code, core::errc::no_misbehaviour);
    EXPECT_EQ(ProposalEquivocation::decode(core::ByteView{good}.first(195)).error().code,
              core::errc::wrong_length);
    EXPECT_EQ(ProposalVote::decode(good).error().code, core::errc::wrong_length);
}

TEST(Proposals, AnEquivocationOfAnotherChainConvictsNobody) {
    const Nodes nodes{{3, 2}};
    const core::ChainDigest elsewhere = crypto::chain_digest(core::ChainId{"elsewhere"});
    const Proposal foreign = sign_proposal(elsewhere, 7, training(25), 9, nodes.keys[0]);
    const Proposal own = sign_proposal(chain_digest, 7, training(25), 9, nodes.keys[0]);
    const auto signature = [&](bool approve) {
        return cast_vote(foreign.id(), approve, nodes.keys[1]).signature;
    };
    ProposalEquivocation evidence{foreign.id(), nodes.id(1), signature(false), signature(true)};
    ASSERT_TRUE(evidence.conviction(elsewhere, foreign, 44));
    EXPECT_EQ(evidence.conviction(chain_digest, foreign, 44).error().code, validation::errc::other_chain);
    EXPECT_EQ(evidence.conviction(chain_digest, own, 44).error().code, errc::unknown_proposal);
    // Before any signature is looked at.
    evidence.approving = {};
    EXPECT_EQ(evidence.conviction(chain_digest, foreign, 44).error().code, validation::errc::other_chain);
    EXPECT_EQ(evidence.conviction(chain_digest, own, 44).error().code, errc::unknown_proposal);
}

// ----------------------------------------------------------------------------------------------------------
// The state machine

TEST(Governance, RefusesRulesThatNobodyCanMeet) {
    const auto refuses = [](const GovernanceRules& rules) {
        return Governance::create(chain, rules, 0, {}).error().code == economics::errc::invalid_rules;
    };
    EXPECT_TRUE(refuses({.voting_epochs = 0}));
    EXPECT_TRUE(refuses({.activation_epochs = 0}));
    EXPECT_TRUE(refuses({.open_per_node = 0}));
    EXPECT_TRUE(refuses({.open_total = 0}));
}

TEST(Governance, TheLastEpochsAreNoSpecialCase) {
    const Nodes nodes{{1}};
    Governance governance = Governance::create(chain, {}, UINT64_MAX - 2, nodes.table).value();
    const auto propose = [&](core::Epoch activation) {
        return governance.propose(
            sign_proposal(chain_digest, governance.epoch(), training(30), activation, nodes.keys[0]));
    };
    const ProposalId id = propose(UINT64_MAX).value();
    ASSERT_TRUE(governance.vote(cast_vote(id, true, nodes.keys[0])).verdict);
    EXPECT_EQ(governance.close(UINT64_MAX, nodes.table).error().code, economics::errc::epoch_out_of_order);
    ASSERT_TRUE(governance.close(UINT64_MAX - 2, nodes.table));
    EXPECT_EQ(propose(UINT64_MAX).error().code, core::errc::overflow);
    ASSERT_TRUE(governance.close(UINT64_MAX - 1, nodes.table));
    EXPECT_EQ(governance.active_at(UINT64_MAX).size(), 1u);
    expect_restores(governance);
    EXPECT_EQ(governance.close(UINT64_MAX, nodes.table).error().code, economics::errc::epoch_out_of_order);
}

TEST(Governance, WeightOfNobodyCountsAgainstEveryMajority) {
    const Nodes nodes{{60, 25, 15}};
    const weights::WeightTable capped = nodes.table.capped({30, 100});
    for (const std::size_t voters : {1u, 2u}) {
        Governance governance = Governance::create(chain, {}, 0, capped).value();
        const ProposalId id =
            governance.propose(sign_proposal(chain_digest, 0, training(25), 2, nodes.keys[0])).value();
        for (std::size_t i = 0; i < voters; ++i)
            ASSERT_TRUE(governance.vote(cast_vote(id, true, nodes.keys[i])).verdict);
        const auto outcomes = governance.close(0, nodes.table).value();
        ASSERT_EQ(outcomes.size(), 1u);
        EXPECT_EQ(outcomes[0].resolution, voters == 2 ? Resolution::accepted : Resolution::rejected);
        expect_restores(governance);
    }
}

/// Everything that governance changes, as a chain holds it.
struct Chain {
    PriceBook prices = PriceBook::create(1'000, {.lowest = 100, .highest = 100'000}).value();
    TrainingShare training;
    core::Rate lowest_check_rate = core::Rate::percent(1);
    ReputationCurve curve;
    ModelRegistry models = ModelRegistry::create({.deposit = 100}).value();
    core::Bytes own;
    core::error_code refused{};

    void take(core::result<void> applied) {
        if (!applied) refused = applied.error().code;
    }
    void apply(const PriceBounds& bounds) { take(prices.adjust(bounds)); }
    void apply(const TrainingRate& change, std::uint32_t years) { take(training.adjust(change.rate, years)); }
    void apply(const AcceptedChange& accepted, std::uint32_t years) {
        const Change& change = accepted.change;
        if (const auto* bounds = std::get_if<PriceBounds>(&change)) apply(*bounds);
        if (const auto* rate = std::get_if<TrainingRate>(&change)) apply(*rate, years);
        if (const auto* rate = std::get_if<LowestCheckRate>(&change)) lowest_check_rate = rate->rate;
        if (const auto* to = std::get_if<ReputationCurve>(&change)) curve = *to;
        if (const auto* rules = std::get_if<ModelRules>(&change)) take(models.adjust(*rules));
        if (const auto* parameter = std::get_if<ChainParameter>(&change)) own = parameter->value;
    }
};

/// A network that accepts changes; an epoch is a year.
struct Network {
    Nodes nodes{{60, 40}};
    Governance governance =
        Governance::create(chain, {.activation_epochs = 9, .open_per_node = 9}, 0, nodes.table).value();
    Chain state;

    void accept(const Change& change, core::Epoch activation, bool majority = true) {
        const ProposalId id =
            governance
                .propose(sign_proposal(chain_digest, governance.epoch(), change, activation, nodes.keys[1]))
                .value();
        EXPECT_TRUE(governance.vote(cast_vote(id, true, nodes.keys[majority ? 0 : 1])).verdict);
    }
    void next_year() {
        EXPECT_TRUE(governance.close(governance.epoch(), nodes.table));
        const core::Epoch now = governance.epoch();
        for (const AcceptedChange& accepted : governance.activated_in(now))
            state.apply(accepted, static_cast<std::uint32_t>(now.value));
    }
};

TEST(Governance, DrivesPricesTrainingShareCheckRatesAndRegistry) {
    Network network;
    Chain& state = network.state;
    network.accept(PriceBounds{100, 100'000, core::Rate::percent(10)}, 2);
    network.accept(training(30), 4);
    network.accept(training(25), 5);
    network.accept(training(90), 6, false);
    network.accept(LowestCheckRate{core::Rate::percent(5)}, 3);
    network.accept(ReputationCurve{.epochs_to_full = 10}, 3);
    network.accept(ModelRules{500, 2}, 3);
    network.accept(ChainParameter{0x8001, {1, 2, 3}}, 3);

    network.next_year();
    EXPECT_TRUE(network.governance.activated_in(1).empty());
    EXPECT_FALSE(state.prices.adjust({.lowest = 9, .highest = 8}));
    network.next_year();  // 2: the cap on the step holds
    ASSERT_TRUE(state.prices.vote(network.nodes.id(0), 50'000, network.nodes.table));
    EXPECT_EQ(core::to_decimal(state.prices.close(0, network.nodes.table).value()), "1100");
    EXPECT_EQ(state.lowest_check_rate, core::Rate::percent(1));
    network.next_year();  // 3
    EXPECT_EQ(state.lowest_check_rate, core::Rate::percent(5));
    EXPECT_EQ(check_rate_rounded_up(reputation_rounded_down({10, 0}, state.curve), state.lowest_check_rate),
              core::Rate::percent(5));
    EXPECT_EQ(state.models.propose({}, 1, 499, {}, 0, network.nodes.table).error().code,
              economics::errc::insufficient_deposit);
    EXPECT_TRUE(state.models.propose({}, 1, 500, {}, 0, network.nodes.table));
    EXPECT_EQ(state.models.conclude({}, 1).error().code, economics::errc::voting_open);
    EXPECT_EQ(state.own, (core::Bytes{1, 2, 3}));
    EXPECT_EQ(state.refused, core::error_code{});
    network.next_year();  // 4: the share is fixed for five years, whatever the nodes accept
    EXPECT_EQ(state.refused, economics::errc::share_locked);
    EXPECT_EQ(state.training.rate(), core::Rate::percent(20));
    network.next_year();  // 5
    EXPECT_EQ(state.training.rate(), core::Rate::percent(25));
    network.next_year();  // 6: no majority wanted 90%
    EXPECT_EQ(state.training.rate(), core::Rate::percent(25));
    EXPECT_EQ(network.governance.active_at(6).size(), 6u);
    EXPECT_TRUE(network.governance.open().empty());
}

TEST(Governance, AdjustedBoundsMoveThePriceAndDropVotesOutside) {
    const Nodes nodes{{3, 2}};
    PriceBook book = PriceBook::create(100, {}).value();
    ASSERT_TRUE(book.vote(nodes.id(0), 900, nodes.table));
    ASSERT_TRUE(book.vote(nodes.id(1), 250, nodes.table));
    ASSERT_TRUE(book.adjust({.lowest = 200, .highest = 300}));
    EXPECT_EQ(core::to_decimal(book.price()), "200");
    EXPECT_FALSE(book.vote_of(nodes.id(0)));
    EXPECT_EQ(core::to_decimal(*book.vote_of(nodes.id(1))), "250");
    EXPECT_EQ(book.adjust({.lowest = 0, .highest = 300}).error().code, economics::errc::invalid_rules);
    ASSERT_TRUE(book.adjust({.lowest = 1, .highest = 50}));
    EXPECT_EQ(core::to_decimal(book.price()), "50");
    ModelRegistry models = ModelRegistry::create({.deposit = 5}).value();
    EXPECT_EQ(models.adjust({.deposit = 5, .voting_epochs = 0}).error().code, economics::errc::invalid_rules);
    EXPECT_EQ(models.propose({}, 1, 4, {}, 0, nodes.table).error().code,
              economics::errc::insufficient_deposit);
}

// ----------------------------------------------------------------------------------------------------------
// States

/// One random input.
void step(Random& random, const Nodes& nodes, std::vector<ProposalId>& ids, Governance& governance) {
    const crypto::SigningKey& key = nodes.keys[random.below(5)];
    const std::uint32_t kind = random.below(10);
    const core::Epoch now = governance.epoch();
    if (kind < 3) {
        const auto number = static_cast<std::uint16_t>(0x8000 + random.below(3));
        const Change change = random.below(2) == 0
                                  ? training(random.below(3))
                                  : Change{ChainParameter{number, core::Bytes(random.below(4))}};
        const Proposal proposal = sign_proposal(chain_digest, now, change, now + 2 + random.below(4), key);
        if (const auto id = governance.propose(proposal)) ids.push_back(*id);
    } else if (kind < 9) {
        if (ids.empty()) return;
        const std::size_t last = std::min<std::size_t>(ids.size(), 4);
        const ProposalId& id = ids[ids.size() - 1 - random.below(static_cast<std::uint32_t>(last))];
        (void)governance.vote(cast_vote(id, random.below(5) > 0, key));
    } else {
        const Nodes next{{random.below(3), random.below(9), 1, random.below(4), 2}};
        EXPECT_TRUE(governance.close(now, next.table));
    }
}

TEST(GovernanceState, ThousandStepsWithARestoreAtEachEndAsWithout) {
    const Nodes nodes{{2, 5, 1, 0, 2}};
    const GovernanceRules rules{
        .voting_epochs = 2, .notice_epochs = 0, .activation_epochs = 3, .open_per_node = 2, .open_total = 6};
    Governance governance = Governance::create(chain, rules, 5, nodes.table).value();
    Governance twin = governance;
    Random random{1};
    Random again{1};
    std::vector<ProposalId> ids;
    std::vector<ProposalId> others;
    std::size_t most = 0;
    for (int i = 0; i < 1000; ++i) {
        step(random, nodes, ids, governance);
        step(again, nodes, others, twin);
        const auto restored = Governance::restore(governance.save());
        ASSERT_TRUE(restored) << i << restored.error().code.name();
        governance = *restored;
        ASSERT_TRUE(governance == twin) << i;
        std::size_t pending = governance.open().size();
        for (std::uint64_t ahead = 1; ahead < 6; ++ahead)
            pending += governance.activated_in(governance.epoch() + ahead).size();
        most = std::max(most, pending);
        ASSERT_LE(pending, 6u);
    }
    EXPECT_EQ(governance.save(), twin.save());
    EXPECT_EQ(most, 6u);
    EXPECT_FALSE(governance.active_at(governance.epoch()).empty());
}

class GovernanceStates : public testing::Test {
  protected:
    GovernanceStates() {
        for (const std::uint32_t percent : {25u, 26u}) {
            const ProposalId id =
                governance
                    .propose(sign_proposal(chain_digest, 7, training(percent), 9, nodes.keys[percent % 2]))
                    .value();
            EXPECT_TRUE(governance.vote(cast_vote(id, percent == 25, nodes.keys[0])).verdict);
            EXPECT_TRUE(governance.vote(cast_vote(id, true, nodes.keys[1])).verdict);
        }
        EXPECT_TRUE(governance.close(7, nodes.table));
        EXPECT_TRUE(governance.propose(sign_proposal(chain_digest, 8, training(27), 10, nodes.keys[0])));
        saved = governance.save();
    }
    /// The error of the state with other bytes from `place` on.
    [[nodiscard]] std::string error_with(std::size_t place, core::ByteView bytes) const {
        core::Bytes bad = saved;
        std::copy(bytes.begin(), bytes.end(), bad.begin() + static_cast<std::ptrdiff_t>(place));
        const auto restored = Governance::restore(bad);
        return restored ? "" : std::string{restored.error().code.name()};
    }

    Nodes nodes{{3, 2}};
    Governance governance = Governance::create(chain, {}, 7, nodes.table).value();
    core::Bytes saved;
    // magic, version, chain, three numbers, three numbers, epoch
    static constexpr std::size_t epoch_at = 8 + 4 + 32 + 24 + 12;
};

TEST_F(GovernanceStates, RefusalsNameTheirReason) {
    expect_restores(governance);
    for (std::size_t size = 0; size < saved.size(); ++size)
        EXPECT_FALSE(Governance::restore(core::ByteView{saved}.first(size))) << size;
    core::Bytes longer = saved;
    longer.push_back(0);
    EXPECT_EQ(Governance::restore(longer).error().code, core::errc::trailing_bytes);
    const auto four = [](std::uint32_t value) { return core::to_le(value); };
    const auto eight = [](std::uint64_t value) { return core::to_le(value); };
    EXPECT_EQ(error_with(0, four(0)), "invalid_magic");
    EXPECT_EQ(error_with(8, four(2)), "unsupported_version");
    EXPECT_EQ(error_with(12, four(0)), "other_chain");
    EXPECT_EQ(error_with(44, eight(0)), "invalid_rules");
    EXPECT_EQ(error_with(68, four(1'000'001)), "rate_above_one");
    EXPECT_EQ(error_with(76, four(1)), "too_many_proposals");
    EXPECT_EQ(error_with(epoch_at, eight(7)), "non_canonical");
    EXPECT_EQ(error_with(epoch_at, eight(9)), "non_canonical");
    EXPECT_EQ(error_with(epoch_at + 8, four(0)), "non_canonical");
    EXPECT_EQ(error_with(epoch_at + 8, four(1'000'000)), "count_too_large");
    EXPECT_EQ(error_with(epoch_at + 24, four(0)), "invalid_magic");  // of the table
}

TEST_F(GovernanceStates, MutationsAreRefusedOrAreStates) {
    Random random{3};
    for (int i = 0; i < 3000; ++i) {
        core::Bytes bad = saved;
        for (std::uint32_t changes = 1 + random.below(3); changes > 0; --changes)
            bad[random.below(static_cast<std::uint32_t>(bad.size()))] ^=
                static_cast<std::uint8_t>(1 + random.below(255));
        const auto restored = Governance::restore(bad);
        if (restored) {
            ASSERT_EQ(restored->save(), bad);
        }
    }
}

}  // namespace
}  // namespace pouw::inline v1::economics
