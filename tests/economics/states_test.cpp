// Every state of economics: random histories with a restart after every step, bytes that nobody saved, and
// the exact error of states that no history leads to.
#include "states.hpp"

#include "pouw/crypto/errc.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/economics/ledger.hpp"
#include "pouw/economics/models.hpp"
#include "pouw/economics/pricing.hpp"
#include "pouw/economics/rewards.hpp"
#include "pouw/weights/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>

namespace pouw::inline v1::economics {
namespace {

using test::equals_the_reference;
using test::Json;
using test::numbers;
using test::Random;
using test::refusal;
using test::refuses_what_nobody_saved;
using test::survives_restarts;
using test::with;

/// Keys of nodes, ascending: tables of weights are restored only if their ids are keys.
const std::vector<core::NodeId>& keys() {
    static const std::vector<core::NodeId> out = [] {
        std::vector<core::NodeId> made;
        for (std::uint8_t n = 1; n <= 6; ++n) {
            std::array<std::uint8_t, 32> seed{};
            seed.fill(n);
            const auto key = crypto::SigningKey::from_seed(seed).public_key();
            made.push_back(core::NodeId::from(key.view()).value());
        }
        std::sort(made.begin(), made.end());
        return made;
    }();
    return out;
}

core::InferenceModelId model(std::uint8_t n) {
    core::InferenceModelId out;
    out.bytes[0] = n;
    return out;
}

/// Random weights of some of the nodes.
weights::WeightTable any_table(Random& random) {
    std::vector<weights::NodeWeight> out;
    for (const core::NodeId& key : keys())
        if (random.below(2) == 0) out.push_back({key, random.below(100)});
    return weights::WeightTable::create(out).value();
}

const core::NodeId& any_key(Random& random) { return keys()[random.below64(keys().size())]; }

// Prices ----------------------------------------------------------------------------------------------------

TEST(States, PriceBook) {
    const auto step = [](PriceBook& book, Random& random) {
        const auto table = any_table(random);
        if (random.below(4) == 0) return book.close(book.epoch(), table).value();
        const core::NodeId& node = any_key(random);
        return core::Amount{book.vote(node, core::Amount{random.below(1'100)}, table) ? 1 : 0};
    };
    for (const auto limit : {std::optional<core::Rate>{}, std::optional{core::Rate::percent(2)}}) {
        const auto book = PriceBook::create(100, {.lowest = 5, .highest = 1'000, .step = limit}, 7).value();
        refuses_what_nobody_saved<PriceBook>(survives_restarts(book, 1, step), 2);
    }
}

TEST(States, PriceBookRefusesWhatIsNoBook) {
    const auto table =
        weights::WeightTable::create(std::vector<weights::NodeWeight>{{keys()[0], 1}, {keys()[1], 1}})
            .value();
    auto book =
        PriceBook::create(100, {.lowest = 5, .highest = 1'000, .step = core::Rate::percent(2)}, 7).value();
    ASSERT_TRUE(book.vote(keys()[0], 200, table) && book.vote(keys()[1], 300, table));
    constexpr std::size_t lowest = 12;
    constexpr std::size_t highest = 28;
    constexpr std::size_t has_step = 44;
    constexpr std::size_t step = 45;
    constexpr std::size_t price = 49;
    constexpr std::size_t count = 73;
    constexpr std::size_t votes = 77;
    EXPECT_EQ(refusal(book, lowest, core::Amount{0}), economics::errc::invalid_rules);
    EXPECT_EQ(refusal(book, lowest, core::Amount{-1}), economics::errc::invalid_rules);
    EXPECT_EQ(refusal(book, highest, core::Amount{4}), economics::errc::invalid_rules);
    EXPECT_EQ(refusal(book, lowest, core::Amount{101}), economics::errc::price_out_of_bounds);
    EXPECT_EQ(refusal(book, highest, core::Amount{299}), economics::errc::price_out_of_bounds);  // a vote
    EXPECT_EQ(refusal(book, highest, core::Amount{300}), core::error_code{});
    EXPECT_EQ(refusal(book, price, core::Amount{4}), economics::errc::price_out_of_bounds);
    EXPECT_EQ(refusal(book, price, core::Amount{-1}), economics::errc::price_out_of_bounds);
    EXPECT_EQ(refusal(book, has_step, std::uint8_t{2}), core::errc::non_canonical);
    EXPECT_EQ(refusal(book, step, std::uint32_t{1'000'001}), core::errc::rate_above_one);
    EXPECT_EQ(refusal(book, count, std::uint32_t{3}), core::errc::count_too_large);
    EXPECT_EQ(refusal(book, count, std::uint32_t{1}), core::errc::trailing_bytes);
    EXPECT_EQ(refusal(book, votes + 32, core::Amount{1'001}), economics::errc::price_out_of_bounds);
    for (const core::NodeId& node : {keys()[1], keys()[2]})  // the same node again, and a later one
        EXPECT_EQ(PriceBook::restore(with(book.save(), votes, node.view())).error().code,
                  core::errc::non_canonical);
}

// Models ----------------------------------------------------------------------------------------------------

TEST(States, ModelRegistry) {
    std::uint64_t steps = 0;
    const auto step = [&](ModelRegistry& registry, Random& random) -> core::Amount {
        // Both histories take each step at the same epoch.
        const core::Epoch epoch{10 + steps++ / 6};
        const auto open = registry.proposals();
        const core::NodeId& node = any_key(random);
        if (open.empty() || (open.size() < 4 && random.below(4) == 0)) {
            const auto id = model(static_cast<std::uint8_t>(random.below(250)));
            const auto deposit = core::Amount{random.below(300)};
            return registry.propose(id, random.below(9), deposit, node, epoch, any_table(random)) ? 1 : 0;
        }
        const auto id = open[random.below64(open.size())].model;
        if (random.below(4) != 0) return registry.vote(id, node, random.below(5) != 0, epoch) ? 1 : 0;
        const auto decision = registry.conclude(id, epoch);
        return decision ? decision->returned - decision->forfeited : core::Amount{-1};
    };
    const auto registry = ModelRegistry::create({.deposit = 100, .voting_epochs = 3}).value();
    auto saved = survives_restarts(registry, 3, step);
    // The state that is cut off has models, proposals and votes.
    const auto is_full = [](const core::Bytes& data) {
        const auto state = ModelRegistry::restore(data).value();
        return !state.models().empty() && state.proposals().size() > 1 &&
               !state.proposals().back().votes.empty();
    };
    const auto full = std::find_if(saved.begin(), saved.end(), is_full);
    ASSERT_NE(full, saved.end());
    std::swap(*full, saved.back());
    refuses_what_nobody_saved<ModelRegistry>(saved, 4);
}

TEST(ModelRegistry, EnumeratesModelsAndProposals) {
    const auto table = weights::WeightTable::create(std::vector<weights::NodeWeight>{{keys()[0], 1}}).value();
    auto registry = ModelRegistry::create({.deposit = 10, .voting_epochs = 1}).value();
    EXPECT_TRUE(registry.models().empty());
    EXPECT_TRUE(registry.proposals().empty());
    for (const std::uint8_t n : {std::uint8_t{5}, std::uint8_t{2}, std::uint8_t{9}, std::uint8_t{1}})
        ASSERT_TRUE(registry.propose(model(n), n, 10 + n, keys()[n % 3], 4, table));
    ASSERT_TRUE(registry.vote(model(9), keys()[0], true, 4));
    ASSERT_TRUE(registry.vote(model(2), keys()[0], true, 4));
    ASSERT_TRUE(registry.conclude(model(9), 5)->listed);
    ASSERT_TRUE(registry.conclude(model(2), 5)->listed);
    ASSERT_EQ(registry.models().size(), 2u);
    EXPECT_EQ(registry.models()[0], (ListedModel{model(2), 2}));
    EXPECT_EQ(registry.models()[1], (ListedModel{model(9), 9}));
    ASSERT_EQ(registry.proposals().size(), 2u);
    EXPECT_EQ(registry.proposals()[0],
              (ModelProposal{model(1), 1, keys()[1], 11, core::Epoch{5}, table, {}}));
    EXPECT_EQ(registry.proposals()[1],
              (ModelProposal{model(5), 5, keys()[2], 15, core::Epoch{5}, table, {}}));
    EXPECT_TRUE(registry.held() == 26);
    ASSERT_FALSE(registry.conclude(model(1), 5)->listed);
    EXPECT_EQ(registry.proposals().size(), 1u);
}

TEST(ModelRegistry, HoldsNoMoreCoinsThanFit) {
    auto registry = ModelRegistry::create({}).value();
    const weights::WeightTable nobody;
    ASSERT_TRUE(registry.propose(model(1), 1, core::max_amount, keys()[0], 0, nobody));
    EXPECT_EQ(registry.propose(model(2), 1, 1, keys()[0], 0, nobody).error().code, core::errc::overflow);
    EXPECT_TRUE(registry.held() == core::max_amount);
    EXPECT_TRUE(registry.propose(model(2), 1, 0, keys()[0], 0, nobody));
    EXPECT_TRUE(registry.conclude(model(1), 1)->forfeited == core::max_amount);
    EXPECT_TRUE(registry.held() == 0);
}

TEST(States, ModelRegistryRefusesWhatNoVoteLeads) {
    const std::vector<weights::NodeWeight> two{{keys()[0], 3}, {keys()[1], 2}};
    const auto table = weights::WeightTable::create(two).value();
    auto registry = ModelRegistry::create({.deposit = 100, .voting_epochs = 2}).value();
    ASSERT_TRUE(registry.propose(model(1), 20, 100, keys()[2], 5, table));
    ASSERT_TRUE(registry.vote(model(1), keys()[0], true, 5) && registry.conclude(model(1), 7));
    ASSERT_TRUE(registry.propose(model(2), 30, 150, keys()[2], 8, table));
    ASSERT_TRUE(registry.vote(model(2), keys()[0], true, 8) && registry.vote(model(2), keys()[1], false, 8));
    constexpr std::size_t deposit_rule = 12;
    constexpr std::size_t epochs_rule = 28;
    constexpr std::size_t models = 36;
    constexpr std::size_t listed = 40;
    constexpr std::size_t proposals = 80;
    constexpr std::size_t proposal = 84;  // model ‖ units ‖ proposer ‖ deposit ‖ ends ‖ size ‖ table ‖ votes
    constexpr std::size_t deposit = proposal + 32 + 8 + 32;
    constexpr std::size_t ends = deposit + 16;
    constexpr std::size_t weights_of = ends + 8 + 4;
    constexpr std::size_t votes = weights_of + 24 + 2 * 40;
    EXPECT_EQ(refusal(registry, deposit_rule, core::Amount{-1}), economics::errc::invalid_rules);
    EXPECT_EQ(refusal(registry, epochs_rule, std::uint64_t{0}), economics::errc::invalid_rules);
    // Rules that came after the proposals.
    EXPECT_EQ(refusal(registry, deposit_rule, core::Amount{151}), core::error_code{});
    EXPECT_EQ(refusal(registry, epochs_rule, std::uint64_t{11}), core::error_code{});
    EXPECT_EQ(refusal(registry, models, std::uint32_t{1} << 30), core::errc::count_too_large);
    EXPECT_EQ(refusal(registry, listed + 32, std::uint64_t{0}), core::errc::invalid_amount);
    EXPECT_EQ(refusal(registry, listed, std::uint8_t{2}), economics::errc::duplicate_model);
    EXPECT_EQ(refusal(registry, proposals, std::uint32_t{3}), core::errc::count_too_large);
    EXPECT_EQ(refusal(registry, proposals, std::uint32_t{0}), core::errc::trailing_bytes);
    EXPECT_EQ(refusal(registry, proposal + 32, std::uint64_t{0}), core::errc::invalid_amount);
    EXPECT_EQ(refusal(registry, deposit, core::Amount{-1}), core::errc::invalid_amount);
    EXPECT_EQ(refusal(registry, ends, std::uint64_t{0}), core::errc::inconsistent_state);
    EXPECT_EQ(refusal(registry, ends + 8, std::uint32_t{1'000'000}), core::errc::truncated);
    EXPECT_EQ(refusal(registry, weights_of, std::uint8_t{0}), core::errc::invalid_magic);
    EXPECT_EQ(refusal(registry, weights_of + 24 + 32, std::uint64_t{0}), core::errc::non_canonical);
    EXPECT_EQ(refusal(registry, weights_of + 24 + 32, UINT64_MAX), core::errc::overflow);
    EXPECT_EQ(refusal(registry, votes, std::uint32_t{3}), core::errc::count_too_large);
    EXPECT_EQ(refusal(registry, votes + 4 + 32, std::uint8_t{2}), core::errc::non_canonical);
    const auto voter = [&](std::size_t vote, const core::NodeId& node) {
        const auto restored =
            ModelRegistry::restore(with(registry.save(), votes + 4 + 33 * vote, node.view()));
        return restored ? core::error_code{} : restored.error().code;
    };
    EXPECT_EQ(voter(1, keys()[0]), economics::errc::duplicate_verdict);
    EXPECT_EQ(voter(1, keys()[2]), economics::errc::unknown_node);
    EXPECT_EQ(voter(0, keys()[1]), economics::errc::duplicate_verdict);
    EXPECT_EQ(ModelRegistry::restore(
                  with(with(registry.save(), votes + 4, keys()[1].view()), votes + 4 + 33, keys()[0].view()))
                  .error()
                  .code,
              core::errc::non_canonical);
    core::NodeId no_key;
    no_key.bytes.fill(0xff);
    EXPECT_EQ(ModelRegistry::restore(with(registry.save(), weights_of + 24 + 40, no_key.view())).error().code,
              crypto::errc::invalid_public_key);
}

// Reputations -----------------------------------------------------------------------------------------------

TEST(States, Ledger) {
    const auto step = [](Ledger& ledger, Random& random) {
        if (random.below(8) == 0) {
            core::Conviction conviction;
            conviction.node = any_key(random);
            ledger.apply(conviction);
            return true;
        }
        Statement statement;
        statement.epoch = ledger.settled() + 1 + random.below(8) / 7;
        for (const core::NodeId& node : keys()) {
            if (random.below(3) == 0) continue;
            const core::Rate missed = core::Rate::create(random.below(50'000)).value();
            statement.records.push_back({node, {random.below(40) == 0, random.below(2) == 0, missed}});
        }
        return ledger.apply(statement).has_value();
    };
    const auto ledger = Ledger::create({.growth = Growth::exponential}).value();
    refuses_what_nobody_saved<Ledger>(survives_restarts(ledger, 5, step), 6);
}

TEST(States, LedgerRefusesWhatIsNoLedger) {
    const auto ledger = Ledger::create({}, 5, {{keys()[0], {7, 3}}, {keys()[1], {8, 4}}}).value();
    constexpr std::size_t growth = 12;
    constexpr std::size_t to_full = 13;
    constexpr std::size_t step = 17;
    constexpr std::size_t forgiven = 21;
    constexpr std::size_t count = 37;
    constexpr std::size_t nodes = 41;
    EXPECT_EQ(refusal(ledger, growth, std::uint8_t{3}), core::errc::non_canonical);
    EXPECT_EQ(refusal(ledger, to_full, std::uint32_t{0}), economics::errc::invalid_rules);
    EXPECT_EQ(refusal(ledger, step, std::uint32_t{999}), economics::errc::invalid_rules);
    EXPECT_EQ(refusal(ledger, step, std::uint32_t{1'000'001}), core::errc::rate_above_one);
    EXPECT_EQ(refusal(ledger, forgiven, std::uint32_t{1'000'001}), core::errc::rate_above_one);
    EXPECT_EQ(refusal(ledger, count, std::uint32_t{3}), core::errc::count_too_large);
    EXPECT_EQ(refusal(ledger, count, std::uint32_t{1}), core::errc::trailing_bytes);
    EXPECT_EQ(Ledger::restore(with(ledger.save(), nodes, keys()[1].view())).error().code,
              weights::errc::duplicate_node);
    EXPECT_EQ(Ledger::restore(with(ledger.save(), nodes, keys()[2].view())).error().code,
              core::errc::non_canonical);
}

// Training --------------------------------------------------------------------------------------------------

TEST(States, TrainingShare) {
    const auto step = [](TrainingShare& share, Random& random) {
        return share.adjust(core::Rate::create(random.below(500'000)).value(), random.below(9)).has_value();
    };
    const auto share = TrainingShare::create(core::Rate::percent(5), core::Rate::percent(40)).value();
    refuses_what_nobody_saved<TrainingShare>(survives_restarts(share, 7, step), 8);
    EXPECT_EQ(refusal(share, 12, std::uint32_t{1'000'001}), core::errc::rate_above_one);
    EXPECT_EQ(refusal(share, 12, std::uint32_t{200'001}), economics::errc::invalid_rules);
    EXPECT_EQ(refusal(share, 16, std::uint32_t{199'999}), economics::errc::invalid_rules);
    EXPECT_EQ(refusal(share, 20, std::uint32_t{400'001}), economics::errc::share_out_of_bounds);
    EXPECT_EQ(refusal(share, 20, std::uint32_t{49'999}), economics::errc::share_out_of_bounds);
    EXPECT_EQ(refusal(share, 20, std::uint32_t{50'000}), core::error_code{});
}

// The reference ---------------------------------------------------------------------------------------------

const std::string file = "economics/states.json";
using Numbers = std::vector<core::int128>;

std::uint64_t u64(core::int128 number) { return static_cast<std::uint64_t>(number); }
std::uint32_t u32(core::int128 number) { return static_cast<std::uint32_t>(number); }
core::Rate rate(core::int128 ppm) { return core::Rate::create(u64(ppm)).value(); }

/// The weights of all keys, from a place of a row on.
weights::WeightTable table_of(const Numbers& in, std::size_t first) {
    std::vector<weights::NodeWeight> out;
    for (std::size_t i = 0; i < keys().size(); ++i) out.push_back({keys()[i], u64(in.at(first + i))});
    return weights::WeightTable::create(out).value();
}

TEST(States, KeysEqualTheReference) {
    const Json vectors = test::load_vectors(file);
    ASSERT_EQ(vectors.at("keys").size(), keys().size());
    for (std::size_t i = 0; i < keys().size(); ++i)
        EXPECT_EQ(test::fixed<core::NodeId>(vectors.at("keys")[i]), keys()[i]);
}

TEST(States, PriceBookEqualsTheReference) {
    const auto start = [](const Json& row) {
        const Numbers in = numbers(row);
        PriceBounds bounds{in[1], in[2], {}};
        if (!row[3].is_null()) bounds.step = rate(in[3]);
        return PriceBook::create(in[0], bounds, u64(in[4])).value();
    };
    const auto play = [](PriceBook& book, const std::string& operation, const Numbers& in) {
        if (operation == "close") {
            (void)book.close(book.epoch(), table_of(in, 0)).value();
        } else {
            (void)book.vote(keys()[u64(in[0])], in[1], table_of(Numbers(keys().size(), 1), 0)).has_value();
        }
    };
    equals_the_reference(file, "price_book", start, play);
}

TEST(States, ModelRegistryEqualsTheReference) {
    const auto start = [](const Json& row) {
        return ModelRegistry::create({numbers(row)[0], u64(numbers(row)[1])}).value();
    };
    const auto play = [](ModelRegistry& registry, const std::string& operation, const Numbers& in) {
        const auto id = model(static_cast<std::uint8_t>(in[0]));
        if (operation == "propose") {
            (void)registry.propose(id, u64(in[1]), in[2], keys()[u64(in[3])], u64(in[4]), table_of(in, 5))
                .has_value();
        } else if (operation == "vote") {
            (void)registry.vote(id, keys()[u64(in[1])], in[2] != 0, u64(in[3])).has_value();
        } else {
            (void)registry.conclude(id, u64(in[1])).has_value();
        }
    };
    equals_the_reference(file, "model_registry", start, play);
}

TEST(States, LedgerEqualsTheReference) {
    const auto start = [](const Json& row) {
        const Numbers in = numbers(row);
        const Growth growth = row[0] == "linear"        ? Growth::linear
                              : row[0] == "exponential" ? Growth::exponential
                                                        : Growth::deployed;
        return Ledger::create({growth, u32(in[1]), rate(in[2]), rate(in[3]), u32(in[4])}).value();
    };
    const auto play = [](Ledger& ledger, const std::string& operation, const Numbers& in) {
        if (operation == "convict") {
            core::Conviction conviction;
            conviction.node = keys()[u64(in[0])];
            ledger.apply(conviction);
            return;
        }
        Statement statement;
        statement.epoch = ledger.settled() + 1;
        for (std::size_t i = 0; i + 3 < in.size(); i += 4)
            statement.records.push_back(
                {keys()[u64(in[i])], {in[i + 1] != 0, in[i + 2] != 0, rate(in[i + 3])}});
        ledger.apply(statement).value();
    };
    equals_the_reference(file, "ledger", start, play);
}

TEST(States, TrainingShareEqualsTheReference) {
    const auto start = [](const Json& row) {
        return TrainingShare::create(rate(numbers(row)[0]), rate(numbers(row)[1])).value();
    };
    const auto play = [](TrainingShare& share, const std::string&, const Numbers& in) {
        (void)share.adjust(rate(in[0]), u32(in[1])).has_value();
    };
    equals_the_reference(file, "training_share", start, play);
}

}  // namespace
}  // namespace pouw::inline v1::economics
