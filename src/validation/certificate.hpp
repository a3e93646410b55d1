/// Verification of a certificate by parts of an electorate.
#pragma once

#include "pouw/validation/certificate.hpp"

namespace pouw::inline v1::validation::detail {

/// The same as `verify_certificate` of an electorate, without a copy of the table.
[[nodiscard]] core::result<void> verify_certificate(const core::ChainDigest& chain, core::Epoch epoch,
                                                    const weights::WeightTable& table,
                                                    const BlockCertificate& certificate, unsigned threads);

}  // namespace pouw::inline v1::validation::detail
