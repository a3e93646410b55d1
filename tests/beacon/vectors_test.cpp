// An implementation apart (tests/reference/beacon.py) gives the same tickets, messages and values, byte for
// byte.
#include "vectors.hpp"

#include "beacon/ceremony_impl.hpp"

#include "pouw/beacon/ceremony.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace pouw::inline v1::beacon {
namespace {

using test::Json;
using Ceremony255 = Ceremony<Ristretto255>;

std::string decimal(WideWeight value) {
    std::string out;
    do {
        out.insert(out.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
        value /= 10;
    } while (value != 0);
    return out;
}

void check_tickets(const Json& vector, std::uint32_t maximum, WideWeight outside) {
    std::vector<WeightedNode> nodes;
    for (const Json& weight : vector["weights"]) {
        WeightedNode node;
        node.node.bytes[0] = static_cast<std::uint8_t>(nodes.size());
        node.weight = test::u64(weight);
        nodes.push_back(node);
    }
    const TicketRules rules{
        {vector["adversary"][0], vector["adversary"][1]}, maximum, vector["minimum_holders"], {0, 1}};
    const auto table = allot_tickets(nodes, rules, outside);
    ASSERT_TRUE(table) << vector.dump();
    EXPECT_EQ(table->tickets, vector["tickets"].get<std::vector<std::uint32_t>>()) << vector.dump();
    EXPECT_EQ(table->threshold, vector["threshold"]);
    EXPECT_EQ(decimal(table->guarantee.maximum_adversary), vector["maximum_adversary"]);
    EXPECT_EQ(decimal(table->guarantee.minimum_honest), vector["minimum_honest"]);
}

TEST(BeaconVectors, Tickets) {
    const Json file = test::load_vectors("beacon/tickets.json");
    ASSERT_GT(file["vectors"].size(), 100u);
    for (const Json& vector : file["vectors"]) check_tickets(vector, ticket_limit, 0);
}

TEST(BeaconVectors, LimitedTickets) {
    const Json file = test::load_vectors("beacon/limited_tickets.json");
    ASSERT_GT(file["vectors"].size(), 80u);
    for (const Json& vector : file["vectors"]) {
        WideWeight outside = 0;
        for (const char digit : vector["outside"].get<std::string>())
            outside = outside * 10 + static_cast<unsigned>(digit - '0');
        check_tickets(vector, vector["maximum_tickets"], outside);
    }
}

TEST(BeaconVectors, Setups) {
    const Json file = test::load_vectors("beacon/setups.json");
    ASSERT_EQ(file["vectors"].size(), 4u);
    for (const Json& vector : file["vectors"]) {
        std::vector<Holder<Ristretto255>> holders;
        for (const Json& holder : vector["holders"]) {
            holders.push_back({core::NodeId::from(test::bytes(holder[0])).value(), test::u64(holder[1]),
                               Ristretto255::Point::decode(test::bytes(holder[2])).value(),
                               Possession<Ristretto255>::decode(test::bytes(holder[3])).value()});
        }
        const Parameters parameters{
            {20, 10, 20}, {{2, 5}, vector["maximum_tickets"], 2}, vector["maximum_dealers"]};
        const auto setup = beacon::Setup<Ristretto255>::create(
                               {core::ChainId{"vector chain"}, 1ull << 63, 3, 1000}, parameters, holders)
                               .value();
        Json kept = Json::array();
        for (const auto& holder : setup->holders()) kept.push_back(core::to_hex(holder.node.bytes));
        EXPECT_EQ(kept, vector["kept"]);
        Json dropped = Json::array();
        for (const DroppedHolder& holder : setup->dropped()) {
            dropped.push_back(
                {core::to_hex(holder.node.bytes), std::to_string(holder.weight), holder.reason.name()});
        }
        EXPECT_EQ(dropped, vector["dropped"]);
        EXPECT_EQ(setup->tickets().tickets, vector["tickets"].get<std::vector<std::uint32_t>>());
        EXPECT_EQ(setup->dealers(), vector["dealers"].get<std::vector<std::uint32_t>>());
        EXPECT_EQ(decimal(setup->tickets().total_weight), vector["total_weight"]);
        EXPECT_EQ(decimal(setup->quorum()), vector["quorum"]);
        EXPECT_EQ(decimal(setup->bound().secrecy), vector["secrecy"]);
        EXPECT_EQ(decimal(setup->bound().liveness), vector["liveness"]);
        EXPECT_EQ(core::to_hex(setup->id().bytes), vector["ceremony"]);
    }
}

TEST(BeaconVectors, SecondGenerator) {
    EXPECT_EQ(core::to_hex(second_generator<Ristretto255>().view()),
              test::load_vectors("beacon/ceremony.json")["second_generator"].get<std::string>());
}

struct Player {
    crypto::SigningKey signing_key;
    Participant<Ristretto255> participant;
};

struct Played {
    std::shared_ptr<const Setup<Ristretto255>> setup;
    std::vector<Player> players;  ///< by ascending id
};

Played set_up(const Json& vector) {
    const Json& parameters = vector["parameters"];
    const core::ChainId chain_id{test::bytes(parameters["chain_id"])};
    Played played;
    std::vector<Holder<Ristretto255>> holders;
    for (std::size_t i = 0; i < vector["masters"].size(); ++i) {
        crypto::MasterSeed master;
        const core::Bytes bytes = test::bytes(vector["masters"][i]);
        std::copy(bytes.begin(), bytes.end(), master.fill().begin());
        auto key = crypto::SigningKey::derive(master);
        auto participant = Participant<Ristretto255>::derive(master, key.public_key());
        holders.push_back(participant.holder(chain_id, test::u64(vector["weights"][i])));
        played.players.push_back({std::move(key), std::move(participant)});
    }
    std::sort(played.players.begin(), played.players.end(), [](const Player& a, const Player& b) {
        return a.signing_key.public_key() < b.signing_key.public_key();
    });
    const Json& windows = parameters["windows"];
    const Parameters chosen{{windows[0], windows[1], windows[2]},
                            {{parameters["adversary"][0], parameters["adversary"][1]},
                             parameters["maximum_tickets"],
                             parameters["minimum_holders"]},
                            parameters["maximum_dealers"]};
    const SessionId session{chain_id, test::u64(parameters["epoch"]), parameters["round"],
                            test::u64(parameters["start"])};
    played.setup = Setup<Ristretto255>::create(session, chosen, holders).value();
    return played;
}

void play(const Json& vector) {
    const Played played = set_up(vector);
    const auto& frozen = *played.setup;
    EXPECT_EQ(core::to_hex(frozen.id().bytes), vector["ceremony"]);
    EXPECT_EQ(frozen.tickets().tickets, vector["tickets"].get<std::vector<std::uint32_t>>());
    EXPECT_EQ(frozen.dealers(), vector["dealers"].get<std::vector<std::uint32_t>>());
    for (std::uint32_t i = 0; i < played.players.size(); ++i) {
        const Holder<Ristretto255>& holder = frozen.holders()[i];
        EXPECT_EQ(core::to_hex(holder.node.bytes), vector["nodes"][i]);
        EXPECT_EQ(core::to_hex(holder.share_key.view()), vector["share_keys"][i]);
        EXPECT_EQ(core::to_hex(holder.possession.challenge.view()) +
                      core::to_hex(holder.possession.response.view()),
                  vector["possessions"][i]);
    }
    const auto sign = [&](std::uint32_t i, const core::result<UnsignedMessage>& message) {
        return message.value().sign(played.players[i].signing_key);
    };
    Ceremony255 ceremony{played.setup};
    ceremony.advance(frozen.deal_start());
    for (std::size_t k = 0; k < frozen.dealers().size(); ++k) {
        const std::uint32_t i = frozen.dealers()[k];
        const core::Bytes message = sign(i, played.players[i].participant.deal(frozen));
        EXPECT_EQ(core::to_hex(message), vector["deals"][k]);
        ASSERT_TRUE(ceremony.apply(test::bytes(vector["deals"][k])).verdict);
    }
    ceremony.advance(frozen.reveal_start());
    for (const auto& [position, message] : vector["reveals"].items()) {
        const auto i = static_cast<std::uint32_t>(std::stoul(position));
        EXPECT_EQ(core::to_hex(sign(i, played.players[i].participant.reveal(ceremony))), message);
        ASSERT_TRUE(ceremony.apply(test::bytes(message)).verdict);
    }
    if (!ceremony.output()) {
        ceremony.advance(frozen.recovery_start());
        EXPECT_EQ(core::to_hex(ceremony.recovery_id().bytes), vector["recovery"]);
        const Ceremony255 recovering = ceremony;
        for (const auto& [position, message] : vector["shares"].items()) {
            const auto i = static_cast<std::uint32_t>(std::stoul(position));
            EXPECT_EQ(core::to_hex(sign(i, played.players[i].participant.shares(recovering))), message);
            ASSERT_TRUE(ceremony.output() || ceremony.apply(test::bytes(message)).verdict);
        }
    }
    ASSERT_TRUE(ceremony.output());
    EXPECT_EQ(core::to_hex(ceremony.output()->value.bytes), vector["output"]);
}

TEST(BeaconVectors, Ceremonies) {
    const Json file = test::load_vectors("beacon/ceremony.json");
    ASSERT_EQ(file["vectors"].size(), 3u);
    std::string output;
    for (const Json& vector : file["vectors"]) {
        play(vector);
        EXPECT_TRUE(output.empty() || vector["output"] == output);
        output = vector["output"];
    }
}

}  // namespace
}  // namespace pouw::inline v1::beacon
