// Secret sharing, in ristretto255 and in the toy group by the same tests.
#include "beacon/sharing_impl.hpp"
#include "beacon/toy_group.hpp"

#include "pouw/beacon/errc.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <random>

namespace pouw::inline v1::beacon {
namespace {

crypto::MasterSeed seed_of(std::uint32_t index) {
    crypto::MasterSeed seed;
    const auto bytes = core::to_le(index);
    std::copy(bytes.begin(), bytes.end(), seed.fill().begin());
    return seed;
}

Binding binding_of(std::uint8_t ceremony, std::uint8_t node) {
    Binding binding;
    binding.ceremony.bytes[0] = ceremony;
    binding.node.bytes[0] = node;
    return binding;
}

template <typename G>
class Sharing : public testing::Test {
  protected:
    static constexpr std::uint32_t tickets = 7;
    static constexpr std::uint32_t threshold = 4;

    Sharing() {
        for (std::uint32_t j = 0; j < tickets; ++j) {
            holders.push_back(ShareKey<G>::derive(seed_of(j)));
            keys.push_back(holders.back().public_key());
        }
        deal = dealer.deal(binding, keys, threshold);
    }

    core::result<void> check(const Deal<G>& candidate) const {
        return check_deal<G>(binding, keys, threshold, candidate);
    }
    std::vector<TicketShare<G>> decrypted() const {
        std::vector<TicketShare<G>> out;
        for (std::uint32_t j = 0; j < tickets; ++j) {
            const auto shares = holders[j].decrypt(binding, {}, std::span{deal.shares}.subspan(j, 1));
            out.push_back({j + 1, shares.elements[0]});
        }
        return out;
    }
    typename G::Point secret_element() const { return G::Point::multiply_base(dealer.reveal(binding)); }

    Binding binding = binding_of(1, 2);
    DealerKey<G> dealer = DealerKey<G>::derive(seed_of(1000));
    std::vector<ShareKey<G>> holders;
    std::vector<typename G::Point> keys;
    Deal<G> deal;
};

using Groups = testing::Types<Ristretto255, toy::ToyGroup>;
TYPED_TEST_SUITE(Sharing, Groups);

TYPED_TEST(Sharing, DealsVerifyAndOpen) {
    EXPECT_TRUE(this->check(this->deal));
    EXPECT_TRUE(opens(this->deal, this->dealer.reveal(this->binding)));
    EXPECT_FALSE(opens(this->deal, this->dealer.reveal(binding_of(1, 3))));
    EXPECT_EQ(this->deal, this->dealer.deal(this->binding, this->keys, this->threshold));
}

TYPED_TEST(Sharing, EverySetOfThresholdTicketsRecoversTheSecret) {
    const auto shares = this->decrypted();
    for (std::uint32_t set = 0; set < 1u << this->tickets; ++set) {
        if (std::popcount(set) < static_cast<int>(this->threshold)) continue;
        std::vector<TicketShare<TypeParam>> chosen;
        for (std::uint32_t j = 0; j < this->tickets; ++j) {
            if (set >> j & 1) chosen.push_back(shares[j]);
        }
        EXPECT_EQ(recover<TypeParam>(chosen), this->secret_element());
        std::reverse(chosen.begin(), chosen.end());
        EXPECT_EQ(recover<TypeParam>(chosen), this->secret_element());
    }
}

TYPED_TEST(Sharing, FewerTicketsAreConsistentWithAnySecret) {
    // threshold - 1 shares and any element as the secret lie on one polynomial; the weights say so: the
    // element they recover with is another one for each completion.
    auto shares = this->decrypted();
    shares.resize(this->threshold);
    const auto whole = recover<TypeParam>(shares);
    for (std::uint64_t i = 1; i < 10; ++i) {
        auto changed = shares;
        changed.back().element = TypeParam::Point::multiply_base(typename TypeParam::Scalar{i});
        EXPECT_NE(recover<TypeParam>(changed), whole);
    }
    shares.resize(this->threshold - 1);
    EXPECT_NE(recover<TypeParam>(shares), this->secret_element());
}

TYPED_TEST(Sharing, EveryShapeVerifies) {
    for (std::uint32_t n = 1; n <= this->tickets; ++n) {
        const auto some_keys = std::span<const typename TypeParam::Point>{this->keys}.first(n);
        for (std::uint32_t t = 1; t <= n; ++t) {
            const auto some_deal = this->dealer.deal(this->binding, some_keys, t);
            EXPECT_TRUE(check_deal<TypeParam>(this->binding, some_keys, t, some_deal));
        }
        EXPECT_DEATH((void)this->dealer.deal(this->binding, some_keys, 0), "");
        EXPECT_DEATH((void)this->dealer.deal(this->binding, some_keys, n + 1), "");
    }
}

TYPED_TEST(Sharing, OneOwnerMayHoldManyTickets) {
    std::vector<typename TypeParam::Point> some_keys(5, this->keys[0]);
    some_keys[3] = this->keys[1];
    const auto some_deal = this->dealer.deal(this->binding, some_keys, 3);
    EXPECT_TRUE(check_deal<TypeParam>(this->binding, some_keys, 3, some_deal));
    const auto shares = this->holders[0].decrypt(this->binding, {}, std::span{some_deal.shares}.first(3));
    EXPECT_TRUE(check_shares<TypeParam>(this->binding, {}, some_keys[0], std::span{some_deal.shares}.first(3),
                                        shares));
    std::vector<TicketShare<TypeParam>> chosen;
    for (std::uint32_t j = 0; j < 3; ++j) chosen.push_back({j + 1, shares.elements[j]});
    EXPECT_EQ(recover<TypeParam>(chosen),
              TypeParam::Point::multiply_base(this->dealer.reveal(this->binding)));
}

TYPED_TEST(Sharing, AnyChangeInvalidatesADeal) {
    using Scalar = typename TypeParam::Scalar;
    using Point = typename TypeParam::Point;
    const Point other = Point::multiply_base(Scalar{77});
    for (std::size_t j = 0; j < this->tickets; ++j) {
        auto changed = this->deal;
        changed.shares[j] = changed.shares[j] + other;
        EXPECT_EQ(this->check(changed).error().code, beacon::errc::invalid_deal) << j;
        changed = this->deal;
        std::swap(changed.shares[j], changed.shares[(j + 1) % this->tickets]);
        EXPECT_EQ(this->check(changed).error().code, beacon::errc::invalid_deal) << j;
        changed = this->deal;
        changed.shares[j] = Point{};
        EXPECT_EQ(this->check(changed).error().code, crypto::errc::identity_point) << j;
    }
    auto changed = this->deal;
    changed.commitment = changed.commitment + other;
    EXPECT_EQ(this->check(changed).error().code, beacon::errc::invalid_deal);
    changed.commitment = Point{};
    EXPECT_EQ(this->check(changed).error().code, crypto::errc::identity_point);
    for (std::size_t i = 0; i < this->threshold; ++i) {
        changed = this->deal;
        changed.response[i] = changed.response[i] + Scalar{1};
        EXPECT_EQ(this->check(changed).error().code, beacon::errc::invalid_deal) << i;
    }
    changed = this->deal;
    changed.challenge = changed.challenge + Scalar{1};
    EXPECT_EQ(this->check(changed).error().code, beacon::errc::invalid_deal);
}

TYPED_TEST(Sharing, WrongLengthsAreRefused) {
    auto changed = this->deal;
    changed.response.pop_back();
    EXPECT_EQ(this->check(changed).error().code, core::errc::wrong_length);
    changed = this->deal;
    changed.response.emplace_back();
    EXPECT_EQ(this->check(changed).error().code, core::errc::wrong_length);
    changed = this->deal;
    changed.shares.pop_back();
    EXPECT_EQ(this->check(changed).error().code, core::errc::wrong_length);
    changed = this->deal;
    changed.shares.push_back(changed.shares[0]);
    EXPECT_EQ(this->check(changed).error().code, core::errc::wrong_length);
}

TYPED_TEST(Sharing, ADegreeTooHighIsRefused) {
    // Honest in everything but that the polynomial has one coefficient more than the threshold allows.
    auto higher = this->dealer.deal(this->binding, this->keys, this->threshold + 1);
    ASSERT_TRUE(check_deal<TypeParam>(this->binding, this->keys, this->threshold + 1, higher));
    EXPECT_EQ(this->check(higher).error().code, core::errc::wrong_length);
    higher.response.pop_back();
    EXPECT_EQ(this->check(higher).error().code, beacon::errc::invalid_deal);
}

TYPED_TEST(Sharing, ADealCountsForOneDealerAndCeremonyAlone) {
    for (const Binding& other : {binding_of(1, 3), binding_of(2, 2)}) {
        EXPECT_EQ(check_deal<TypeParam>(other, this->keys, this->threshold, this->deal).error().code,
                  beacon::errc::invalid_deal);
    }
    auto negated = this->deal;
    negated.commitment = typename TypeParam::Point{} - negated.commitment;
    for (auto& share : negated.shares) share = typename TypeParam::Point{} - share;
    negated.challenge = -negated.challenge;
    EXPECT_EQ(this->check(negated).error().code, beacon::errc::invalid_deal);
    EXPECT_EQ(check_deal<TypeParam>(binding_of(1, 3), this->keys, this->threshold, negated).error().code,
              beacon::errc::invalid_deal);
    auto swapped_keys = this->keys;
    std::swap(swapped_keys[0], swapped_keys[1]);
    EXPECT_EQ(check_deal<TypeParam>(this->binding, swapped_keys, this->threshold, this->deal).error().code,
              beacon::errc::invalid_deal);
}

TYPED_TEST(Sharing, SharesVerifyForTheirHolderAndRecoveryAlone) {
    const auto encrypted = std::span<const typename TypeParam::Point>{this->deal.shares}.first(3);
    const auto& holder = this->holders[0];
    const auto shares = holder.decrypt(this->binding, {}, encrypted);
    EXPECT_TRUE(check_shares<TypeParam>(this->binding, {}, holder.public_key(), encrypted, shares));
    crypto::Hash256 other_recovery;
    other_recovery.bytes[0] = 1;
    for (const auto& r :
         {check_shares<TypeParam>(binding_of(1, 3), {}, holder.public_key(), encrypted, shares),
          check_shares<TypeParam>(this->binding, other_recovery, holder.public_key(), encrypted, shares),
          check_shares<TypeParam>(this->binding, {}, this->keys[1], encrypted, shares),
          check_shares<TypeParam>(this->binding, {}, holder.public_key(),
                                  std::span<const typename TypeParam::Point>{this->deal.shares}.subspan(1, 3),
                                  shares)}) {
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error().code, beacon::errc::invalid_shares);
    }
    EXPECT_EQ(check_shares<TypeParam>(this->binding, {}, holder.public_key(), encrypted.first(2), shares)
                  .error()
                  .code,
              core::errc::wrong_length);
}

TYPED_TEST(Sharing, ErrorsThatCancelInTheSumAreFound) {
    using Point = typename TypeParam::Point;
    const auto encrypted = std::span<const Point>{this->deal.shares}.first(3);
    const auto& holder = this->holders[0];
    const auto good = holder.decrypt(this->binding, {}, encrypted);
    const Point error = Point::multiply_base(typename TypeParam::Scalar{5});
    auto cancelling = good;
    cancelling.elements[0] = cancelling.elements[0] + error;
    cancelling.elements[1] = cancelling.elements[1] - error;
    auto swapped = good;
    std::swap(swapped.elements[0], swapped.elements[1]);
    auto wrong_proof = good;
    wrong_proof.response = wrong_proof.response + typename TypeParam::Scalar{1};
    auto wrong_challenge = good;
    wrong_challenge.challenge = wrong_challenge.challenge + typename TypeParam::Scalar{1};
    for (const auto& bad : {cancelling, swapped, wrong_proof, wrong_challenge}) {
        EXPECT_EQ(
            check_shares<TypeParam>(this->binding, {}, holder.public_key(), encrypted, bad).error().code,
            beacon::errc::invalid_shares);
    }
}

TYPED_TEST(Sharing, ASumThatLacksADealerIsFound) {
    using Point = typename TypeParam::Point;
    const auto second =
        DealerKey<TypeParam>::derive(seed_of(1001)).deal(binding_of(1, 4), this->keys, this->threshold);
    std::vector<Point> sums;
    for (std::size_t j = 0; j < 2; ++j) sums.push_back(this->deal.shares[j] + second.shares[j]);
    const auto& holder = this->holders[0];
    const auto lacking = holder.decrypt(this->binding, {}, std::span{this->deal.shares}.first(2));
    EXPECT_EQ(check_shares<TypeParam>(this->binding, {}, holder.public_key(), sums, lacking).error().code,
              beacon::errc::invalid_shares);
}

TYPED_TEST(Sharing, AnIdentityAmongAggregatedSharesIsLegal) {
    using Point = typename TypeParam::Point;
    const std::vector<Point> encrypted{Point{}, this->deal.shares[0], Point{}};
    const auto& holder = this->holders[0];
    const auto shares = holder.decrypt(this->binding, {}, encrypted);
    EXPECT_TRUE(shares.elements[0].is_identity());
    EXPECT_TRUE(check_shares<TypeParam>(this->binding, {}, holder.public_key(), encrypted, shares));
    const std::vector<Point> nothing(2);
    EXPECT_TRUE(check_shares<TypeParam>(this->binding, {}, holder.public_key(), nothing,
                                        holder.decrypt(this->binding, {}, nothing)));
}

TYPED_TEST(Sharing, PossessionIsBoundToChainAndNode) {
    const core::ChainId chain = "c";
    const auto& holder = this->holders[0];
    const auto proof = holder.prove_possession(chain, this->binding.node);
    EXPECT_TRUE(check_possession<TypeParam>(chain, this->binding.node, holder.public_key(), proof));
    core::Bytes encoded = proof.encode();
    EXPECT_EQ(Possession<TypeParam>::decode(encoded).value(), proof);
    encoded.push_back(0);
    EXPECT_EQ(Possession<TypeParam>::decode(encoded).error().code, core::errc::wrong_length);
    encoded.assign(Possession<TypeParam>::size, 0xff);
    EXPECT_EQ(Possession<TypeParam>::decode(encoded).error().code, crypto::errc::invalid_scalar);
    core::NodeId other;
    other.bytes[5] = 1;
    EXPECT_FALSE(check_possession<TypeParam>(chain, other, holder.public_key(), proof));
    EXPECT_FALSE(check_possession<TypeParam>("d", this->binding.node, holder.public_key(), proof));
    EXPECT_FALSE(check_possession<TypeParam>(chain, this->binding.node, this->keys[1], proof));
    EXPECT_EQ(check_possession<TypeParam>(chain, this->binding.node, typename TypeParam::Point{}, proof)
                  .error()
                  .code,
              crypto::errc::identity_point);
}

// SCRAPE's test of the dual code, as an oracle apart from the proof: the shares of a polynomial of degree
// below t are orthogonal to f(j) / product of (j - m) for every f of degree below N - t.
TYPED_TEST(Sharing, DualCodeAgrees) {
    using Scalar = typename TypeParam::Scalar;
    using Point = typename TypeParam::Point;
    auto shares = this->decrypted();
    shares.push_back({0, this->secret_element()});
    std::mt19937_64 random{9};
    std::vector<Scalar> f;
    for (std::uint32_t i = 0; i + this->threshold < shares.size(); ++i) f.emplace_back(random());
    const auto sum = [&] {
        Point out;
        for (const auto& share : shares) {
            Scalar weight{1};
            for (const auto& other : shares) {
                if (other.ticket != share.ticket)
                    weight = weight * (Scalar{share.ticket} - Scalar{other.ticket});
            }
            weight = weight.inverse() * crypto::evaluate<Scalar>(f, share.ticket);
            out = out + weight * share.element;
        }
        return out;
    };
    EXPECT_TRUE(sum().is_identity());
    shares[2].element = shares[2].element + Point::multiply_base(Scalar{1});
    EXPECT_FALSE(sum().is_identity());
}

TYPED_TEST(Sharing, RecoveryRefusesATicketTwice) {
    auto shares = this->decrypted();
    shares[1] = shares[0];
    EXPECT_DEATH((void)recover<TypeParam>(shares), "");
    shares[1].ticket = 0;
    EXPECT_DEATH((void)recover<TypeParam>(shares), "");
}

TEST(SecondGenerator, IsNeitherTheFirstNorTheIdentity) {
    const auto& g = second_generator<Ristretto255>();
    EXPECT_FALSE(g.is_identity());
    EXPECT_NE(g, Ristretto255::Point::multiply_base(crypto::Scalar{1}));
}

}  // namespace
}  // namespace pouw::inline v1::beacon
