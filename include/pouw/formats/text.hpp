/// Texts that come in pieces.
#pragma once

#include <functional>
#include <string_view>
#include <utility>

namespace pouw::inline v1::formats {

/// Returns the next piece of a text, which lives until the next call; an empty piece ends the text.
using NextPiece = std::function<std::string_view()>;

/// A text that is there as a whole.
[[nodiscard]] inline NextPiece in_one_piece(std::string_view text) {
    return [text]() mutable { return std::exchange(text, std::string_view{}); };
}

}  // namespace pouw::inline v1::formats
