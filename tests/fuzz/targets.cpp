#include "fuzz/targets.hpp"

#include "fuzz/fuzz.hpp"

#include "pouw/crypto/chain_digest.hpp"
#include "pouw/judgement/comparison.hpp"
#include "pouw/judgement/judge.hpp"
#include "pouw/proof/fraud_proof.hpp"
#include "pouw/proof/nonce_set.hpp"
#include "pouw/validation/image.hpp"
#include "pouw/validation/voting.hpp"
#include "pouw/weights/weights.hpp"

#include <algorithm>

namespace pouw::inline v1::fuzz {
namespace {

bool equal(core::ByteView a, core::ByteView b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

void ask(const proof::VerifiedOpening& opened) {
    const std::vector<proof::NonceRange> ranges{{0, UINT64_MAX}};
    require(opened.count_in(ranges) == opened.count(), "the whole space holds all nonces");
    for (const auto& leaf : opened.leaves()) {
        require(opened.at(leaf.rank) == leaf.nonce, "a shown rank is answered");
        require(opened.find(leaf.nonce) == proof::VerifiedOpening::Presence::present,
                "a shown nonce is present");
    }
}

}  // namespace

void proof(core::ByteView data) {
    const auto decoded = proof::Proof::decode(data);
    if (!decoded) return;
    require(equal(decoded->encode(), data), "a proof has one encoding");
    require(std::is_sorted(decoded->claim.nonces.begin(), decoded->claim.nonces.end(), std::less_equal<>{}),
            "nonces ascend");
}

void nonce_set(core::ByteView data) {
    // The first two bytes are the count.
    if (data.size() < 2) return;
    const std::uint64_t count = core::load_le<std::uint16_t>(data.first(2));
    const auto decoded = proof::decode_nonces(data.subspan(2), count);
    if (!decoded) return;
    require(decoded->size() == count, "as many nonces as announced");
    require(equal(proof::encode_nonces(*decoded), data.subspan(2)), "a set has one encoding");
}

void commitment(core::ByteView data) {
    const auto decoded = proof::Commitment::decode(data);
    if (!decoded) return;
    require(equal(decoded->encode(), data), "a commitment has one encoding");
    (void)proof::signing_digest(decoded->claim);
}

void opening(core::ByteView data) {
    const auto decoded = proof::Opening::decode(data);
    if (!decoded) return;
    require(equal(decoded->encode(), data), "an opening has one encoding");
    if (const auto tree = decoded->implied_root())
        ask(proof::VerifiedOpening::create(*tree, *decoded).value());
}

void fraud_proof(core::ByteView data) {
    const auto decoded = proof::FraudProof::decode(data);
    if (!decoded) return;
    require(equal(decoded->encode(), data), "a fraud proof has one encoding");
    if (const auto opened = proof::VerifiedOpening::create(decoded->commitment.claim.tree, decoded->opening))
        ask(*opened);
}

void weight_table(core::ByteView data) {
    const auto decoded = weights::WeightTable::decode(data);
    if (!decoded) return;
    require(equal(decoded->encode(), data), "a table has one encoding");
    const auto capped = decoded->capped({3, 10});
    require(capped.total() == decoded->total(), "a cap keeps the total");
    for (const auto& node : capped.nodes()) {
        require(node.weight <= core::part_rounded_down({3, 10}, decoded->total()), "a cap holds");
    }
    require(weights::WeightTable::decode(capped.encode()).has_value(), "a capped table is a table");
}

void vote(core::ByteView data) {
    const auto decoded = validation::Vote::decode(data);
    if (!decoded) return;
    require(equal(decoded->encode(), data), "a vote has one encoding");
    validation::Subject subject = decoded->subject;
    subject.chain = crypto::chain_digest("fuzz");
    validation::Voting voting{"fuzz", subject.epoch, {}};
    require(voting.open(subject, 1).has_value(), "any subject can be voted on");
    const core::Bytes before = voting.save();
    require(!voting.apply(data, 1).verdict, "without weight nobody votes");
    validation::Vote vote = *decoded;
    vote.subject = subject;
    require(!voting.apply(vote, 1).verdict, "without weight nobody votes");
    require(voting.save() == before, "a refusal changes nothing");
}

void equivocation(core::ByteView data) {
    const auto decoded = validation::Equivocation::decode(data);
    if (!decoded) return;
    require(equal(decoded->encode(), data), "an equivocation has one encoding");
    if (const auto conviction = decoded->conviction(1))
        require(conviction->node == decoded->voter, "the voter is convicted");
}

void voting_state(core::ByteView data) {
    // First the table that judges, with its length, and then the state.
    if (data.size() < 2) return;
    const std::size_t size = core::load_le<std::uint16_t>(data.first(2));
    data = data.subspan(2);
    if (size > data.size()) return;
    const auto judges = weights::WeightTable::decode(data.first(size));
    if (!judges) return;
    const auto restored = validation::Voting::restore(*judges, data.subspan(size));
    if (restored) require(equal(restored->save(), data.subspan(size)), "a state has one encoding");
}

void image_record(core::ByteView data) {
    const auto decoded = validation::ImageRecord::decode(data);
    if (!decoded) return;
    require(equal(decoded->encode(), data), "a record has one encoding");
    require(validation::verify(decoded->request, decoded->output, *decoded).has_value(),
            "a record is true of itself");
}

void inference_record(core::ByteView data) {
    const auto decoded = judgement::InferenceRecord::decode(data);
    if (!decoded) return;
    require(equal(decoded->encode(), data), "a record has one encoding");
    const auto distance = judgement::distance(*decoded, *decoded);
    require(distance && distance->total == 0, "a record is no distance from itself");
    for (const std::uint32_t temperature : {0u, 1000u, UINT32_MAX}) {
        const auto sampler =
            judgement::Sampler::create({.temperature = temperature, .top_k = 3, .top_p = 900'000});
        for (std::uint32_t i = 0; i < decoded->tokens().size(); ++i) {
            const auto candidates = decoded->candidates(i);
            const std::uint32_t token = sampler->draw(i, candidates);
            require(sampler->could_draw(i, candidates, token, {}), "what is drawn could be drawn");
        }
    }
}

void tally(core::ByteView data) {
    const auto decoded = judgement::Tally::decode(data);
    if (!decoded) return;
    require(equal(decoded->encode(), data), "a tally has one encoding");
    require(decoded->conviction({}, 1).has_value() == (decoded->rule != judgement::Rule::none),
            "a rule convicts");
    const judgement::RunRule run{{1, 20}, {1, 1'000'000}};
    const judgement::EpochRule epoch{{1, 10}, {1, 20}};
    static const auto judge =
        judgement::Judge::create({.run = run, .sequential = {}, .epoch = epoch}).value();
    if (const auto after = judge.after(*decoded, judgement::Outcome::failed)) {
        require(judgement::Tally::decode(after->encode()).has_value(), "a tally leads to a tally");
    }
}

}  // namespace pouw::inline v1::fuzz
