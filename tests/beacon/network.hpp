/// Some nodes, their keys, and the setup of a ceremony between them.
#pragma once

#include "beacon/ceremony_impl.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace pouw::inline v1::beacon::test_network {

inline crypto::MasterSeed seed_of(std::uint64_t index) {
    crypto::MasterSeed seed;
    const auto bytes = core::to_le(index);
    std::copy(bytes.begin(), bytes.end(), seed.fill().begin());
    seed.fill()[31] = 0x5a;
    return seed;
}

inline core::ChainId chain_id() { return "test"; }

inline SessionId session() { return {chain_id(), 7, 0, 100}; }

inline Parameters parameters() { return {{3, 2, 3}, {{2, 5}, 512, 1}, 64}; }

template <Group G>
struct Network {
    struct Node {
        crypto::SigningKey signing_key;
        Participant<G> participant;
    };

    explicit Network(const std::vector<std::uint64_t>& weights, const Parameters& chosen = parameters(),
                     std::uint64_t first_seed = 0) {
        std::vector<std::pair<Node, std::uint64_t>> unordered;
        for (std::size_t i = 0; i < weights.size(); ++i) {
            const crypto::MasterSeed master = seed_of(first_seed + i);
            crypto::SigningKey signing_key = crypto::SigningKey::derive(master);
            const core::NodeId id = signing_key.public_key();
            unordered.emplace_back(Node{std::move(signing_key), Participant<G>::derive(master, id)},
                                   weights[i]);
        }
        std::sort(unordered.begin(), unordered.end(), [](const auto& a, const auto& b) {
            return a.first.signing_key.public_key() < b.first.signing_key.public_key();
        });
        for (auto& [node, weight] : unordered) {
            holders.push_back(node.participant.holder(chain_id(), weight));
            nodes.push_back(std::move(node));
        }
        setup = Setup<G>::create(session(), chosen, holders).value();
    }

    /// Signed messages of the node at a position in `setup->holders()`.
    core::Bytes deal(std::uint32_t i) const {
        return nodes[i].participant.deal(*setup)->sign(nodes[i].signing_key);
    }
    core::Bytes reveal(std::uint32_t i, const Ceremony<G>& ceremony) const {
        return nodes[i].participant.reveal(ceremony)->sign(nodes[i].signing_key);
    }
    core::Bytes shares(std::uint32_t i, const Ceremony<G>& ceremony) const {
        return nodes[i].participant.shares(ceremony)->sign(nodes[i].signing_key);
    }
    /// A message of any content, truly signed.
    core::Bytes signed_message(std::uint32_t i, MessageKind kind, core::ByteView payload) const {
        return detail::unsigned_message(*setup, kind, nodes[i].signing_key.public_key(), payload)
            .sign(nodes[i].signing_key);
    }
    static core::ByteView payload(core::ByteView message) {
        return message.subspan(detail::header_size, message.size() - detail::envelope_size);
    }
    std::uint32_t size() const { return static_cast<std::uint32_t>(nodes.size()); }

    std::vector<Node> nodes;  ///< in the order of `setup->holders()`
    std::vector<Holder<G>> holders;
    std::shared_ptr<const Setup<G>> setup;
};

}  // namespace pouw::inline v1::beacon::test_network
