/// What every decoder must do with any bytes: refuse, or give a value whose encoding is these bytes again.
#pragma once

#include "pouw/core/bytes.hpp"

namespace pouw::inline v1::fuzz {

void proof(core::ByteView data);
void nonce_set(core::ByteView data);
void commitment(core::ByteView data);
void opening(core::ByteView data);
void fraud_proof(core::ByteView data);
void weight_table(core::ByteView data);
void vote(core::ByteView data);
void equivocation(core::ByteView data);
void voting_state(core::ByteView data);
void image_record(core::ByteView data);
void inference_record(core::ByteView data);
void tally(core::ByteView data);

}  // namespace pouw::inline v1::fuzz
