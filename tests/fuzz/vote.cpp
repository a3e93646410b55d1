#include "fuzz/fuzz.hpp"

#include "pouw/crypto/chain_digest.hpp"
#include "pouw/validation/voting.hpp"

namespace pouw::inline v1::fuzz {
namespace {

void needs_weight(const validation::Vote& decoded) {
    validation::Subject subject = decoded.subject;
    subject.chain = crypto::chain_digest("fuzz");
    validation::Voting voting{"fuzz", subject.epoch, {}};
    require(voting.open(subject, 1).has_value(), "any subject can be voted on");
    const core::Bytes before = voting.save();
    require(!voting.apply(decoded.encode(), 1).verdict, "without weight nobody votes");
    validation::Vote vote = decoded;
    vote.subject = subject;
    require(!voting.apply(vote, 1).verdict, "without weight nobody votes");
    require(voting.save() == before, "a refusal changes nothing");
}

}  // namespace

const Target target = decoder_of<validation::Vote, needs_weight>();

}  // namespace pouw::inline v1::fuzz
