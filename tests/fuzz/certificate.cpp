#include "fuzz/fuzz.hpp"

#include "pouw/validation/certificate.hpp"

namespace pouw::inline v1::fuzz {
namespace {

void needs_weight(const validation::BlockCertificate& decoded) {
    const validation::Electorate nobody{decoded.statement.chain, decoded.statement.epoch, {}};
    require(!validation::verify_certificate(nobody, decoded), "without weight nothing is final");
    const auto collector = validation::CertificateCollector::restore(nobody, decoded.encode());
    require(collector.has_value() == (decoded.table_size == 0), "a state belongs to its table");
}

}  // namespace

const Target target = decoder_of<validation::BlockCertificate, needs_weight>();

}  // namespace pouw::inline v1::fuzz
