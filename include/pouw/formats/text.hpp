/// Texts that are read in pieces.
#pragma once

#include <functional>
#include <string_view>
#include <utility>

namespace pouw::inline v1::formats {

/// A function that returns the next piece of a text, which is valid until the next call. An empty piece ends
/// the text.
using NextPiece = std::function<std::string_view()>;

/// The pieces of a text that is in memory as a whole.
[[nodiscard]] inline NextPiece in_one_piece(std::string_view text) {
    return [text]() mutable { return std::exchange(text, std::string_view{}); };
}

}  // namespace pouw::inline v1::formats
