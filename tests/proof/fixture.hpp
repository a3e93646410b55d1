/// A tiny race with a key, and proofs of it.
#pragma once

#include "pouw/pow/miner.hpp"
#include "pouw/proof/proof.hpp"
#include "pouw/proof/verify.hpp"

#include <array>
#include <span>
#include <string_view>
#include <vector>

namespace pouw::inline v1::proof::test {

inline const crypto::SigningKey& node_key(std::uint8_t number = 1) {
    static const auto keys = [] {
        std::vector<crypto::SigningKey> out;
        for (std::uint8_t i = 0; i < 4; ++i) {
            std::array<std::uint8_t, 32> seed{};
            seed[0] = i;
            out.push_back(crypto::SigningKey::from_seed(seed));
        }
        return out;
    }();
    return keys[number];
}

/// The race of the specification's check values on the preset tiny, at a threshold that about 1 in 4 nonces
/// meets.
inline const pow::ModelConfig& tiny_config() {
    static const pow::ModelConfig config = pow::preset("tiny").value();
    return config;
}

inline Terms tiny_terms() {
    return {
        .model = pow::model_id(tiny_config()),
        .race_seed = pow::RaceSeed::from(
                         *core::from_hex("633756fa774c8cfa0c64779e47a17abe94f548a739d36f23b85e1fb179486a36"))
                         .value(),
        .node = node_key().public_key(),
        .threshold = 246271};
}

inline pow::Race tiny_race() {
    return pow::Race::create(tiny_config(), tiny_terms().race_seed, "scalar").value();
}

/// The tiny model is not known to be sound: what gives it weight must say so.
inline VerifyOptions unsound(VerifyOptions options = {}) {
    options.allow_unsound = true;
    return options;
}

/// Whether each of the first nonces passes.
inline const std::vector<bool>& outcomes() {
    static const std::vector<bool> table = [] {
        constexpr std::size_t size = 64;
        std::vector<std::uint64_t> nonces(size);
        for (std::size_t i = 0; i < size; ++i) nonces[i] = i;
        const auto evaluations =
            pow::Evaluator::create(tiny_race(), pow::node_seed(tiny_terms().node.view()), size)
                .value()
                .evaluate(nonces)
                .value();
        std::vector<bool> out;
        for (const auto& evaluation : evaluations) out.push_back(evaluation.passes(tiny_terms().threshold));
        return out;
    }();
    return table;
}

inline std::vector<std::uint64_t> nonces_that_pass() {
    std::vector<std::uint64_t> out;
    for (std::size_t i = 0; i < outcomes().size(); ++i) {
        if (outcomes()[i]) out.push_back(i);
    }
    return out;
}

inline Claim tiny_claim() { return {.terms = tiny_terms(), .nonces = nonces_that_pass()}; }

}  // namespace pouw::inline v1::proof::test
