/// How a command ends whose input file is refused.
#pragma once

#include "pouw/formats/parsed.hpp"

#include <string>

namespace pouw::inline v1::cli {

/// A text that is no JSON, or too large, is a usage failure, anything else a refusal. With `json` standard
/// output says a refusal too: `verb` is false, and why.
[[noreturn]] void refuse_input(const std::string& file, const formats::Refusal& refusal, const char* verb,
                               bool json);

}  // namespace pouw::inline v1::cli
