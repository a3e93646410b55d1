/// The errors of `pouw::crypto`.
#pragma once

#include "pouw/core/error.hpp"

#include <cstdint>

// clang-format off
#define POUW_CRYPTO_ERRORS(X) \
    X(unsafe_libsodium, 100, "the linked libsodium fails the start-up check") \
    X(invalid_public_key, 101, "the public key is not the canonical encoding of a point of prime order") \
    X(invalid_signature, 102, "the signature does not verify") \
    X(invalid_key_file, 103, "not a pouw key file") \
    X(invalid_point, 104, "not the canonical encoding of a group element") \
    X(invalid_scalar, 105, "not a canonical scalar: it is not below the group order") \
    X(identity_point, 106, "the group's identity where no honest sender puts it") \
    X(false_possession, 107, "the proof of possession of the secret key does not verify") \
    X(invalid_prompt, 108, "not a sealed prompt") \
    X(not_a_recipient, 109, "the prompt is not sealed to this key") \
    X(unopenable_prompt, 110, "the sealed prompt does not open to what its sender committed to") \
    X(invalid_answer, 111, "not a sealed answer") \
    X(other_prompt, 112, "the answer is to another prompt") \
    X(other_sender, 113, "the answer is of another executor") \
    X(unopenable_answer, 114, "the sealed answer does not open to what its executor committed to")
// clang-format on

namespace pouw::inline v1::crypto {

POUW_ERRORS("crypto", POUW_CRYPTO_ERRORS)

}  // namespace pouw::inline v1::crypto

#undef POUW_CRYPTO_ERRORS
