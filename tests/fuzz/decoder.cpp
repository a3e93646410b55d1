/// The entry of one decoder's target: POUW_FUZZ_TARGET names its function.
#include "fuzz/fuzz.hpp"
#include "fuzz/targets.hpp"

#include "pouw/crypto/initialize.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const bool ready = pouw::crypto::initialize().has_value();
    pouw::fuzz::require(ready, "libsodium is safe");
    pouw::fuzz::POUW_FUZZ_TARGET({data, size});
    return 0;
}
