/// Nodes with keys and weights for the tests of this module.
#pragma once

#include "vectors.hpp"

#include "pouw/crypto/chain_digest.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/validation/selection.hpp"
#include "pouw/vrf/vrf.hpp"
#include "pouw/weights/weights.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace pouw::inline v1::validation::test {

using pouw::test::Json;

template <typename Fixed>
Fixed filled(std::uint8_t byte) {
    Fixed out;
    out.bytes.fill(byte);
    return out;
}

template <typename Fixed>
Fixed numbered(std::uint64_t number) {
    Fixed out;
    const auto bytes = core::to_le(number);
    std::copy(bytes.rbegin(), bytes.rend(), out.bytes.end() - 8);
    return out;
}

/// A node whose keys follow from its number.
struct Node {
    crypto::SigningKey signing;
    vrf::SecretKey vrf_key;
    std::uint64_t weight;

    Node(std::uint8_t number, std::uint64_t node_weight)
        : signing{crypto::SigningKey::from_seed(seed(number, 1))},
          vrf_key{vrf::SecretKey::from_seed(seed(number, 2))},
          weight{node_weight} {}

    [[nodiscard]] const core::NodeId& key() const { return signing.public_key(); }

  private:
    static std::array<std::uint8_t, 32> seed(std::uint8_t number, std::uint8_t use) {
        std::array<std::uint8_t, 32> out{};
        out[0] = number;
        out[1] = use;
        return out;
    }
};

/// Numbered from 0 with these weights.
inline std::vector<Node> make_nodes(const std::vector<std::uint64_t>& weights) {
    std::vector<Node> out;
    for (std::size_t i = 0; i < weights.size(); ++i)
        out.emplace_back(static_cast<std::uint8_t>(i), weights[i]);
    return out;
}

inline weights::WeightTable table_of(const std::vector<Node>& nodes) {
    std::vector<weights::NodeWeight> weights;
    for (const Node& node : nodes) weights.push_back({node.key(), node.weight});
    return weights::WeightTable::create(weights).value();
}

/// An output that may be known from block 1000 on.
inline beacon::Output beacon_output(std::uint8_t byte, core::Height known_at = 1000) {
    return {filled<core::BeaconOutput>(byte), known_at, known_at + 20};
}

inline const core::ChainId test_chain{"test"};
inline const core::ChainDigest test_digest = crypto::chain_digest(test_chain);

inline EpochBeacon make_epoch(core::Epoch epoch = 7, const core::ChainId& chain = test_chain,
                              std::uint8_t output = 2) {
    return EpochBeacon::create(chain, epoch, beacon_output(output)).value();
}

inline Validators validators_of(const std::vector<Node>& nodes, const EpochBeacon& epoch = make_epoch()) {
    std::vector<Registration> registrations;
    for (const Node& node : nodes) registrations.push_back({node.key(), node.vrf_key.public_key(), 10});
    return Validators(epoch, table_of(nodes), registrations);
}

// What vector files hold.

inline core::Fraction fraction(const Json& json) {
    return {pouw::test::u64(json["numerator"]), pouw::test::u64(json["denominator"])};
}

/// 129 bits in hexadecimal.
inline core::uint256 scaled(const Json& json) {
    core::uint256 out;
    for (const char digit : json.get<std::string>()) {
        const auto value = static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
        out.high = (out.high << 4) | (out.low >> 124);
        out.low = (out.low << 4) | value;
    }
    return out;
}

inline weights::WeightTable table_of(const Json& nodes) {
    std::vector<weights::NodeWeight> weights;
    for (const Json& node : nodes) {
        weights.push_back({pouw::test::fixed<core::NodeId>(node["key"]), pouw::test::u64(node["weight"])});
    }
    return weights::WeightTable::create(weights).value();
}

inline Validators validators_of(const Json& nodes, const EpochBeacon& epoch) {
    std::vector<Registration> registrations;
    for (const Json& node : nodes) {
        registrations.push_back({pouw::test::fixed<core::NodeId>(node["key"]),
                                 pouw::test::fixed<vrf::PublicKey>(node["vrf_key"]), 1});
    }
    return Validators(epoch, table_of(nodes), registrations);
}

inline vrf::SecretKey vrf_key(const Json& seed) {
    const core::Bytes bytes = pouw::test::bytes(seed);
    return vrf::SecretKey::from_seed(std::span<const std::uint8_t, 32>{bytes});
}

}  // namespace pouw::inline v1::validation::test
