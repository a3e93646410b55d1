/// What the commands print: all of it or a failure on standard output, as much as possible on standard error.
#pragma once

#include "cli/command.hpp"

#include <string>
#include <string_view>

namespace pouw::inline v1::cli {

/// Text that moves no cursor and starts no line: control characters and bytes that are not UTF-8 as `\xNN`,
/// and of a long text its beginning and its end.
[[nodiscard]] std::string printable(std::string_view text);

/// The JSON text. Bytes of strings that are not UTF-8 are replaced: a file may have any name.
[[nodiscard]] std::string to_text(const Json& json, int indent = 2);

/// Writes to standard error. A failure is ignored: a full log is no reason to end a Race.
void tell(std::string_view text) noexcept;

/// Fails unless all that was printed on standard output was written.
void finish_output();

/// Opens the standard streams that are closed, so that no file that is opened later is taken for one of them.
/// What is printed on a standard output that was closed is not written.
void open_standard_streams();

}  // namespace pouw::inline v1::cli
