/// What every decoder must do with any bytes: refuse, or give a value whose encoding is these bytes again.
#pragma once

#include "pouw/core/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pouw::fuzz {

/// Ends the program when a promise is broken. Not an assertion: it holds in every build.
void require(bool holds, std::string_view promise);

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

struct Target {
    std::string_view name;
    void (*run)(core::ByteView data);
};

inline constexpr Target targets[]{{"proof", proof},
                                  {"nonce_set", nonce_set},
                                  {"commitment", commitment},
                                  {"opening", opening},
                                  {"fraud_proof", fraud_proof},
                                  {"weight_table", weight_table},
                                  {"vote", vote},
                                  {"equivocation", equivocation},
                                  {"voting_state", voting_state},
                                  {"image_record", image_record},
                                  {"inference_record", inference_record}};

}  // namespace pouw::fuzz
