/// Attacks by calculation: the gain of hashes, memory and time for an attacker who computes no nonce
/// approximately, but shares work between nonces or chooses among them.
///
/// Hashes and memory are taken as free, so that every number is an upper bound for the attacker.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/soundness/report.hpp"
#include "pouw/soundness/variant.hpp"

#include <cstdint>
#include <vector>

namespace pouw::inline v1::soundness {

/// The resources of an attacker.
struct POUW_API Resources {
    double hashes_per_second = 1e10;  ///< input seeds; 10 GH/s
    double memory_bytes = 2e12;       ///< for what was seen: 2 TB
    double bytes_per_entry = 16;      ///< a fingerprint and a nonce
    double race_seconds = 300;
    double operations_per_second = 1e15;  ///< of the forward pass: one fast GPU at about half its peak
};

// Entropy of inputs
// ---------------------------------------------------------------------------

/// The collision entropy, in bits, of the first `positions` positions of a nonce's input: two nonces have
/// equal values there with probability 2^-bits. A token counts log2(vocab_size). A byte of noise counts
/// log2(65536/258), because -128 is read as 0. The entropy is at most 256, the bits of the seed.
/// Expects: positions within the sequence.
[[nodiscard]] POUW_API double input_entropy(const Variant& variant, std::uint32_t positions);

// Collisions
// ---------------------------------------------------------------------------

/// A search for nonces that share a value.
struct POUW_API CollisionSearch {
    double entropy = 0;      ///< collision entropy of what is shared, in bits
    double draws = 0;        ///< nonces hashed
    double entries = 0;      ///< distinct values that memory holds
    double evaluations = 0;  ///< values that the attacker can afford to evaluate
};

/// The expected yield of a search for collisions.
struct POUW_API CollisionYield {
    double evaluated = 0;  ///< values that are evaluated: as many as affordable, or all there are
    double served = 0;     ///< nonces that have these values
    [[nodiscard]] double per_evaluation() const { return served / evaluated; }
};

/// The yield of a search for collisions. The values are taken as equally likely. The attacker draws until
/// memory is full, counts the later draws with the value of each entry, and evaluates the entries with the
/// most nonces; further evaluations serve nonces of one each. Entries hold (1 + Poisson) nonces: a Poisson
/// law above 0 for the draws that filled the memory, and a Poisson law for the later draws.
/// Expects: draws, entries and evaluations of at least 1; entropy of at least 0.
[[nodiscard]] POUW_API CollisionYield collisions(const CollisionSearch& search);

/// The gain from nonces with equal inputs, evaluated once for all of them. The binding makes no difference,
/// because each nonce draws its own permutation of the shared output. It makes no difference either whether
/// the nonces belong to one key or to several.
[[nodiscard]] POUW_API AttackResult input_collisions(const Variant& variant, const Resources& resources);

/// The gain from collisions by the entropy of the inputs, with these resources and with 100 and 10,000 times
/// the hashes and memory. The curves show how much noise is enough.
[[nodiscard]] POUW_API std::vector<Curve> reuse_curves(const Variant& variant, const Resources& resources);

/// The gain from a cache of the first layer. The queries, keys and values of a position, computed before
/// attention mixes positions, are kept for every token and place where token and place determine them. The
/// result is the share of a forward pass that is saved.
[[nodiscard]] POUW_API AttackResult first_layer_caching(const Variant& variant, const Resources& resources);

/// The gain from a cache of prefixes: the states of a prefix are kept for all nonces that begin with it. With
/// bidirectional attention every state depends on the last position, and nothing can be kept beyond the first
/// layer.
[[nodiscard]] POUW_API AttackResult prefix_caching(const Variant& variant, const Resources& resources);

/// The gain from one forward pass for several keys, or for several races. Keys and races enter the seed of
/// the input. Keys share chance collisions only; between races the weights differ as well, and nothing is
/// shared.
[[nodiscard]] POUW_API std::vector<AttackResult> shared_passes(const Variant& variant,
                                                               const Resources& resources);

// Choice
// ---------------------------------------------------------------------------

/// The gain from a scan of the permutations of cheap nonces for those that fit the covariance of the outputs,
/// as the excess of the spectrum predicts it. It is compared with the measurement. `spectrum` is dim · tr S²
/// / (tr S)², as `health` measures it. The score t'St of a permuted target costs dim² operations (S is
/// symmetric). Over the permutations its relative standard deviation is sqrt(2 (spectrum - 1) / dim), and the
/// variance of d2 follows it. The fraction to keep is the best of `keep_fractions`.
[[nodiscard]] POUW_API AttackResult permutation_scan(const Variant& variant, const Interval& spectrum);

/// The factor on the probability of a solution when a fraction `keep` of the permutations is kept, under the
/// law above.
/// Expects: `dim > 0`; `rate` above 0 and below 1; `keep` above 0 and at most 1.
[[nodiscard]] POUW_API double scan_lift(double spectrum, std::uint32_t dim, double rate, double keep);

// Grinding
// ---------------------------------------------------------------------------

/// A miner that chooses among block hashes, each of which starts a different race, by the solutions that it
/// finds in them.
struct POUW_API Grinding {
    double candidates = 1;    ///< block hashes to choose from, 2^k
    double tried = 0;         ///< nonces that it evaluates in each before it chooses
    double afterwards = 0;    ///< nonces that it evaluates in the race that it has chosen
    double rate = 1.0 / 900;  ///< of solutions
};

/// The expected yield of grinding, by Poisson laws. No other strategy keeps more solutions per operation than
/// honest work either: every evaluated nonce yields `rate` in expectation, however it was chosen, and only
/// solutions in the chosen race count.
struct POUW_API GrindingYield {
    double selected = 0;       ///< solutions among the tried nonces of the best candidate: an E max
    double per_operation = 0;  ///< solutions per evaluated nonce, relative to honest work: never above 1
    double per_race = 0;       ///< solutions in the race, relative to a miner that starts with it
    double head_start = 0;     ///< the same, if all tried nonces were of one hash known as early
};

/// The exact yield, with E max = sum over j of (1 - F(j)^candidates). `head_start` is never below `per_race`:
/// early knowledge of one hash gains more than a choice among several.
/// Expects: candidates of at least 1; a rate above 0 and at most 1; at least one nonce; at most 1e7 expected
///     solutions among the nonces tried in a candidate.
[[nodiscard]] POUW_API GrindingYield grind(const Grinding& grinding);

/// The attack on a chain without a beacon whose miner tries 2^bits block hashes. Speed-ups are solutions per
/// operation at the best number of nonces to try (none, because every hash has the same probability of a
/// solution). The note states the cost of choosing and the value of early knowledge of a hash.
[[nodiscard]] POUW_API AttackResult block_hash_grinding(const Variant& variant, const Resources& resources,
                                                        unsigned bits);

// All of them
// ---------------------------------------------------------------------------

/// Every attack of this header, judged at the gate. `spectrum` is that of `permutation_scan`.
[[nodiscard]] POUW_API std::vector<AttackResult> reuse_attacks(const Variant& variant,
                                                               const Resources& resources,
                                                               const Interval& spectrum, double gate);

}  // namespace pouw::inline v1::soundness
