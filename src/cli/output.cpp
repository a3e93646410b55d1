#include "cli/output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace pouw::inline v1::cli {
namespace {

/// The bytes of the UTF-8 character at the start of the text that can be shown; 0 for what is none.
std::size_t shown_character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    if (byte(0) < 0x80) return byte(0) >= 0x20 && byte(0) != 0x7f ? 1 : 0;
    const std::size_t size = byte(0) < 0xc2   ? 0
                             : byte(0) < 0xe0 ? 2
                             : byte(0) < 0xf0 ? 3
                             : byte(0) < 0xf5 ? 4
                                              : 0;
    if (size > text.size()) return 0;
    for (std::size_t i = 1; i < size; ++i) {
        if (byte(i) >> 6 != 0b10) return 0;
    }
    return byte(0) == 0xc2 && byte(1) < 0xa0 ? 0 : size;  // further control characters
}

}  // namespace

std::string printable(std::string_view text) {
    constexpr std::size_t most = 2000;
    if (text.size() > most) {
        const std::string_view end = text.substr(text.size() - most / 4);
        return printable(text.substr(0, most / 2)) + " ... " + printable(end);
    }
    std::string out;
    while (!text.empty()) {
        const std::size_t size = shown_character(text);
        if (size == 0) {
            out += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(text.front()));
        } else {
            out += text.substr(0, size);
        }
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return out;
}

std::string to_text(const Json& json, int indent) {
    return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

void tell(std::string_view text) noexcept {
    (void)std::fwrite(text.data(), 1, text.size(), stderr);
    (void)std::fflush(stderr);
}

void finish_output() {
    errno = 0;
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
    const std::string why = errno == 0 ? "" : fmt::format(": {}", std::strerror(errno));
    throw Failure{Exit::usage, fmt::format("the output cannot be written{}", why)};
}

void open_standard_streams() {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(stream, F_GETFD) >= 0) continue;
        // Gets the lowest number that is free: this one.
        (void)::open("/dev/null", stream == STDERR_FILENO ? O_WRONLY : O_RDONLY);
    }
}

}  // namespace pouw::inline v1::cli
