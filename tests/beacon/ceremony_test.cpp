// The ceremony's rules: windows, evidence, persistence, reorganisations.
#include "pouw/beacon/ceremony.hpp"

#include "beacon/network.hpp"
#include "beacon/toy_group.hpp"

#include "pouw/beacon/errc.hpp"
#include "pouw/core/describe.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/crypto/evidence.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <numeric>
#include <type_traits>

namespace pouw::inline v1::beacon {
namespace {

using test_network::Network;

template <typename G>
class CeremonyTest : public testing::Test {
  protected:
    CeremonyTest() : network{{50, 40, 30, 20, 10}} {}

    const beacon::Setup<G>& setup() const { return *network.setup; }
    Ceremony<G> at(core::Height height) const {
        Ceremony<G> ceremony{network.setup};
        ceremony.advance(height);
        return ceremony;
    }
    /// Everybody has dealt, at the block before `height`'s phase matters.
    Ceremony<G> dealt_at(core::Height height) const {
        Ceremony<G> ceremony = at(setup().deal_start());
        for (std::uint32_t i = 0; i < network.size(); ++i)
            EXPECT_TRUE(ceremony.apply(network.deal(i)).verdict);
        ceremony.advance(height);
        return ceremony;
    }
    static core::error_code refusal(const Applied& applied) {
        EXPECT_FALSE(applied.verdict);
        return applied.verdict ? core::error_code{} : applied.verdict.error().code;
    }
    /// Whether the evidence is of this misbehaviour and convicts this node, after a round trip through its
    /// encoding.
    void expect_conviction(const std::optional<Evidence>& evidence, std::uint32_t node,
                           Misbehaviour kind) const {
        ASSERT_TRUE(evidence);
        const auto decoded = Evidence::decode(evidence->encode());
        ASSERT_TRUE(decoded);
        EXPECT_EQ(*decoded, *evidence);
        const auto conviction = convict(setup(), *decoded, 1234);
        ASSERT_TRUE(conviction) << core::describe(conviction.error());
        EXPECT_EQ(*conviction,
                  (core::Conviction{setup().holders()[node].node, core::Ground::beacon_misbehaviour,
                                    crypto::evidence_digest(evidence->encode()), 1234}));
        EXPECT_EQ(evidence->kind, kind);
    }
    Output run_without(const std::vector<std::uint32_t>& silent_revealers) const {
        Ceremony<G> ceremony = dealt_at(setup().reveal_start());
        for (std::uint32_t i = 0; i < network.size(); ++i) {
            if (std::find(silent_revealers.begin(), silent_revealers.end(), i) != silent_revealers.end())
                continue;
            EXPECT_TRUE(ceremony.apply(network.reveal(i, ceremony)).verdict);
        }
        if (ceremony.output()) return *ceremony.output();
        ceremony.advance(setup().recovery_start());
        for (std::uint32_t i = 0; i < network.size() && !ceremony.output(); ++i) {
            if (setup().ticket_count(i) == 0) continue;
            EXPECT_TRUE(ceremony.apply(network.shares(i, ceremony)).verdict);
        }
        return ceremony.output().value();
    }

    Network<G> network;
};

using Groups = testing::Types<Ristretto255, toy::ToyGroup>;
TYPED_TEST_SUITE(CeremonyTest, Groups);

/// True registrations of so many holders, in the small group.
std::vector<Holder<toy::ToyGroup>> many_holders(std::uint64_t count,
                                                const std::function<std::uint64_t(std::uint64_t)>& weight,
                                                std::uint64_t first_seed = 1000) {
    std::vector<Holder<toy::ToyGroup>> out;
    for (std::uint64_t i = 0; i < count; ++i) {
        const crypto::MasterSeed master = test_network::seed_of(first_seed + i);
        const core::NodeId node = crypto::SigningKey::derive(master).public_key();
        out.push_back(
            Participant<toy::ToyGroup>::derive(master, node).holder(test_network::chain_id(), weight(i)));
    }
    return out;
}

TYPED_TEST(CeremonyTest, AllRevealAndTheOutputIsKnownAtOnce) {
    const Output output = this->run_without({});
    EXPECT_EQ(output.height, this->setup().reveal_start());
    EXPECT_EQ(output.known_at, this->setup().reveal_start());
}

// A coalition that holds back the last reveal knows the value while the window is still open: whoever
// registers a key then has chosen it.
TYPED_TEST(CeremonyTest, TheOutputMayBeKnownFromTheFirstReveal) {
    Ceremony<TypeParam> ceremony = this->dealt_at(this->setup().reveal_start());
    const core::Height last = this->setup().recovery_start() - 1;
    for (std::uint32_t i = 0; i < this->network.size(); ++i) {
        if (i + 1 == this->network.size()) ceremony.advance(last);
        ASSERT_TRUE(ceremony.apply(this->network.reveal(i, ceremony)).verdict);
    }
    const Output output = ceremony.output().value();
    EXPECT_EQ(output.value, this->run_without({}).value);
    EXPECT_EQ(output.known_at, this->setup().reveal_start());
    EXPECT_EQ(output.height, last);
    EXPECT_LT(output.known_at, output.height);
}

TYPED_TEST(CeremonyTest, WhoRevealsChangesNothingButTheHeight) {
    const Output all = this->run_without({});
    for (std::uint32_t set = 1; set < 32; ++set) {
        std::vector<std::uint32_t> silent;
        for (std::uint32_t i = 0; i < 5; ++i) {
            if (set >> i & 1) silent.push_back(i);
        }
        const Output output = this->run_without(silent);
        EXPECT_EQ(output.value, all.value);
        EXPECT_EQ(output.height, this->setup().recovery_start());
        EXPECT_EQ(output.known_at, all.known_at);
    }
}

TYPED_TEST(CeremonyTest, WindowsOpenAndCloseToTheBlock) {
    const auto& frozen = this->setup();
    const core::Bytes deal = this->network.deal(0);
    EXPECT_EQ(this->refusal(Ceremony<TypeParam>{this->network.setup}.apply(deal)), core::errc::too_early);
    EXPECT_EQ(this->refusal(this->at(frozen.deal_start() - 1).apply(deal)), core::errc::too_early);
    EXPECT_TRUE(this->at(frozen.deal_start()).apply(deal).verdict);
    EXPECT_TRUE(this->at(frozen.finality_start() - 1).apply(deal).verdict);
    EXPECT_EQ(this->refusal(this->at(frozen.finality_start()).apply(deal)), core::errc::too_late);

    const core::Bytes reveal = this->network.reveal(0, this->dealt_at(frozen.reveal_start()));
    for (const auto& [height, expected] :
         {std::pair{core::Height{frozen.finality_start() - 1}, core::errc::too_early},
          {frozen.finality_start(), core::errc::too_early},
          {frozen.reveal_start() - 1, core::errc::too_early},
          {frozen.recovery_start(), core::errc::too_late}}) {
        EXPECT_EQ(this->refusal(this->dealt_at(height).apply(reveal)), expected) << height.value;
    }
    EXPECT_TRUE(this->dealt_at(frozen.reveal_start()).apply(reveal).verdict);
    EXPECT_TRUE(this->dealt_at(frozen.recovery_start() - 1).apply(reveal).verdict);

    const core::Bytes shares = this->network.shares(0, this->dealt_at(frozen.recovery_start()));
    EXPECT_EQ(this->refusal(this->dealt_at(frozen.recovery_start() - 1).apply(shares)),
              core::errc::too_early);
    EXPECT_TRUE(this->dealt_at(frozen.recovery_start()).apply(shares).verdict);
    EXPECT_TRUE(this->dealt_at(frozen.recovery_start() + 1000000).apply(shares).verdict);
}

TYPED_TEST(CeremonyTest, ParticipantsKeepToTheWindows) {
    const auto& participant = this->network.nodes[0].participant;
    const auto& frozen = this->setup();
    EXPECT_EQ(participant.reveal(this->dealt_at(frozen.finality_start())).error().code,
              core::errc::too_early);
    EXPECT_EQ(participant.reveal(this->dealt_at(frozen.reveal_start() - 1)).error().code,
              core::errc::too_early);
    EXPECT_EQ(participant.reveal(this->dealt_at(frozen.recovery_start())).error().code, core::errc::too_late);
    EXPECT_EQ(participant.shares(this->dealt_at(frozen.recovery_start() - 1)).error().code,
              core::errc::too_early);
    EXPECT_EQ(participant.reveal(this->at(frozen.reveal_start())).error().code, beacon::errc::unknown_sender);
    const auto stranger = Participant<TypeParam>::derive(test_network::seed_of(99), {});
    EXPECT_EQ(stranger.deal(frozen).error().code, beacon::errc::unknown_sender);
    EXPECT_EQ(stranger.reveal(this->dealt_at(frozen.reveal_start())).error().code,
              beacon::errc::unknown_sender);
    EXPECT_EQ(stranger.shares(this->dealt_at(frozen.recovery_start())).error().code,
              beacon::errc::unknown_sender);
    // A node whose keys are no longer those it dealt with does not convict itself.
    const auto other = Participant<TypeParam>::derive(test_network::seed_of(99), frozen.holders()[0].node);
    EXPECT_EQ(other.reveal(this->dealt_at(frozen.reveal_start())).error().code, beacon::errc::false_reveal);
}

TYPED_TEST(CeremonyTest, RefusedMessagesLeaveTheStateAlone) {
    auto ceremony = this->dealt_at(this->setup().reveal_start());
    ASSERT_TRUE(ceremony.apply(this->network.reveal(0, ceremony)).verdict);
    const core::Bytes before = ceremony.save();
    core::Bytes message = this->network.reveal(1, ceremony);
    for (std::size_t i = 0; i < message.size(); ++i) {
        message[i] ^= 1;
        EXPECT_FALSE(ceremony.apply(message).verdict) << i;
        message[i] ^= 1;
    }
    for (std::size_t size = 0; size < message.size(); ++size) {
        EXPECT_FALSE(ceremony.apply(core::ByteView{message}.first(size)).verdict) << size;
    }
    message.push_back(0);
    EXPECT_FALSE(ceremony.apply(message).verdict);
    EXPECT_EQ(this->refusal(ceremony.apply(core::Bytes(1 << 20))), core::errc::wrong_length);
    EXPECT_EQ(ceremony.save(), before);
}

TYPED_TEST(CeremonyTest, ReplaysAreRefused) {
    auto ceremony = this->at(this->setup().deal_start());
    ASSERT_TRUE(ceremony.apply(this->network.deal(0)).verdict);
    const auto again = ceremony.apply(this->network.deal(0));
    EXPECT_EQ(this->refusal(again), beacon::errc::duplicate_message);
    EXPECT_FALSE(again.evidence);

    auto revealing = this->dealt_at(this->setup().reveal_start());
    const core::Bytes reveal = this->network.reveal(2, revealing);
    ASSERT_TRUE(revealing.apply(reveal).verdict);
    EXPECT_EQ(this->refusal(revealing.apply(reveal)), beacon::errc::duplicate_message);

    auto recovering = this->dealt_at(this->setup().recovery_start());
    const core::Bytes shares = this->network.shares(2, recovering);
    ASSERT_TRUE(recovering.apply(shares).verdict);
    EXPECT_EQ(this->refusal(recovering.apply(shares)), beacon::errc::duplicate_message);
}

TYPED_TEST(CeremonyTest, MessagesOfAnotherCeremonyAreRefused) {
    for (const auto& change : std::vector<void (*)(SessionId&, Parameters&)>{
             [](SessionId&o, Parameters&) { o.chain_id = "o"; }, [](SessionId&o, Parameters&) { ++o.epoch; },
             [](SessionId&o, Parameters&) { ++o.round; }, [](SessionId&o, Parameters&) { ++o.start; },
             [](SessionId&, Parameters&p) { ++p.windows.reveal; },
             [](SessionId&, Parameters&p) {
                 p.tickets.adversary = {1, 3};
             }}) {
        SessionId session = test_network::session();
        Parameters parameters = test_network::parameters();
        change(session, parameters);
        std::vector<Holder<TypeParam>> holders;
        for (std::uint32_t i = 0; i < this->network.size(); ++i) {
            holders.push_back(
                this->network.nodes[i].participant.holder(session.chain_id, this->network.holders[i].weight));
        }
        const auto other = beacon::Setup<TypeParam>::create(session, parameters, holders).value();
        EXPECT_NE(other->id(), this->setup().id());
        Ceremony<TypeParam> ceremony{other};
        ceremony.advance(other->deal_start());
        EXPECT_EQ(this->refusal(ceremony.apply(this->network.deal(0))), beacon::errc::other_ceremony);
        // Nor with the envelope made anew: the proof is bound too.
        const core::Bytes old = this->network.deal(0);
        const auto& payload = Network<TypeParam>::payload(old);
        if (other->tickets().total != this->setup().tickets().total) continue;
        const auto forged =
            detail::unsigned_message(*other, MessageKind::deal, this->setup().holders()[0].node, payload)
                .sign(this->network.nodes[0].signing_key);
        EXPECT_EQ(this->refusal(ceremony.apply(forged)), beacon::errc::invalid_deal);
    }
}

TYPED_TEST(CeremonyTest, ChangedWeightsOrKeysAreAnotherCeremony) {
    auto holders = this->network.holders;
    ++holders[0].weight;
    const auto other =
        beacon::Setup<TypeParam>::create(test_network::session(), test_network::parameters(), holders)
            .value();
    Ceremony<TypeParam> ceremony{other};
    ceremony.advance(other->deal_start());
    EXPECT_EQ(this->refusal(ceremony.apply(this->network.deal(0))), beacon::errc::other_ceremony);
}

TYPED_TEST(CeremonyTest, StrangersAndWrongSignaturesAreRefused) {
    auto ceremony = this->at(this->setup().deal_start());
    const core::Bytes deal = this->network.deal(0);
    const auto payload = Network<TypeParam>::payload(deal);
    const auto key = crypto::SigningKey::derive(test_network::seed_of(77));
    const auto stranger =
        detail::unsigned_message(this->setup(), MessageKind::deal, key.public_key(), payload).sign(key);
    EXPECT_EQ(this->refusal(ceremony.apply(stranger)), beacon::errc::unknown_sender);
    const auto impostor =
        detail::unsigned_message(this->setup(), MessageKind::deal, this->setup().holders()[0].node, payload)
            .sign(key);
    EXPECT_EQ(this->refusal(ceremony.apply(impostor)), crypto::errc::invalid_signature);
    // Another's deal under one's own name: the proof is bound to the dealer.
    const auto copied = ceremony.apply(this->network.signed_message(1, MessageKind::deal, payload));
    EXPECT_EQ(this->refusal(copied), beacon::errc::invalid_deal);
    this->expect_conviction(copied.evidence, 1, Misbehaviour::invalid_deal);
    // It may still deal properly.
    EXPECT_TRUE(ceremony.apply(this->network.deal(1)).verdict);
}

TYPED_TEST(CeremonyTest, EquivocationIsProvenInEveryPhase) {
    const core::Bytes first = this->network.deal(0);
    core::Bytes payload{Network<TypeParam>::payload(first).begin(), Network<TypeParam>::payload(first).end()};
    payload.back() ^= 1;
    const core::Bytes second = this->network.signed_message(0, MessageKind::deal, payload);
    for (const core::Height height : {this->setup().deal_start(), this->setup().finality_start(),
                                      this->setup().reveal_start(), this->setup().recovery_start()}) {
        auto ceremony = this->dealt_at(height);
        const auto applied = ceremony.apply(second);
        EXPECT_EQ(this->refusal(applied), beacon::errc::equivocation);
        this->expect_conviction(applied.evidence, 0, Misbehaviour::equivocation);
    }
}

TYPED_TEST(CeremonyTest, MalformedContentIsProven) {
    auto ceremony = this->at(this->setup().deal_start());
    const core::Bytes good = this->network.deal(0);
    const auto view = Network<TypeParam>::payload(good);
    core::Bytes longer{view.begin(), view.end()};
    longer.push_back(0);
    core::Bytes no_point{view.begin(), view.end()};
    std::fill_n(no_point.begin(), TypeParam::Point::size, std::uint8_t{0xff});
    core::Bytes no_scalar{view.begin(), view.end()};
    std::fill(no_scalar.end() - TypeParam::Scalar::size, no_scalar.end(), std::uint8_t{0xff});
    for (const core::Bytes& bad : {core::Bytes{}, longer, no_point, no_scalar}) {
        const auto applied = ceremony.apply(this->network.signed_message(0, MessageKind::deal, bad));
        EXPECT_EQ(this->refusal(applied), beacon::errc::malformed_message);
        this->expect_conviction(applied.evidence, 0, Misbehaviour::malformed);
    }
    const auto unknown = ceremony.apply(this->network.signed_message(0, static_cast<MessageKind>(9), view));
    EXPECT_EQ(this->refusal(unknown), beacon::errc::malformed_message);
    this->expect_conviction(unknown.evidence, 0, Misbehaviour::malformed);

    auto revealing = this->dealt_at(this->setup().reveal_start());
    core::Bytes too_big(TypeParam::Scalar::size, 0xff);
    const auto reveal = revealing.apply(this->network.signed_message(0, MessageKind::reveal, too_big));
    this->expect_conviction(reveal.evidence, 0, Misbehaviour::malformed);
    auto recovering = this->dealt_at(this->setup().recovery_start());
    const auto shares =
        recovering.apply(this->network.signed_message(0, MessageKind::shares, core::Bytes(40)));
    this->expect_conviction(shares.evidence, 0, Misbehaviour::malformed);
}

TYPED_TEST(CeremonyTest, IdentityInADealIsProven) {
    auto ceremony = this->at(this->setup().deal_start());
    const core::Bytes good = this->network.deal(0);
    auto deal = *detail::decode_deal(this->setup(), Network<TypeParam>::payload(good));
    deal.shares[1] = typename TypeParam::Point{};
    const auto applied =
        ceremony.apply(this->network.signed_message(0, MessageKind::deal, detail::encode_deal(deal)));
    EXPECT_EQ(this->refusal(applied), crypto::errc::identity_point);
    this->expect_conviction(applied.evidence, 0, Misbehaviour::invalid_deal);
}

TYPED_TEST(CeremonyTest, AFalseRevealIsProvenAndTheSecretRecovered) {
    auto ceremony = this->dealt_at(this->setup().reveal_start());
    const typename TypeParam::Scalar lie{12345};
    const auto applied = ceremony.apply(this->network.signed_message(0, MessageKind::reveal, lie.view()));
    EXPECT_EQ(this->refusal(applied), beacon::errc::false_reveal);
    this->expect_conviction(applied.evidence, 0, Misbehaviour::false_reveal);
    // The true secret still counts within the window.
    EXPECT_TRUE(ceremony.apply(this->network.reveal(0, ceremony)).verdict);
}

TYPED_TEST(CeremonyTest, FalseSharesAreProven) {
    auto ceremony = this->dealt_at(this->setup().recovery_start());
    const core::Bytes good = this->network.shares(0, ceremony);
    auto message = *detail::decode_shares(this->setup(), 0, Network<TypeParam>::payload(good));
    message.shares.elements[0] =
        message.shares.elements[0] + TypeParam::Point::multiply_base(typename TypeParam::Scalar{1});
    const auto applied = ceremony.apply(this->network.signed_message(
        0, MessageKind::shares, detail::encode_shares<TypeParam>(message.recovery, message.shares)));
    EXPECT_EQ(this->refusal(applied), beacon::errc::invalid_shares);
    this->expect_conviction(applied.evidence, 0, Misbehaviour::invalid_shares);
    EXPECT_TRUE(ceremony.apply(good).verdict);
}

TYPED_TEST(CeremonyTest, SharesOfAnotherRecoveryAreRefusedAndProveNothing) {
    auto others = this->dealt_at(this->setup().reveal_start());
    ASSERT_TRUE(others.apply(this->network.reveal(1, others)).verdict);
    others.advance(this->setup().recovery_start());
    auto ceremony = this->dealt_at(this->setup().recovery_start());
    const auto applied = ceremony.apply(this->network.shares(0, others));
    EXPECT_EQ(this->refusal(applied), beacon::errc::other_recovery);
    EXPECT_FALSE(applied.evidence);
}

TYPED_TEST(CeremonyTest, EvidenceAgainstTheHonestConvictsNobody) {
    const auto& net = this->network;
    auto revealing = this->dealt_at(this->setup().reveal_start());
    auto recovering = this->dealt_at(this->setup().recovery_start());
    const core::Bytes deal = net.deal(0);
    const core::Bytes other_deal = net.deal(1);
    const core::Bytes reveal = net.reveal(0, revealing);
    const core::Bytes shares = net.shares(0, recovering);
    const core::Bytes statement(100, 1);
    for (const core::Bytes& message : {deal, reveal, shares}) {
        for (const core::Bytes& context : {core::Bytes{}, deal, other_deal, reveal, shares, statement}) {
            for (const auto kind :
                 {Misbehaviour::malformed, Misbehaviour::invalid_deal, Misbehaviour::equivocation,
                  Misbehaviour::false_reveal, Misbehaviour::invalid_shares}) {
                EXPECT_FALSE(convict(this->setup(), {kind, message, context}, 1));
            }
        }
    }
    core::Bytes unsigned_deal = deal;
    unsigned_deal[100] ^= 1;
    EXPECT_EQ(convict(this->setup(), {Misbehaviour::malformed, unsigned_deal, {}}, 1).error().code,
              crypto::errc::invalid_signature);
    // Two signatures of one deal are one deal.
    EXPECT_EQ(convict(this->setup(), {Misbehaviour::equivocation, deal, deal}, 1).error().code,
              core::errc::no_misbehaviour);
}

TYPED_TEST(CeremonyTest, EvidenceDecodesOneWay) {
    const Evidence evidence{Misbehaviour::equivocation, {1, 2, 3}, {4}};
    core::Bytes data = evidence.encode();
    EXPECT_EQ(Evidence::decode(data).value(), evidence);
    for (std::size_t size = 0; size < data.size(); ++size) {
        EXPECT_FALSE(Evidence::decode(core::ByteView{data}.first(size)));
    }
    data.push_back(0);
    EXPECT_EQ(Evidence::decode(data).error().code, core::errc::trailing_bytes);
    data.pop_back();
    for (const std::uint8_t kind : {std::uint8_t{0}, std::uint8_t{6}, std::uint8_t{255}}) {
        data[4] = kind;
        EXPECT_EQ(Evidence::decode(data).error().code, beacon::errc::malformed_message);
    }
    data[0] ^= 1;
    EXPECT_EQ(Evidence::decode(data).error().code, core::errc::unsupported_version);
}

TYPED_TEST(CeremonyTest, RestoredAfterEveryMessageItEndsTheSame) {
    const Output expected = this->run_without({0, 1});
    const auto restored = [&](const Ceremony<TypeParam>& ceremony) {
        auto copy = Ceremony<TypeParam>::restore(this->network.setup, ceremony.save());
        EXPECT_TRUE(copy) << core::describe(copy.error());
        EXPECT_EQ(copy->save(), ceremony.save());
        EXPECT_EQ(copy->phase(), ceremony.phase());
        EXPECT_EQ(copy->output(), ceremony.output());
        return *std::move(copy);
    };
    auto ceremony = restored(Ceremony<TypeParam>{this->network.setup});
    for (std::uint32_t i = 0; i < 5; ++i) {
        ceremony.advance(this->setup().deal_start() + i / 2);
        ASSERT_TRUE(ceremony.apply(this->network.deal(i)).verdict);
        ceremony = restored(ceremony);
    }
    for (core::Height height = this->setup().finality_start(); height <= this->setup().reveal_start();
         ++height) {
        ceremony.advance(height);
        ceremony = restored(ceremony);
    }
    for (std::uint32_t i = 2; i < 5; ++i) {
        ASSERT_TRUE(ceremony.apply(this->network.reveal(i, ceremony)).verdict);
        ceremony = restored(ceremony);
    }
    ceremony.advance(this->setup().recovery_start());
    ceremony = restored(ceremony);
    for (std::uint32_t i = 0; i < 5 && !ceremony.output(); ++i) {
        if (this->setup().ticket_count(i) == 0) continue;
        ASSERT_TRUE(ceremony.apply(this->network.shares(i, ceremony)).verdict);
        ceremony = restored(ceremony);
    }
    EXPECT_EQ(ceremony.output(), expected);
}

TYPED_TEST(CeremonyTest, ADamagedStateIsRefused) {
    auto ceremony = this->at(this->setup().deal_start());
    ASSERT_TRUE(ceremony.apply(this->network.deal(0)).verdict);
    const core::Bytes good = ceremony.save();
    const auto restore = [&](core::ByteView data) {
        return Ceremony<TypeParam>::restore(this->network.setup, data);
    };
    for (std::size_t i = 0; i < good.size(); i += 7) {
        core::Bytes bad = good;
        bad[i] ^= 4;
        EXPECT_FALSE(restore(bad)) << i;
    }
    EXPECT_FALSE(restore({}));
    EXPECT_FALSE(restore(core::ByteView{good}.first(good.size() - 1)));
    // With a digest that fits, the content is still checked.
    const auto sealed = [](core::Bytes body) {
        core::append(body, crypto::hash(crypto::domain::ceremony_state, body).view());
        return body;
    };
    const core::Bytes body{good.begin(), good.end() - 32};
    EXPECT_TRUE(restore(sealed(body)));
    core::Bytes trailing = body;
    trailing.push_back(0);
    EXPECT_EQ(restore(sealed(trailing)).error().code, core::errc::trailing_bytes);
    core::Bytes more = body;
    more[44] = 0xff;
    EXPECT_EQ(restore(sealed(more)).error().code, core::errc::truncated);
    core::Bytes forged = body;
    forged[200] ^= 1;
    EXPECT_EQ(restore(sealed(forged)).error().code, beacon::errc::invalid_state);
    core::Bytes other = body;
    other[10] ^= 1;
    EXPECT_EQ(restore(sealed(other)).error().code, beacon::errc::other_ceremony);
    core::Bytes backwards = body;
    backwards[36] = 1;
    EXPECT_EQ(restore(sealed(backwards)).error().code, beacon::errc::invalid_state);
}

TYPED_TEST(CeremonyTest, AReorganisationWithinTheGapIsAnOrdinaryHistory) {
    const auto& frozen = this->setup();
    // One branch holds all deals; the chain goes back to before the last two and takes them in other blocks.
    auto fork_point = this->at(frozen.deal_start());
    for (std::uint32_t i = 0; i < 3; ++i) ASSERT_TRUE(fork_point.apply(this->network.deal(i)).verdict);
    const core::Bytes snapshot = fork_point.save();
    auto first = fork_point;
    first.advance(frozen.deal_start() + 1);
    for (std::uint32_t i = 3; i < 5; ++i) ASSERT_TRUE(first.apply(this->network.deal(i)).verdict);
    first.advance(frozen.reveal_start() - 1);

    auto second = Ceremony<TypeParam>::restore(this->network.setup, snapshot).value();
    second.advance(frozen.finality_start() - 1);
    for (std::uint32_t i = 5; i-- > 3;) ASSERT_TRUE(second.apply(this->network.deal(i)).verdict);
    second.advance(frozen.reveal_start());
    for (std::uint32_t i = 0; i < 5; ++i) ASSERT_TRUE(second.apply(this->network.reveal(i, second)).verdict);
    EXPECT_EQ(second.output(), this->run_without({}));

    // A branch in which a deal is missing is another history with another value; its recovery does not take
    // the shares of the first.
    auto third = Ceremony<TypeParam>::restore(this->network.setup, snapshot).value();
    third.advance(frozen.deal_start() + 1);
    ASSERT_TRUE(third.apply(this->network.deal(3)).verdict);
    third.advance(frozen.reveal_start());
    for (std::uint32_t i = 0; i < 4; ++i) ASSERT_TRUE(third.apply(this->network.reveal(i, third)).verdict);
    EXPECT_NE(third.output()->value, second.output()->value);
}

TYPED_TEST(CeremonyTest, TooLittleWeightDealtAbandonsTheRoundBeforeAnythingIsKnown) {
    // Total 150, adversary up to 60: the quorum is 61.
    EXPECT_TRUE(this->setup().quorum() == 61);
    auto ceremony = this->at(this->setup().deal_start());
    const auto position = [&](std::uint64_t weight) {
        for (std::uint32_t i = 0; i < 5; ++i) {
            if (this->network.holders[i].weight == weight) return i;
        }
        return 5u;
    };
    ASSERT_TRUE(ceremony.apply(this->network.deal(position(50))).verdict);
    ASSERT_TRUE(ceremony.apply(this->network.deal(position(10))).verdict);
    auto enough = ceremony;
    ceremony.advance(this->setup().finality_start());
    EXPECT_EQ(ceremony.phase(), Phase::abandoned);
    ceremony.advance(this->setup().recovery_start() + 5);
    EXPECT_EQ(ceremony.phase(), Phase::abandoned);
    EXPECT_EQ(this->refusal(ceremony.apply(this->network.deal(position(20)))), core::errc::too_late);
    const auto next = ceremony.next_round(ceremony.height() + 1);
    ASSERT_TRUE(next);
    EXPECT_EQ((*next)->session().round, 1u);
    EXPECT_NE((*next)->id(), this->setup().id());
    EXPECT_DEATH((void)ceremony.next_round(ceremony.height()), "");

    ASSERT_TRUE(enough.apply(this->network.deal(position(20))).verdict);
    enough.advance(this->setup().finality_start());
    EXPECT_EQ(enough.phase(), Phase::finality);
    EXPECT_DEATH((void)enough.next_round(1000), "");
}

TYPED_TEST(CeremonyTest, DealsCheckedApartAreTheSame) {
    auto direct = this->at(this->setup().deal_start());
    auto apart = direct;
    for (std::uint32_t i = 0; i < 5; ++i) {
        const core::Bytes message = this->network.deal(i);
        const auto checked = CheckedDeal<TypeParam>::check(this->setup(), message);
        ASSERT_TRUE(checked);
        EXPECT_TRUE(direct.apply(message).verdict);
        EXPECT_TRUE(apart.apply(*checked).verdict);
        EXPECT_EQ(this->refusal(apart.apply(*checked)), beacon::errc::duplicate_message);
    }
    EXPECT_EQ(direct.save(), apart.save());
    EXPECT_FALSE(CheckedDeal<TypeParam>::check(this->setup(), core::Bytes(10)));
}

TYPED_TEST(CeremonyTest, SetupChecksEverything) {
    const auto create = [&](const auto& change) {
        SessionId session = test_network::session();
        Parameters parameters = test_network::parameters();
        auto holders = this->network.holders;
        change(session, parameters, holders);
        const auto setup = beacon::Setup<TypeParam>::create(session, parameters, holders);
        return setup ? core::error_code{} : setup.error().code;
    };
    using Holders = std::vector<Holder<TypeParam>>;
    EXPECT_EQ(create([](SessionId&, Parameters&, Holders& h) { std::reverse(h.begin(), h.end()); }),
              core::error_code{});
    EXPECT_EQ(create([](SessionId& o, Parameters&, Holders&) { o.chain_id = {}; }),
              beacon::errc::invalid_ceremony);
    EXPECT_EQ(create([](SessionId& o, Parameters&, Holders&) { o.start = 0; }),
              beacon::errc::invalid_ceremony);
    EXPECT_EQ(create([](SessionId& o, Parameters&, Holders&) { o.start = UINT64_MAX; }),
              beacon::errc::invalid_ceremony);
    EXPECT_EQ(create([](SessionId&, Parameters& p, Holders&) { p.windows.deal = 0; }),
              beacon::errc::invalid_ceremony);
    EXPECT_EQ(create([](SessionId&, Parameters& p, Holders&) { p.windows.reveal = 0; }),
              beacon::errc::invalid_ceremony);
    EXPECT_EQ(create([](SessionId&, Parameters& p, Holders&) { p.windows.finality = window_limit + 1; }),
              beacon::errc::invalid_ceremony);
    EXPECT_EQ(create([](SessionId&, Parameters& p, Holders&) { p.maximum_dealers = 0; }),
              beacon::errc::invalid_ceremony);
    EXPECT_EQ(create([](SessionId&, Parameters& p, Holders&) { p.tickets.minimum_holders = 6; }),
              beacon::errc::too_few_holders);
    EXPECT_EQ(create([](SessionId&, Parameters& p, Holders&) { p.maximum_dealers = 1; }),
              beacon::errc::weak_guarantee);
    EXPECT_EQ(create([](SessionId&, Parameters&, Holders& h) { h.clear(); }), beacon::errc::invalid_weights);
    EXPECT_EQ(create([](SessionId&, Parameters&, Holders& h) {
                  for (auto& holder : h) holder.share_key = typename TypeParam::Point{};
              }),
              beacon::errc::invalid_weights);
}

// One bad registrant does not stop the others.
TYPED_TEST(CeremonyTest, BadHoldersAreDroppedAndTheOthersGoOn) {
    using H = Holder<TypeParam>;
    const auto extra = [](std::uint64_t seed, std::uint64_t weight) {
        const crypto::MasterSeed master = test_network::seed_of(seed);
        const auto key = crypto::SigningKey::derive(master);
        return Participant<TypeParam>::derive(master, key.public_key())
            .holder(test_network::chain_id(), weight);
    };
    const H honest = this->network.holders[2];
    const H weightless = extra(90, 0);
    H false_possession = extra(91, 60);
    false_possession.possession = honest.possession;
    H identity = extra(92, 70);
    identity.share_key = {};
    H bad_node = extra(93, 5);
    bad_node.node.bytes.fill(0xff);
    // The key of an honest holder, for which nobody else can prove possession; heavier than its owner.
    H copied = extra(94, 80);
    copied.share_key = honest.share_key;
    copied.possession = honest.possession;
    H weightless_and_false = extra(95, 0);
    weightless_and_false.possession = honest.possession;

    auto holders = this->network.holders;
    const std::vector<H> bad{weightless, false_possession, identity, bad_node, copied, weightless_and_false};
    holders.insert(holders.begin() + 1, bad.begin(), bad.end());
    const auto create = [&] {
        return beacon::Setup<TypeParam>::create(test_network::session(), test_network::parameters(), holders)
            .value();
    };
    const auto with_bad = create();
    EXPECT_EQ(with_bad->id(), this->setup().id());
    EXPECT_EQ(with_bad->holders().size(), 5u);
    EXPECT_TRUE(with_bad->tickets().total_weight == this->setup().tickets().total_weight);
    std::vector<DroppedHolder> expected{{copied.node, 80, crypto::errc::false_possession},
                                        {identity.node, 70, crypto::errc::identity_point},
                                        {false_possession.node, 60, crypto::errc::false_possession},
                                        {bad_node.node, 5, crypto::errc::invalid_public_key},
                                        {weightless.node, 0, beacon::errc::weightless_holder},
                                        {weightless_and_false.node, 0, beacon::errc::weightless_holder}};
    if (expected[5].node < expected[4].node) std::swap(expected[4], expected[5]);
    EXPECT_EQ(with_bad->dropped(), expected);
    std::reverse(holders.begin(), holders.end());
    EXPECT_EQ(create()->dropped(), expected);
    EXPECT_TRUE(this->setup().dropped().empty());
}

TYPED_TEST(CeremonyTest, OfDuplicatesTheHeaviestStays) {
    const auto& all = this->network.holders;
    const auto create = [](const std::vector<Holder<TypeParam>>& holders) {
        return beacon::Setup<TypeParam>::create(test_network::session(), test_network::parameters(), holders)
            .value();
    };
    // One share key for two nodes, each with a valid proof of its own: only its owner can make them.
    for (const std::uint64_t weight : {1u, 1000u}) {
        auto holders = all;
        const Participant<TypeParam> twin = Participant<TypeParam>::derive(
            test_network::seed_of(0), crypto::SigningKey::derive(test_network::seed_of(96)).public_key());
        holders.push_back(twin.holder(test_network::chain_id(), weight));
        const auto owner = std::find_if(all.begin(), all.end(), [&](const auto& holder) {
            return holder.share_key == holders.back().share_key;
        });
        ASSERT_NE(owner, all.end());
        const auto& lighter = weight == 1 ? holders.back() : *owner;
        EXPECT_EQ(
            create(holders)->dropped(),
            (std::vector<DroppedHolder>{{lighter.node, lighter.weight, beacon::errc::duplicate_holder}}));
    }
    // One node twice, with another key.
    auto holders = all;
    const auto other = Participant<TypeParam>::derive(test_network::seed_of(97), all[0].node);
    holders.push_back(other.holder(test_network::chain_id(), all[0].weight));
    const auto setup = create(holders);
    ASSERT_EQ(setup->dropped().size(), 1u);
    EXPECT_EQ(setup->dropped()[0],
              (DroppedHolder{all[0].node, all[0].weight, beacon::errc::duplicate_holder}));
    std::reverse(holders.begin(), holders.end());
    EXPECT_EQ(create(holders)->id(), setup->id());
    // The same registration twice is one.
    holders = all;
    holders.push_back(all[3]);
    EXPECT_EQ(create(holders)->id(), this->setup().id());
}

// Many registrations of one node: its weight counts once, and they take the place of nobody else.
TYPED_TEST(CeremonyTest, OneNodeThatRegistersOftenStopsNobody) {
    const auto participant = [](std::uint64_t number, const core::NodeId& node, std::uint64_t weight) {
        return Participant<TypeParam>::derive(test_network::seed_of(number), node)
            .holder(test_network::chain_id(), weight);
    };
    const auto node_of = [](std::uint64_t number) {
        return crypto::SigningKey::derive(test_network::seed_of(number)).public_key();
    };
    for (const std::uint64_t weight : {1u, 101u}) {
        std::vector<Holder<TypeParam>> holders;
        for (std::uint64_t i = 0; i < 70; ++i)
            holders.push_back(participant(1000 + i, node_of(1000 + i), 100));
        constexpr std::uint64_t registrations = 200;
        for (std::uint64_t i = 0; i < registrations; ++i)
            holders.push_back(participant(2000 + i, node_of(999), weight));
        const auto setup =
            beacon::Setup<TypeParam>::create(test_network::session(), Parameters{}, holders).value();
        EXPECT_EQ(setup->tickets().total_weight, 7000u + weight);
        EXPECT_EQ(setup->dropped().size(), registrations - 1);
        for (const DroppedHolder& dropped : setup->dropped())
            EXPECT_EQ(dropped, (DroppedHolder{node_of(999), weight, beacon::errc::duplicate_holder}));
    }
}

TYPED_TEST(CeremonyTest, TheLightestAreCutAndTheirWeightCountsWithTheAdversary) {
    Parameters parameters = test_network::parameters();
    parameters.tickets.maximum_tickets = 3;
    parameters.maximum_dealers = 3;
    const auto setup =
        beacon::Setup<TypeParam>::create(test_network::session(), parameters, this->network.holders).value();
    // 50, 40 and 30 of 150 take part.
    ASSERT_EQ(setup->holders().size(), 3u);
    EXPECT_EQ(setup->dropped().size(), 2u);
    for (const DroppedHolder& dropped : setup->dropped())
        EXPECT_EQ(dropped.reason, beacon::errc::beyond_limit);
    EXPECT_TRUE(setup->tickets().total_weight == 150);
    // The dealers weigh 120, less than twice the asked 60 and one.
    EXPECT_TRUE(setup->quorum() == 60);
    EXPECT_TRUE(setup->bound().secrecy == 59 && setup->bound().liveness == 60);
    EXPECT_TRUE(this->setup().bound().secrecy == 60 && this->setup().bound().liveness >= 60);
    parameters.tickets.minimum_adversary = {2, 5};
    EXPECT_EQ(beacon::Setup<TypeParam>::create(test_network::session(), parameters, this->network.holders)
                  .error()
                  .code,
              beacon::errc::weak_guarantee);
    // What was cut is part of the id.
    auto heavier = this->network.holders;
    for (auto& holder : heavier) holder.weight += holder.weight == 10 ? 1 : 0;
    parameters.tickets.minimum_adversary = {1, 4};
    EXPECT_NE(beacon::Setup<TypeParam>::create(test_network::session(), parameters, heavier).value()->id(),
              setup->id());
    // And the next round has the same parts.
    Ceremony<TypeParam> ceremony{setup};
    ceremony.advance(setup->finality_start());
    ASSERT_EQ(ceremony.phase(), Phase::abandoned);
    const auto next = ceremony.next_round(ceremony.height() + 1).value();
    EXPECT_TRUE(next->quorum() == 60 && next->tickets().total_weight == 150);
    EXPECT_EQ(next->dropped(), setup->dropped());
    EXPECT_NE(next->id(), setup->id());
}

// Equal nodes beyond the number of dealers, and a coalition that spreads 13% over hundreds of keys.
TYPED_TEST(CeremonyTest, ManyEqualNodesAndSybilsMakeACeremony) {
    struct Case {
        std::uint64_t honest, honest_weight, sybils, sybil_weight, least_per_mille;
    };
    for (const Case& c : {Case{70, 1, 0, 0, 400}, Case{80, 1, 0, 0, 400}, Case{100, 1, 0, 0, 400},
                          Case{200, 1, 0, 0, 400}, Case{400, 1, 0, 0, 317}, Case{511, 1, 0, 0, 248},
                          Case{70, 2486, 200, 130, 390}, Case{70, 2486, 400, 65, 390}}) {
        std::vector<Holder<TypeParam>> holders;
        for (std::uint64_t i = 0; i < c.honest + c.sybils; ++i) {
            const crypto::MasterSeed master = test_network::seed_of(1000 + i);
            const auto key = crypto::SigningKey::derive(master);
            holders.push_back(
                Participant<TypeParam>::derive(master, key.public_key())
                    .holder(test_network::chain_id(), i < c.honest ? c.honest_weight : c.sybil_weight));
        }
        const auto setup = beacon::Setup<TypeParam>::create(test_network::session(), Parameters{}, holders);
        ASSERT_TRUE(setup) << c.honest << "+" << c.sybils << " " << core::describe(setup.error());
        EXPECT_TRUE((*setup)->bound().both() * 1000 >= (*setup)->tickets().total_weight * c.least_per_mille)
            << c.honest << "+" << c.sybils;
    }
}

// More than 4,096 true registrations, and tickets for 4,096: the lightest are cut.
TEST(CeremonySetup, OfMoreHoldersThanTheLimitTheHeaviestTakePart) {
    const auto holders = many_holders(holder_limit + 100, [](std::uint64_t i) { return i < 200 ? 1 : 2; });
    Parameters parameters;
    parameters.tickets.maximum_tickets = holder_limit;
    parameters.maximum_dealers = dealer_limit;
    parameters.tickets.minimum_adversary = {1, 10};
    const auto setup =
        beacon::Setup<toy::ToyGroup>::create(test_network::session(), parameters, holders).value();
    EXPECT_EQ(setup->holders().size(), holder_limit);
    ASSERT_EQ(setup->dropped().size(), 100u);
    for (const DroppedHolder& dropped : setup->dropped()) {
        EXPECT_EQ(dropped.weight, 1u);
        EXPECT_EQ(dropped.reason, beacon::errc::beyond_limit);
    }
    EXPECT_TRUE(setup->tickets().total_weight == 2 * (holder_limit - 100) + 200);
    // 1,024 dealers of weight 2.
    EXPECT_TRUE(setup->quorum() == 1024 && setup->bound().both() == 1023);
}

// Heavier false registrations fill the number of those that are checked: what is left is cut, and its weight
// belongs to the total of which the adversary may have its part.
TEST(CeremonySetup, BeyondTheHoldersThatAreCheckedTheRestIsCutAndCountsWithTheAdversary) {
    constexpr std::uint64_t honest = 400, checked = 300, weight = 9;
    auto holders = many_holders(honest, [&](std::uint64_t) { return weight; });
    const auto false_ones = many_holders(
        holder_limit - checked, [](std::uint64_t) { return 10; }, 10'000);
    for (auto holder : false_ones) {
        holder.possession = holders[0].possession;
        holders.push_back(holder);
    }
    const auto setup =
        beacon::Setup<toy::ToyGroup>::create(test_network::session(), Parameters{}, holders).value();
    EXPECT_EQ(setup->holders().size(), checked);
    std::uint64_t false_possessions = 0, cut = 0;
    for (const DroppedHolder& dropped : setup->dropped()) {
        false_possessions += dropped.reason == crypto::errc::false_possession;
        cut += dropped.reason == beacon::errc::beyond_limit;
        EXPECT_EQ(dropped.weight, dropped.reason == beacon::errc::beyond_limit ? weight : 10);
    }
    EXPECT_EQ(false_possessions, holder_limit - checked);
    EXPECT_EQ(cut, honest - checked);
    EXPECT_TRUE(setup->tickets().total_weight == honest * weight);
    // 256 dealers: half of their weight, less than two fifths of the total.
    EXPECT_TRUE(setup->quorum() == (256 * weight - 1) / 2 + 1);
    EXPECT_TRUE(setup->bound().secrecy == setup->quorum() - 1);
    // Of the 300 holders alone the adversary may have more: the cut counts with it.
    std::vector<Holder<toy::ToyGroup>> kept = setup->holders();
    const auto alone =
        beacon::Setup<toy::ToyGroup>::create(test_network::session(), Parameters{}, kept).value();
    EXPECT_TRUE(alone->tickets().bound().both() * setup->tickets().total_weight >
                setup->tickets().bound().both() * alone->tickets().total_weight);
}

TYPED_TEST(CeremonyTest, EquivocationHasOneForm) {
    const core::Bytes first = this->network.deal(0);
    core::Bytes payload{Network<TypeParam>::payload(first).begin(), Network<TypeParam>::payload(first).end()};
    payload.back() ^= 1;
    const core::Bytes second = this->network.signed_message(0, MessageKind::deal, payload);
    const Evidence one{Misbehaviour::equivocation, first, second};
    const Evidence other{Misbehaviour::equivocation, second, first};
    EXPECT_EQ(one.encode(), other.encode());
    EXPECT_EQ(convict(this->setup(), one, 5).value(), convict(this->setup(), other, 5).value());
    const Evidence& canonical = first < second ? one : other;
    EXPECT_EQ(Evidence::decode(one.encode()).value(), canonical);
    // The order is part of the encoding.
    core::Bytes swapped =
        Evidence{Misbehaviour::invalid_shares, canonical.context, canonical.message}.encode();
    swapped[4] = static_cast<std::uint8_t>(Misbehaviour::equivocation);
    EXPECT_EQ(Evidence::decode(swapped).error().code, core::errc::non_canonical);

    // Whichever of the two counts, the evidence is the same.
    auto ceremony = this->at(this->setup().deal_start());
    ASSERT_TRUE(ceremony.apply(first).verdict);
    EXPECT_EQ(ceremony.apply(second).evidence, canonical);
}

TYPED_TEST(CeremonyTest, RefusalsAreRememberedAndChangeNothing) {
    auto dealing = this->at(this->setup().deal_start());
    const core::Bytes deal = this->network.deal(0);
    core::Bytes payload{Network<TypeParam>::payload(deal).begin(), Network<TypeParam>::payload(deal).end()};
    payload[payload.size() - TypeParam::Scalar::size] ^= 1;
    const core::Bytes bad_deal = this->network.signed_message(0, MessageKind::deal, payload);
    const core::Bytes malformed = this->network.signed_message(0, MessageKind::deal, core::Bytes(3));
    auto revealing = this->dealt_at(this->setup().reveal_start());
    const core::Bytes bad_reveal =
        this->network.signed_message(0, MessageKind::reveal, typename TypeParam::Scalar{12345}.view());
    auto recovering = this->dealt_at(this->setup().recovery_start());
    const core::Bytes shares = this->network.shares(0, recovering);
    auto lie = *detail::decode_shares(this->setup(), 0, Network<TypeParam>::payload(shares));
    lie.shares.elements[0] = lie.shares.elements[0] + lie.shares.elements[0];
    const core::Bytes bad_shares = this->network.signed_message(
        0, MessageKind::shares, detail::encode_shares<TypeParam>(lie.recovery, lie.shares));

    const auto expect_same = [](Ceremony<TypeParam>& ceremony, const core::Bytes& message) {
        const core::Bytes state = ceremony.save();
        EXPECT_FALSE(ceremony.has_refused(message));
        const Applied first = ceremony.apply(message);
        ASSERT_FALSE(first.verdict);
        EXPECT_TRUE(ceremony.has_refused(message));
        ASSERT_TRUE(first.evidence);
        for (int again = 0; again < 3; ++again) {
            const std::uint64_t before = toy::multiplications;
            const Applied repeated = ceremony.apply(message);
            EXPECT_EQ(toy::multiplications, before);
            EXPECT_EQ(repeated.verdict.error(), first.verdict.error());
            EXPECT_EQ(repeated.evidence, first.evidence);
        }
        EXPECT_EQ(ceremony.save(), state);
    };
    expect_same(dealing, bad_deal);
    expect_same(dealing, malformed);
    expect_same(revealing, bad_reveal);
    expect_same(recovering, bad_shares);
    // The other signature of a known content must be true all the same.
    core::Bytes forged = bad_deal;
    forged.back() ^= 1;
    EXPECT_FALSE(dealing.has_refused(forged) || dealing.has_refused(deal) || dealing.has_refused({}));
    EXPECT_EQ(this->refusal(dealing.apply(forged)), crypto::errc::invalid_signature);
    // What counted since comes first, as without memory.
    ASSERT_TRUE(dealing.apply(deal).verdict);
    EXPECT_EQ(this->refusal(dealing.apply(bad_deal)), beacon::errc::equivocation);
    ASSERT_TRUE(recovering.apply(shares).verdict);
    EXPECT_EQ(this->refusal(recovering.apply(bad_shares)), beacon::errc::duplicate_message);
    dealing.advance(this->setup().finality_start());
    EXPECT_EQ(this->refusal(dealing.apply(malformed)), beacon::errc::equivocation);
}

TYPED_TEST(CeremonyTest, SharesThatCountAreNotDecodedAgain) {
    auto ceremony = this->dealt_at(this->setup().recovery_start());
    const core::Bytes shares = this->network.shares(0, ceremony);
    const std::uint64_t before = toy::decoded_points;
    ASSERT_TRUE(ceremony.apply(shares).verdict);
    const std::uint64_t once = toy::decoded_points;
    if constexpr (std::is_same_v<TypeParam, toy::ToyGroup>) {
        EXPECT_GT(once, before);
    }
    const core::Bytes state = ceremony.save();
    for (int again = 0; again < 3; ++again) {
        EXPECT_EQ(this->refusal(ceremony.apply(shares)), beacon::errc::duplicate_message);
        EXPECT_EQ(toy::decoded_points, once);
    }
    // A restored ceremony remembers the same.
    auto restored = Ceremony<TypeParam>::restore(this->network.setup, state).value();
    const std::uint64_t after_restore = toy::decoded_points;
    EXPECT_EQ(this->refusal(restored.apply(shares)), beacon::errc::duplicate_message);
    EXPECT_EQ(toy::decoded_points, after_restore);
    // The signature must be true all the same, and nothing else is taken for the same message.
    core::Bytes forged = shares;
    forged.back() ^= 1;
    EXPECT_EQ(this->refusal(ceremony.apply(forged)), crypto::errc::invalid_signature);
    std::uint32_t other = 1;
    while (this->setup().ticket_count(other) == 0) ++other;
    EXPECT_TRUE(ceremony.apply(this->network.shares(other, ceremony)).verdict);
    EXPECT_NE(ceremony.save(), state);
}

TYPED_TEST(CeremonyTest, TheMemoryOfRefusalsIsBoundedForEachSender) {
    auto ceremony = this->at(this->setup().deal_start());
    const core::Bytes deal = this->network.deal(0);
    core::Bytes payload{Network<TypeParam>::payload(deal).begin(), Network<TypeParam>::payload(deal).end()};
    const auto bad = [&](std::uint32_t i, std::uint8_t change) {
        core::Bytes content = payload;
        content[content.size() - TypeParam::Scalar::size] ^= change;
        return this->network.signed_message(i, MessageKind::deal, content);
    };
    const core::Bytes of_another = bad(1, 0);
    EXPECT_FALSE(ceremony.apply(of_another).verdict);
    for (std::uint8_t i = 1; i <= refusal_limit + 1; ++i) EXPECT_FALSE(ceremony.apply(bad(0, i)).verdict);
    const auto cost = [&](const core::Bytes& message) {
        const std::uint64_t before = toy::multiplications;
        EXPECT_FALSE(ceremony.apply(message).verdict);
        return toy::multiplications - before;
    };
    EXPECT_EQ(cost(of_another), 0u);
    EXPECT_EQ(cost(bad(0, refusal_limit + 1)), 0u);
    EXPECT_EQ(cost(bad(0, 2)), 0u);
    if constexpr (std::is_same_v<TypeParam, toy::ToyGroup>) {
        EXPECT_GT(cost(bad(0, 1)), 0u);
    }
}

TYPED_TEST(CeremonyTest, ConvictionsAreRemembered) {
    const core::Bytes deal = this->network.deal(0);
    core::Bytes payload{Network<TypeParam>::payload(deal).begin(), Network<TypeParam>::payload(deal).end()};
    payload[payload.size() - TypeParam::Scalar::size] ^= 1;
    const Evidence true_evidence{
        Misbehaviour::invalid_deal, this->network.signed_message(0, MessageKind::deal, payload), {}};
    const Evidence false_evidence{Misbehaviour::invalid_deal, deal, {}};
    Convictions<TypeParam> convictions{this->network.setup};
    for (const Evidence& evidence : {true_evidence, false_evidence}) {
        const auto expected = convict(this->setup(), evidence, 9);
        for (int turn = 0; turn < 3; ++turn) {
            const std::uint64_t before = toy::multiplications;
            const auto got = convictions.convict(evidence, 9);
            ASSERT_EQ(got.has_value(), expected.has_value());
            if (got) {
                EXPECT_EQ(*got, *expected);
            } else {
                EXPECT_EQ(got.error(), expected.error());
            }
            EXPECT_TRUE(turn == 0 || toy::multiplications == before);
        }
    }
    EXPECT_EQ(convictions.convict(true_evidence, 10).value().height, 10u);
    EXPECT_EQ(convictions.convict(false_evidence, 10).error().code, core::errc::no_misbehaviour);
    // What nobody signed displaces nothing.
    for (std::uint32_t i = 0; i < evidence_limit; ++i) {
        const auto number = core::to_le(i);
        EXPECT_FALSE(convictions.convict({Misbehaviour::malformed, {number.begin(), number.end()}, {}}, 1));
    }
    const std::uint64_t unchanged = toy::multiplications;
    EXPECT_TRUE(convictions.convict(true_evidence, 9));
    EXPECT_EQ(toy::multiplications, unchanged);
    // The oldest is forgotten, and convicts again.
    for (std::uint32_t i = 0; i < evidence_limit; ++i) {
        const auto number = core::to_le(i);
        const core::Bytes bytes{number.begin(), number.end()};
        const core::Bytes message = this->network.signed_message(0, MessageKind::deal, bytes);
        (void)convictions.convict({Misbehaviour::malformed, message, {}}, 1);
    }
    const std::uint64_t before = toy::multiplications;
    EXPECT_TRUE(convictions.convict(true_evidence, 9));
    if constexpr (std::is_same_v<TypeParam, toy::ToyGroup>) {
        EXPECT_GT(toy::multiplications, before);
    }
}

TYPED_TEST(CeremonyTest, TheClockDoesNotRunBackwards) {
    auto ceremony = this->at(this->setup().reveal_start());
    EXPECT_DEATH(ceremony.advance(this->setup().reveal_start() - 1), "");
    EXPECT_DEATH((void)ceremony.recovery_id(), "");
}

}  // namespace
}  // namespace pouw::inline v1::beacon
