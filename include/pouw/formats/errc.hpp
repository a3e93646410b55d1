/// The errors of `pouw::formats`.
#pragma once

#include "pouw/core/error.hpp"

#include <cstdint>

// clang-format off
#define POUW_FORMATS_ERRORS(X) \
    X(not_json, 1200, "not JSON") \
    X(text_too_large, 1201, "the text is larger than the limit") \
    X(too_deep, 1202, "nested deeper than the limit") \
    X(missing_field, 1203, "is missing") \
    X(unknown_field, 1204, "is unknown") \
    X(duplicate_field, 1205, "stands twice in one object") \
    X(misplaced_field, 1206, "stands after tasks, which come last") \
    X(expected_object, 1207, "expected an object") \
    X(expected_array, 1208, "expected an array") \
    X(expected_text, 1209, "expected a string") \
    X(expected_decimal, 1210, "expected a decimal string") \
    X(json_number, 1211, "a JSON number; expected a decimal string") \
    X(floating_number, 1212, "a floating number; expected a decimal string") \
    X(expected_hex, 1213, "expected hexadecimal") \
    X(expected_boolean, 1214, "expected true or false") \
    X(expected_choice, 1215, "expected one of") \
    X(expected_number, 1216, "expected a JSON number, whole and not negative") \
    X(contradiction, 1217, "contradicts another field")
// clang-format on

namespace pouw::inline v1::formats {

POUW_ERRORS("formats", POUW_FORMATS_ERRORS)

}  // namespace pouw::inline v1::formats

#undef POUW_FORMATS_ERRORS
