#include "fuzz/fuzz.hpp"

#include "pouw/validation/certificate.hpp"

namespace pouw::inline v1::fuzz {
namespace {

void needs_weight(const validation::BlockVote& decoded) {
    const validation::BlockStatement& statement = decoded.statement;
    validation::CertificateCollector collector{{statement.chain, statement.epoch, {}}, statement};
    require(!collector.apply(decoded).verdict, "without weight nobody signs");
    require(collector.certificate().signatures.empty(), "a refusal changes nothing");
    require(!validation::BlockEquivocation::create(decoded, decoded), "a vote does not contradict itself");
}

}  // namespace

const Target target = decoder_of<validation::BlockVote, needs_weight>();

}  // namespace pouw::inline v1::fuzz
