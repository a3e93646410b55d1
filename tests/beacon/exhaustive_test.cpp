// Every assignment of behaviours to up to six nodes, in the toy group: withholding, lateness, equivocation
// and lies change when the value is known, and never the value.
#include "beacon/network.hpp"
#include "beacon/toy_group.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>

namespace pouw::inline v1::beacon {
namespace {

using toy::ToyGroup;
using Net = test_network::Network<ToyGroup>;

enum class Behaviour : std::uint8_t { honest, silent, late, equivocating, lying };
constexpr std::uint32_t behaviours = 5;

/// One network, its ceremony after the finality gap, and the messages of every node made once.
class Stage {
  public:
    explicit Stage(const std::vector<std::uint64_t>& weights) : net_{weights}, dealt_{net_.setup} {
        dealt_.advance(net_.setup->deal_start());
        for (std::uint32_t i = 0; i < net_.size(); ++i) {
            const core::Bytes deal = net_.deal(i);
            EXPECT_TRUE(dealt_.apply(deal).verdict);
            core::Bytes other{Net::payload(deal).begin(), Net::payload(deal).end()};
            other.back() ^= 1;
            second_deals_.push_back(net_.signed_message(i, MessageKind::deal, other));
        }
        dealt_.advance(net_.setup->reveal_start());
        for (std::uint32_t i = 0; i < net_.size(); ++i) {
            reveals_.push_back(net_.reveal(i, dealt_));
            false_reveals_.push_back(net_.signed_message(i, MessageKind::reveal, toy::Scalar{i + 1}.view()));
        }
    }

    struct End {
        std::optional<Output> output;
        std::uint32_t convictions = 0;
    };

    End run(const std::vector<Behaviour>& nodes) {
        const Setup<ToyGroup>& setup = *net_.setup;
        Ceremony<ToyGroup> ceremony = dealt_;
        End end;
        const auto expect_refusal = [&](const Applied& applied) {
            EXPECT_FALSE(applied.verdict);
            end.convictions += applied.evidence && convict(setup, *applied.evidence, 1).has_value();
        };
        std::uint32_t revealed = 0;
        for (std::uint32_t i = 0; i < net_.size(); ++i) {
            if (nodes[i] == Behaviour::equivocating) expect_refusal(ceremony.apply(second_deals_[i]));
            if (nodes[i] == Behaviour::lying) expect_refusal(ceremony.apply(false_reveals_[i]));
            if (nodes[i] == Behaviour::honest || nodes[i] == Behaviour::equivocating) {
                EXPECT_TRUE(ceremony.apply(reveals_[i]).verdict);
                revealed |= 1u << i;
            }
        }
        if (!ceremony.output()) recover(ceremony, nodes, revealed, expect_refusal);
        end.output = ceremony.output();
        return end;
    }

    const Net& net() const { return net_; }

  private:
    template <typename Convict>
    void recover(Ceremony<ToyGroup>& ceremony, const std::vector<Behaviour>& nodes, std::uint32_t revealed,
                 const Convict& expect_refusal) {
        const Setup<ToyGroup>& setup = *net_.setup;
        ceremony.advance(setup.recovery_start());
        const auto& [shares, false_shares] = share_messages(ceremony, revealed);
        for (const bool second_pass : {false, true}) {
            if (second_pass) ceremony.advance(setup.recovery_start() + 1000);
            for (std::uint32_t i = 0; i < net_.size() && !ceremony.output(); ++i) {
                const bool late = nodes[i] == Behaviour::late;
                if (late != second_pass) continue;
                EXPECT_FALSE(late && ceremony.apply(reveals_[i]).verdict);
                if (setup.ticket_count(i) == 0 || nodes[i] == Behaviour::silent) continue;
                if (nodes[i] == Behaviour::lying) {
                    expect_refusal(ceremony.apply(false_shares[i]));
                } else {
                    EXPECT_TRUE(ceremony.apply(shares[i]).verdict);
                }
            }
        }
    }

    using Messages = std::vector<core::Bytes>;

    const std::pair<Messages, Messages>& share_messages(const Ceremony<ToyGroup>& ceremony,
                                                        std::uint32_t revealed) {
        auto& [shares, false_shares] = cache_[revealed];
        for (std::uint32_t i = static_cast<std::uint32_t>(shares.size()); i < net_.size(); ++i) {
            if (net_.setup->ticket_count(i) == 0) {
                shares.emplace_back();
                false_shares.emplace_back();
                continue;
            }
            shares.push_back(net_.shares(i, ceremony));
            auto lie = *detail::decode_shares(*net_.setup, i, Net::payload(shares.back()));
            lie.shares.elements[0] = lie.shares.elements[0] + toy::Point::multiply_base(toy::Scalar{1});
            false_shares.push_back(net_.signed_message(
                i, MessageKind::shares, detail::encode_shares<ToyGroup>(lie.recovery, lie.shares)));
        }
        return cache_[revealed];
    }

    Net net_;
    Ceremony<ToyGroup> dealt_;
    Messages second_deals_;
    Messages reveals_;
    Messages false_reveals_;
    std::map<std::uint32_t, std::pair<Messages, Messages>> cache_;
};

/// What must come of these behaviours, by the rules alone.
bool must_complete(const Setup<ToyGroup>& setup, const std::vector<Behaviour>& nodes) {
    std::uint32_t tickets = 0;
    bool all_reveal = true;
    for (std::uint32_t i = 0; i < nodes.size(); ++i) {
        const bool reveals = nodes[i] == Behaviour::honest || nodes[i] == Behaviour::equivocating;
        all_reveal = all_reveal && reveals;
        if (reveals || nodes[i] == Behaviour::late) tickets += setup.ticket_count(i);
    }
    return all_reveal || tickets >= setup.tickets().threshold;
}

class Exhaustive : public testing::TestWithParam<std::vector<std::uint64_t>> {};

TEST_P(Exhaustive, BehavioursWithinTheBoundGiveOneValueAndBeyondItNoOther) {
    Stage stage{GetParam()};
    const auto& setup = *stage.net().setup;
    const auto count = GetParam().size();
    std::vector<Behaviour> nodes(count, Behaviour::honest);
    const Output expected = stage.run(nodes).output.value();
    std::uint32_t assignments = 1;
    for (std::size_t i = 0; i < count; ++i) assignments *= behaviours;
    std::uint32_t stalls = 0;
    for (std::uint32_t assignment = 0; assignment < assignments; ++assignment) {
        WideWeight adversary = 0;
        std::uint32_t provable = 0;
        for (std::uint32_t i = 0, rest = assignment; i < count; ++i, rest /= behaviours) {
            nodes[i] = static_cast<Behaviour>(rest % behaviours);
            if (nodes[i] != Behaviour::honest) adversary += setup.holders()[i].weight;
            provable += nodes[i] == Behaviour::equivocating || nodes[i] == Behaviour::lying;
        }
        const Stage::End end = stage.run(nodes);
        ASSERT_EQ(end.output.has_value(), must_complete(setup, nodes)) << assignment;
        ASSERT_TRUE(!end.output || end.output->value == expected.value) << assignment;
        ASSERT_TRUE(end.output || adversary > part_of({2, 5}, setup.tickets().total_weight)) << assignment;
        ASSERT_GE(end.convictions, provable) << assignment;
        stalls += !end.output;
    }
    EXPECT_GT(stalls, 0u);
}

INSTANTIATE_TEST_SUITE_P(Weights, Exhaustive,
                         testing::Values(std::vector<std::uint64_t>{1}, std::vector<std::uint64_t>{1, 1},
                                         std::vector<std::uint64_t>{3, 2, 1},
                                         std::vector<std::uint64_t>{1, 1, 1, 1},
                                         std::vector<std::uint64_t>{5, 4, 3, 2, 1},
                                         std::vector<std::uint64_t>{1, 1, 1, 1, 1, 1},
                                         std::vector<std::uint64_t>{9, 7, 5, 3, 2, 1}));

// Which deals count decides the value; no subset of bad or missing deals stops the others.
TEST(ExhaustiveDeals, AnyQuorumOfDealsMakesAValueOfItsOwn) {
    const Net net{{1, 1, 1, 1, 1}};
    std::map<core::BeaconOutput, std::uint32_t> seen;
    for (std::uint32_t set = 0; set < 32; ++set) {
        Ceremony<ToyGroup> ceremony{net.setup};
        ceremony.advance(net.setup->deal_start());
        WideWeight weight = 0;
        for (std::uint32_t i = 0; i < 5; ++i) {
            const core::Bytes deal = net.deal(i);
            if (set >> i & 1) {
                ASSERT_TRUE(ceremony.apply(deal).verdict);
                weight += 1;
            } else {
                core::Bytes bad{Net::payload(deal).begin(), Net::payload(deal).end()};
                bad[bad.size() - toy::Scalar::size] ^= 1;
                ASSERT_FALSE(ceremony.apply(net.signed_message(i, MessageKind::deal, bad)).verdict);
            }
        }
        ceremony.advance(net.setup->reveal_start());
        ASSERT_EQ(ceremony.phase() == Phase::abandoned, weight < net.setup->quorum()) << set;
        if (ceremony.phase() == Phase::abandoned) continue;
        for (const std::uint32_t i : ceremony.dealt())
            ASSERT_TRUE(ceremony.apply(net.reveal(i, ceremony)).verdict);
        ASSERT_TRUE(ceremony.output());
        EXPECT_TRUE(seen.emplace(ceremony.output()->value, set).second);
    }
    EXPECT_GT(seen.size(), 10u);
}

// Exactly as many silent tickets as can be, and one more.
TEST(ExhaustiveDeals, TheBoundOfSilentTicketsIsSharp) {
    const Net net{std::vector<std::uint64_t>(6, 1)};
    const auto& setup = *net.setup;
    Ceremony<ToyGroup> dealt{net.setup};
    dealt.advance(setup.deal_start());
    for (std::uint32_t i = 0; i < 6; ++i) ASSERT_TRUE(dealt.apply(net.deal(i)).verdict);
    dealt.advance(setup.recovery_start());
    for (std::uint32_t set = 0; set < 64; ++set) {
        Ceremony<ToyGroup> ceremony = dealt;
        std::uint32_t silent = 0;
        for (std::uint32_t i = 0; i < 6 && !ceremony.output(); ++i) {
            if (setup.ticket_count(i) == 0) continue;
            if (set >> i & 1) {
                silent += setup.ticket_count(i);
            } else {
                ASSERT_TRUE(ceremony.apply(net.shares(i, ceremony)).verdict);
            }
        }
        if (!ceremony.output()) {
            EXPECT_GT(silent, setup.tickets().total - setup.tickets().threshold);
            EXPECT_GT(ceremony.missing_tickets(), 0u);
            EXPECT_EQ(ceremony.phase(), Phase::recovery);
        }
    }
}

}  // namespace
}  // namespace pouw::inline v1::beacon
