// Definitions of ceremony.hpp, for ceremony.cpp and for tests with another group.
#pragma once

#include "pouw/core/contract.hpp"
#include "pouw/crypto/chacha20.hpp"
#include "pouw/simulation/ceremony.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace pouw::inline v1::simulation {
namespace detail {

template <typename... Parts>
core::Bytes concatenate(const Parts&... parts) {
    core::Bytes out;
    (core::append(out, parts), ...);
    return out;
}

/// Reproducible chance.
class Chance {
  public:
    Chance(std::uint64_t seed, std::uint64_t epoch)
        : stream_{crypto::blake2b_256(concatenate(core::to_le(seed), core::to_le(epoch))).view(), 0} {}

    /// Uniform below `bound`, by rejection.
    std::uint64_t below(std::uint64_t bound) {
        POUW_EXPECTS(bound > 0);
        const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
        for (;;) {
            std::array<std::uint8_t, 8> bytes{};
            stream_.read(offset_, bytes);
            offset_ += bytes.size();
            if (const auto value = core::load_le<std::uint64_t>(bytes); value < limit) return value % bound;
        }
    }
    bool coin() { return below(2) == 1; }

    template <typename Value>
    void shuffle(std::vector<Value>& values) {
        for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
    }

  private:
    crypto::ChaCha20Stream stream_;
    std::uint64_t offset_ = 0;
};

/// The value of naive commit-reveal: a hash of the secrets that were revealed, by position; the rest is left
/// out.
template <beacon::Group G>
core::BeaconOutput naive_value(const crypto::Hash256& ceremony,
                               const std::vector<std::pair<std::uint32_t, typename G::Scalar>>& revealed) {
    core::Bytes data{ceremony.bytes.begin(), ceremony.bytes.end()};
    for (const auto& [position, secret] : revealed) {
        core::append(data, core::to_le(position));
        core::append(data, secret.view());
    }
    return {crypto::blake2b_256(data).bytes};
}

inline crypto::MasterSeed master_of(std::uint64_t seed, std::size_t node, const core::ChainId& chain_id) {
    crypto::MasterSeed master;
    const crypto::Hash256 bytes = crypto::blake2b_256(
        concatenate(core::to_le(seed), core::to_le(std::uint64_t{node}), chain_id.bytes()));
    std::copy(bytes.bytes.begin(), bytes.bytes.end(), master.fill().begin());
    return master;
}

/// What the coalition wishes for: a one as the first bit.
inline bool suits(const core::BeaconOutput& value) { return (value.bytes[0] & 1) == 1; }

}  // namespace detail

/// One ceremony under way.
template <beacon::Group G>
class CeremonySimulation<G>::Run {
  public:
    Run(const CeremonySimulation& simulation, core::Epoch epoch)
        : simulation_{simulation}, chance_{simulation.scenario_.seed, epoch.value} {
        beacon::SessionId session = simulation.setup_->session();
        session.epoch = epoch;
        setup_ =
            beacon::Setup<G>::create(std::move(session), simulation.scenario_.parameters, simulation.holders_)
                .value();
    }

    SimulatedCeremony finish() {
        beacon::Ceremony<G> ceremony{setup_};
        deal(ceremony);
        ceremony.advance(setup_->reveal_start() - 1);
        if (ceremony.phase() == beacon::Phase::abandoned) {
            result_.abandoned = true;
            return result_;
        }
        ceremony.advance(setup_->reveal_start());
        collect_secrets(ceremony);
        const beacon::Ceremony<G> before_reveals = ceremony;
        const std::vector<std::uint32_t> revealing = choose_reveals();
        result_.naive_output = naive(revealing);
        reveal(ceremony, revealing);
        recover(ceremony);
        if (ceremony.output()) {
            result_.output = ceremony.output()->value;
            result_.latency = ceremony.output()->height - setup_->deal_start();
        }
        for (std::uint32_t i = 0; i < simulation_.scenario_.repetitions; ++i) repeat(before_reveals);
        return result_;
    }

  private:
    using Secrets = std::vector<std::pair<std::uint32_t, typename G::Scalar>>;

    const Node& node(std::uint32_t i) const { return simulation_.nodes_[i]; }
    CeremonyStrategy strategy_of(std::uint32_t i) const {
        return node(i).in_coalition ? simulation_.scenario_.strategy : CeremonyStrategy::honest;
    }
    core::Bytes sign(std::uint32_t i, const core::result<beacon::UnsignedMessage>& message) const {
        return message.value().sign(node(i).signing_key);
    }
    /// The node's message with other bytes before the signature, truly signed.
    core::Bytes forge(std::uint32_t i, core::ByteView message, std::size_t offset,
                      core::ByteView bytes) const {
        core::Bytes forged(message.begin(), message.end() - crypto::Signature::size);
        POUW_EXPECTS(offset + bytes.size() <= forged.size());
        std::copy(bytes.begin(), bytes.end(), forged.begin() + static_cast<std::ptrdiff_t>(offset));
        return beacon::UnsignedMessage{std::move(forged)}.sign(node(i).signing_key);
    }
    /// Where the last `size` bytes of a payload start.
    static std::size_t tail(core::ByteView message, std::size_t size) {
        return message.size() - crypto::Signature::size - size;
    }

    void apply(beacon::Ceremony<G>& ceremony, core::ByteView message) {
        const beacon::Applied applied = ceremony.apply(message);
        if (!applied.evidence) return;
        POUW_ENSURES(convict(*setup_, *applied.evidence, ceremony.height()).has_value());
        ++result_.convictions.at(static_cast<std::size_t>(applied.evidence->kind));
    }

    /// The dealers, in random blocks of the window.
    void deal(beacon::Ceremony<G>& ceremony) {
        std::vector<std::uint32_t> dealers = setup_->dealers();
        chance_.shuffle(dealers);
        std::vector<std::uint32_t> late;
        for (std::size_t k = 0; k < dealers.size(); ++k) {
            const std::uint32_t i = dealers[k];
            ceremony.advance(setup_->deal_start() + k * setup_->parameters().windows.deal / dealers.size());
            if (strategy_of(i) == CeremonyStrategy::late) late.push_back(i);
            if (strategy_of(i) == CeremonyStrategy::late || strategy_of(i) == CeremonyStrategy::absent)
                continue;
            const core::Bytes message = sign(i, node(i).participant.deal(*setup_));
            apply(ceremony, message);
            if (strategy_of(i) != CeremonyStrategy::equivocate) continue;
            const std::size_t last = tail(message, 1);
            const auto other = static_cast<std::uint8_t>(message[last] ^ 1u);
            apply(ceremony, forge(i, message, last, {&other, 1}));
        }
        ceremony.advance(setup_->finality_start());
        for (const std::uint32_t i : late) apply(ceremony, sign(i, node(i).participant.deal(*setup_)));
    }

    /// What a coalition that sees every other reveal first works with.
    void collect_secrets(const beacon::Ceremony<G>& ceremony) {
        for (const std::uint32_t i : ceremony.dealt()) {
            const core::Bytes message = sign(i, node(i).participant.reveal(ceremony));
            const auto payload =
                core::ByteView{message}.subspan(tail(message, G::Scalar::size), G::Scalar::size);
            secrets_.emplace_back(i, G::Scalar::decode(payload).value());
            reveals_.emplace_back(i, message);
        }
    }

    core::BeaconOutput naive(const std::vector<std::uint32_t>& revealing) const {
        Secrets revealed;
        for (const auto& secret : secrets_) {
            if (std::find(revealing.begin(), revealing.end(), secret.first) != revealing.end()) {
                revealed.push_back(secret);
            }
        }
        return detail::naive_value<G>(setup_->id(), revealed);
    }

    /// Who reveals: everybody outside the coalition, and of it the first subset that makes the naive value
    /// suit.
    std::vector<std::uint32_t> choose_reveals() const {
        std::vector<std::uint32_t> always;
        std::vector<std::uint32_t> optional;
        for (const auto& [i, secret] : secrets_) {
            const CeremonyStrategy strategy = strategy_of(i);
            if (strategy == CeremonyStrategy::honest) always.push_back(i);
            if (strategy == CeremonyStrategy::withhold || strategy == CeremonyStrategy::equivocate)
                optional.push_back(i);
        }
        const std::uint64_t subsets = std::uint64_t{1} << std::min<std::size_t>(optional.size(), 16);
        for (std::uint64_t withheld = 0; withheld < subsets; ++withheld) {
            std::vector<std::uint32_t> revealing = always;
            for (std::size_t k = 0; k < optional.size(); ++k) {
                if (k >= 16 || (withheld >> k & 1) == 0) revealing.push_back(optional[k]);
            }
            if (detail::suits(naive(revealing))) return revealing;
        }
        always.insert(always.end(), optional.begin(), optional.end());
        return always;
    }

    void reveal(beacon::Ceremony<G>& ceremony, const std::vector<std::uint32_t>& revealing) {
        std::vector<std::pair<std::uint32_t, core::Bytes>> messages;
        for (const auto& reveal : reveals_) {
            if (std::find(revealing.begin(), revealing.end(), reveal.first) != revealing.end()) {
                messages.push_back(reveal);
            }
        }
        chance_.shuffle(messages);
        for (std::size_t k = 0; k < messages.size(); ++k) {
            ceremony.advance(setup_->reveal_start() +
                             k * setup_->parameters().windows.reveal / messages.size());
            apply(ceremony, messages[k].second);
        }
        for (std::size_t k = 0; k < secrets_.size(); ++k) {
            const auto& [i, secret] = secrets_[k];
            if (strategy_of(i) != CeremonyStrategy::lie) continue;
            const typename G::Scalar lie = secret + typename G::Scalar{1};
            const core::Bytes& message = reveals_[k].second;
            apply(ceremony, forge(i, message, tail(message, G::Scalar::size), lie.view()));
        }
    }

    /// The recovery, until the output or the end of patience.
    void recover(beacon::Ceremony<G>& ceremony) {
        ceremony.advance(setup_->recovery_start());
        if (ceremony.phase() != beacon::Phase::recovery) return;
        std::vector<std::pair<std::uint64_t, std::uint32_t>> order;
        for (std::uint32_t i = 0; i < setup_->holders().size(); ++i) {
            if (setup_->ticket_count(i) == 0 || strategy_of(i) == CeremonyStrategy::silent) continue;
            order.emplace_back(chance_.below(4), i);
        }
        std::sort(order.begin(), order.end());
        for (const auto& [delay, i] : order) {
            if (ceremony.output()) return;
            ceremony.advance(setup_->recovery_start() + delay);
            const core::Bytes message = sign(i, node(i).participant.shares(ceremony));
            if (strategy_of(i) == CeremonyStrategy::lie) {
                apply(ceremony, false_shares(i, message));
            } else if (strategy_of(i) != CeremonyStrategy::absent) {
                apply(ceremony, message);
            }
        }
        if (!ceremony.output()) ceremony.advance(setup_->recovery_start() + simulation_.scenario_.patience);
    }

    core::Bytes false_shares(std::uint32_t i, core::ByteView message) const {
        // The elements, one a ticket, then challenge and response.
        const std::size_t first =
            tail(message, setup_->ticket_count(i) * G::Point::size + 2 * G::Scalar::size);
        const auto element = G::Point::decode(message.subspan(first, G::Point::size)).value();
        const typename G::Point other = element + G::Point::multiply_base(typename G::Scalar{1});
        return forge(i, message, first, other.view());
    }

    /// The same deals, with any subset of the true reveals in any order. Its evidence is not counted again.
    void repeat(beacon::Ceremony<G> ceremony) {
        const auto convictions = result_.convictions;
        std::vector<std::uint32_t> revealing;
        for (const auto& [i, message] : reveals_) {
            if (chance_.coin()) revealing.push_back(i);
        }
        reveal(ceremony, revealing);
        recover(ceremony);
        result_.convictions = convictions;
        if (!ceremony.output() || !result_.output) return;
        ++result_.repeated;
        result_.differing += ceremony.output()->value != *result_.output;
    }

    const CeremonySimulation& simulation_;
    detail::Chance chance_;
    std::shared_ptr<const beacon::Setup<G>> setup_;
    Secrets secrets_;
    std::vector<std::pair<std::uint32_t, core::Bytes>> reveals_;
    SimulatedCeremony result_;
};

template <beacon::Group G>
core::result<CeremonySimulation<G>> CeremonySimulation<G>::create(CeremonyScenario scenario) {
    POUW_EXPECTS(scenario.weights.size() == scenario.coalition.size());
    const core::ChainId chain_id{"pouw-simulation"};
    CeremonySimulation out;
    std::vector<std::pair<std::uint32_t, Node>> made;
    for (std::size_t i = 0; i < scenario.weights.size(); ++i) {
        const crypto::MasterSeed master = detail::master_of(scenario.seed, i, chain_id);
        crypto::SigningKey signing_key = crypto::SigningKey::derive(master);
        auto participant = beacon::Participant<G>::derive(master, signing_key.public_key());
        out.holders_.push_back(participant.holder(chain_id, scenario.weights[i]));
        made.emplace_back(0, Node{std::move(signing_key), std::move(participant), scenario.coalition[i]});
    }
    out.scenario_ = std::move(scenario);
    out.add_bad_registrants(chain_id);
    auto setup = beacon::Setup<G>::create({chain_id, 0, 0, 1000}, out.scenario_.parameters, out.holders_);
    if (!setup) return setup.error();
    out.setup_ = *std::move(setup);
    // The nodes that take part.
    std::erase_if(made, [&](auto& node) {
        const auto position = out.setup_->position(node.second.signing_key.public_key());
        node.first = position.value_or(0);
        return !position;
    });
    std::sort(made.begin(), made.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [position, node] : made) out.nodes_.push_back(std::move(node));
    return out;
}

template <beacon::Group G>
void CeremonySimulation<G>::add_bad_registrants(const core::ChainId& chain_id) {
    const std::size_t nodes = scenario_.weights.size();
    const std::uint64_t heaviest =
        nodes == 0 ? 0 : *std::max_element(scenario_.weights.begin(), scenario_.weights.end());
    for (std::uint32_t i = 0; i < scenario_.bad_registrants && nodes != 0; ++i) {
        const crypto::MasterSeed master = detail::master_of(scenario_.seed, nodes + i, chain_id);
        const core::NodeId id = crypto::SigningKey::derive(master).public_key();
        const beacon::Holder<G>& victim = holders_[i % nodes];
        beacon::Holder<G> holder =
            beacon::Participant<G>::derive(master, id).holder(chain_id, i % 4 == 0 ? 0 : heaviest);
        if (i % 4 == 1) holder.possession = victim.possession;
        if (i % 4 == 2) holder.share_key = {};
        if (i % 4 == 3) {
            holder.share_key = victim.share_key;
            holder.possession = victim.possession;
        }
        holders_.push_back(std::move(holder));
    }
}

template <beacon::Group G>
SimulatedCeremony CeremonySimulation<G>::run(core::Epoch epoch) const {
    return Run{*this, epoch}.finish();
}

}  // namespace pouw::inline v1::simulation
