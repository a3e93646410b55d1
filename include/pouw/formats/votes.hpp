/// Signed votes on results as JSON. docs/formats.md has the schemas.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/formats/parsed.hpp"
#include "pouw/validation/vote.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pouw::inline v1::formats {

/// The vote of a text. Its signature is not verified.
/// Errors: those of the text.
[[nodiscard]] POUW_API parsed<validation::Vote> parse_vote(std::string_view text, const Limits& limits = {});
/// The JSON of a vote.
[[nodiscard]] POUW_API std::string to_json(const validation::Vote& vote);

/// The votes of a text. Their signatures are not verified.
/// Errors: those of the text.
[[nodiscard]] POUW_API parsed<std::vector<validation::Vote>> parse_votes(std::string_view text,
                                                                         const Limits& limits = {});
/// The JSON array of votes.
[[nodiscard]] POUW_API std::string to_json(std::span<const validation::Vote> votes);

}  // namespace pouw::inline v1::formats
