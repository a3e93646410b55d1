#include <fmt/core.h>
#include <pouw/crypto/initialize.hpp>
#include <pouw/validation/assignment.hpp>
#include <pouw/validation/selection.hpp>
#include <pouw/validation/voting.hpp>

#include <array>
#include <vector>

// One task of a newcomer from request to ruling, in a network of five nodes: drawn, done, checked by whom the
// VRF selects and by the guaranteed validator, and put to the vote.
namespace {

using namespace pouw;
using namespace pouw::validation;

struct Node {
    crypto::SigningKey signing;
    vrf::SecretKey vrf_key;

    explicit Node(std::uint8_t number) : Node{seed_of(number)} {}

  private:
    explicit Node(const crypto::MasterSeed& seed)
        : signing{crypto::SigningKey::derive(seed)}, vrf_key{vrf::SecretKey::derive(seed)} {}

    // An example only: a node's seed is random and secret.
    static crypto::MasterSeed seed_of(std::uint8_t number) {
        crypto::MasterSeed seed;
        seed.fill()[0] = number;
        return seed;
    }
};

}  // namespace

int main() {
    if (!crypto::initialize()) return 1;
    std::vector<Node> nodes;
    std::vector<weights::NodeWeight> weights;
    std::vector<Registration> registrations;
    for (std::uint8_t i = 0; i < 5; ++i) {
        const Node& node = nodes.emplace_back(i);
        weights.push_back({node.signing.public_key(), 10u + i});
        registrations.push_back({node.signing.public_key(), node.vrf_key.public_key(), 100});
    }
    const auto judges = weights::WeightTable::create(weights).value();
    // What `beacon::Ceremony::output` gives: nobody knew it before block 1000, everybody from block 1020 on.
    const beacon::Output output{.value = {}, .known_at = 1000, .height = 1020};
    const core::ChainId chain{"example"};
    const auto epoch = EpochBeacon::create(chain, 7, output).value();

    // The request was fixed at block 900: the output, which is younger, decides who does it.
    const Request request{.requester = {}, .sequence = 0, .content = {}, .fixed_at = 900};
    const auto drawing = Drawing::create(epoch, request).value();
    const NodePool pool{judges};
    const auto relay = pool.relay(drawing, {}).value();
    const Task task{drawing.task(), pool.executors(drawing, std::array{relay}, 1).value().front()};

    // Every node but the executor finds out by itself whether it checks. At a rate of 1 the task also has a
    // guaranteed validator, whom everybody knows.
    const Validators validators{epoch, judges, registrations};
    const core::Fraction rate{1, 1};
    const core::NodeId guaranteed = validators.guaranteed(task, rate).front();
    const Subject subject{epoch.chain(), epoch.epoch(), task, crypto::blake2b_256({})};
    Voting voting{chain, epoch.epoch(), judges};
    if (!voting.open(subject, 1050)) return 1;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const core::NodeId& key = nodes[i].signing.public_key();
        const char* part = key == task.executor ? " executor" : key == relay ? " relay" : "";
        const auto decision = select(validators, key, nodes[i].vrf_key, task, rate);
        const bool selected = decision && decision->selected;
        if (selected && !verify_selection(validators, key, task, rate, decision->proof)) return 1;
        if (key == guaranteed && !selected) return 1;
        fmt::print("node {}:{}{}{}\n", i, part, selected ? " checks" : "",
                   key == guaranteed ? " (guaranteed)" : "");
        const Vote vote = cast_vote(subject, Verdict::valid, nodes[i].signing);
        if (voting.apply(vote.encode(), 1030).verdict.has_value() == (key == task.executor)) return 1;
    }
    fmt::print("valid: {} of {}\n", voting.support(task.id, Verdict::valid).value(), judges.total());
    return voting.ruling(task.id, 1030).value() == Ruling::valid ? 0 : 1;
}
