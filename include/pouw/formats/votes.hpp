/// Signed votes on results as JSON. docs/formats.md has the schemas.
#pragma once

#include "pouw/formats/parsed.hpp"
#include "pouw/validation/vote.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pouw::formats {

/// One vote. The signature is not verified.
/// Errors: those of the text.
[[nodiscard]] parsed<validation::Vote> parse_vote(std::string_view text, const Limits& limits = {});
[[nodiscard]] std::string to_json(const validation::Vote& vote);

/// Any number of votes. The signatures are not verified.
/// Errors: those of the text.
[[nodiscard]] parsed<std::vector<validation::Vote>> parse_votes(std::string_view text,
                                                                const Limits& limits = {});
[[nodiscard]] std::string to_json(std::span<const validation::Vote> votes);

}  // namespace pouw::formats
