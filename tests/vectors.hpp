/// Reads the JSON test vectors under tests/vectors.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/fraction.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <stdexcept>
#include <string>

namespace pouw::inline v1::test {

using Json = nlohmann::json;

/// The vector file `name`, a path below tests/vectors.
inline Json load_vectors(const std::string& name) {
    std::ifstream file{std::string{POUW_VECTORS} + "/" + name};
    if (!file) throw std::runtime_error{"missing vector file " + name};
    return Json::parse(file);
}

inline core::Bytes bytes(const Json& hex) { return core::from_hex(hex.get<std::string>()).value(); }

template <typename Fixed>
Fixed fixed(const Json& hex) {
    return Fixed::from(bytes(hex)).value();
}

/// 64-bit integers are decimal strings in the vectors: JSON numbers are doubles for many readers.
inline std::uint64_t u64(const Json& decimal) { return std::stoull(decimal.get<std::string>()); }

/// Numerator and denominator, as decimal strings.
inline core::Fraction fraction(const Json& pair) { return {u64(pair[0]), u64(pair[1])}; }

}  // namespace pouw::inline v1::test
