/// The entry that libFuzzer calls.
#include "fuzz/fuzz.hpp"

#include "pouw/crypto/initialize.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const bool ready = pouw::crypto::initialize().has_value();
    pouw::fuzz::require(ready, "libsodium is safe");
    return pouw::fuzz::target.check({data, size}) ? 0 : -1;
}
