#include <fmt/core.h>
#include <pouw/pow/miner.hpp>
#include <pouw/pow/threshold.hpp>
#include <pouw/proof/verify.hpp>

int main() {
    using namespace pouw;
    const auto config = pow::preset("tiny").value();  // for play; a chain takes "whitepaper"
    const auto threshold = pow::threshold_for(config, 1, 100).value();
    const auto seed = pow::race_seed({.chain_id = "example", .height = 7, .block_hash = {}, .beacon = {}});
    const auto race = pow::Race::create(config, seed).value();
    crypto::MasterSeed master;
    master.fill().front() = 0;  // zeros: an example only; a node takes generate_master_seed()
    const auto key = crypto::SigningKey::derive(master);

    const proof::Terms terms{pow::model_id(config), seed, key.public_key(), threshold};
    proof::Claim claim{terms, {}};
    pow::Miner miner{race, pow::node_seed(terms.node.view()), threshold};
    const auto report = miner.run(
        {.count = 1000, .on_solution = [&](const pow::Solution& s) { claim.nonces.push_back(s.nonce); }});
    if (report.error) return 1;
    const auto bytes = proof::sign(claim, key).encode();

    const auto received = proof::Proof::decode_verified(terms, bytes).value();
    const proof::VerifyOptions options{.allow_unsound = true};  // tiny is for play
    const auto verdict = proof::verify(terms, received, race, options).value();
    fmt::print("{} bytes, {} of {} nonces verified, voting weight {}\n", bytes.size(), verdict.passed,
               verdict.claimed, verdict.weight());
}
