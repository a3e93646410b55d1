/// Attacks that are arithmetic: what hashing, memory and time buy an attacker who evaluates no nonce
/// approximately, but shares work between nonces or chooses among them.
///
/// Hashes and memory are taken as free, so that every figure is an upper end for the attacker.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/soundness/report.hpp"
#include "pouw/soundness/variant.hpp"

#include <cstdint>
#include <vector>

namespace pouw::inline v1::soundness {

/// What an attacker owns.
struct POUW_API Resources {
    double hashes_per_second = 1e10;  ///< input seeds; 10 GH/s
    double memory_bytes = 2e12;       ///< for what was seen: 2 TB
    double bytes_per_entry = 16;      ///< a fingerprint and a nonce
    double race_seconds = 300;
    double operations_per_second = 1e15;  ///< of the forward pass: one fast GPU at about half its peak
};

// Entropy of inputs
// ---------------------------------------------------------------------------

/// Collision entropy, in bits, of what the first `positions` positions of a nonce's input hold: two nonces
/// have the same there with probability 2^-bits. The tokens count log2(vocab_size) each; a byte of noise
/// counts log2(65536/258), for -128 is read as 0. At most 256, the bits of the seed. Expects positions within
/// the sequence.
[[nodiscard]] POUW_API double input_entropy(const Variant& variant, std::uint32_t positions);

// Collisions
// ---------------------------------------------------------------------------

/// A search for nonces that share something.
struct POUW_API CollisionSearch {
    double entropy = 0;      ///< collision entropy of what is shared, in bits
    double draws = 0;        ///< nonces hashed
    double entries = 0;      ///< distinct values that memory holds
    double evaluations = 0;  ///< values that the attacker can afford to evaluate
};

/// Its yield, in expectation.
struct POUW_API CollisionYield {
    double evaluated = 0;  ///< values that are evaluated: as many as affordable, or all there are
    double served = 0;     ///< nonces that have these values
    [[nodiscard]] double per_evaluation() const { return served / evaluated; }
};

/// The values are taken as equally likely. The attacker draws until memory is full, counts how many later
/// draws hit each entry, and evaluates the entries with the most nonces; what he can afford beyond them are
/// nonces of one each. Entries hold (1 + Poisson) nonces, exactly a Poisson law above 0 for the draws that
/// filled the memory and a Poisson law for the later ones. Expects draws, entries and evaluations of at least
/// 1, entropy of at least 0.
[[nodiscard]] POUW_API CollisionYield collisions(const CollisionSearch& search);

/// Nonces with the same whole input, evaluated once for all of them: binding makes no difference, since each
/// draws a permutation of its own from the shared output. Whether the nonces belong to one key or to many
/// makes none either.
[[nodiscard]] POUW_API AttackResult input_collisions(const Variant& variant, const Resources& resources);

/// What collisions bring by the entropy of the inputs, with these resources and with hashes and memory 100
/// and 10,000 times as large: how much noise is enough.
[[nodiscard]] POUW_API std::vector<Curve> reuse_curves(const Variant& variant, const Resources& resources);

/// What a position computes in the first layer before attention mixes positions (queries, keys and values),
/// kept for every token and place where these alone decide it: the share of a forward pass that is saved.
[[nodiscard]] POUW_API AttackResult first_layer_caching(const Variant& variant, const Resources& resources);

/// The states of a prefix, kept for all nonces that begin alike. With bidirectional attention every state
/// depends on the last position, and nothing can be kept beyond the first layer.
[[nodiscard]] POUW_API AttackResult prefix_caching(const Variant& variant, const Resources& resources);

/// One forward pass for several keys, or for several races. Both enter the seed of the input: what keys share
/// are chance collisions; between races the weights differ as well, so that nothing is shared.
[[nodiscard]] POUW_API std::vector<AttackResult> shared_passes(const Variant& variant,
                                                               const Resources& resources);

// Choice
// ---------------------------------------------------------------------------

/// The permutations of cheap nonces scanned for those that fit the covariance of the outputs: what the excess
/// of the spectrum predicts, for comparison with what is measured. `spectrum`: dim · tr S² / (tr S)², as
/// `health` measures it. The score t'St of a permuted target costs dim² operations (S is symmetric); over the
/// permutations its relative standard deviation is sqrt(2 (spectrum - 1) / dim), and the variance of d2
/// follows it. The fraction to keep is the best of `keep_fractions`.
[[nodiscard]] POUW_API AttackResult permutation_scan(const Variant& variant, const Interval& spectrum);

/// The factor on a pass rate when a fraction `keep` of the permutations is kept, by the law above.
[[nodiscard]] POUW_API double scan_lift(double spectrum, std::uint32_t dim, double rate, double keep);

// Grinding
// ---------------------------------------------------------------------------

/// A miner who may choose among block hashes, each of which is another race, by his own solutions.
struct POUW_API Grinding {
    double candidates = 1;    ///< block hashes to choose from, 2^k
    double tried = 0;         ///< nonces that he evaluates in each before he chooses
    double afterwards = 0;    ///< nonces that he evaluates in the race he has chosen
    double rate = 1.0 / 900;  ///< of solutions
};

/// What it brings, in expectation. No other strategy keeps more solutions per operation than honest work
/// either: every evaluated nonce brings `rate` in expectation, whatever decided that it was evaluated, and
/// only solutions in the chosen race count.
struct POUW_API GrindingYield {
    double selected = 0;  ///< solutions among the tried nonces of the best candidate: E max of Poisson laws
    double per_operation = 0;  ///< solutions per evaluated nonce, relative to honest work: never above 1
    double per_race = 0;       ///< solutions in the race, relative to who starts with it
    double head_start = 0;     ///< the same, had all tried nonces been spent on a single hash known as early
};

/// Exact, E max = sum over j of (1 - F(j)^candidates). `head_start` is never below `per_race`: to know one
/// hash early is worth more than to choose among many. Expects candidates of at least 1, rate in 0..1, at
/// least one nonce, at most 1e7 expected solutions among those tried in a candidate.
[[nodiscard]] POUW_API GrindingYield grind(const Grinding& grinding);

/// A chain without a beacon whose miner tries 2^bits block hashes. Speed-ups are solutions per operation at
/// the best number of nonces to try (none: every hash has the same pass rate); the note says what choosing
/// costs and what knowing a hash early is worth.
[[nodiscard]] POUW_API AttackResult block_hash_grinding(const Variant& variant, const Resources& resources,
                                                        unsigned bits);

// All of them
// ---------------------------------------------------------------------------

/// Every attack of this page, judged at the gate. `spectrum`: as for `permutation_scan`.
[[nodiscard]] POUW_API std::vector<AttackResult> reuse_attacks(const Variant& variant,
                                                               const Resources& resources,
                                                               const Interval& spectrum, double gate);

}  // namespace pouw::inline v1::soundness
