#include "cli/refuse_input.hpp"

#include "cli/command.hpp"

#include <fmt/format.h>

namespace pouw::inline v1::cli {

void refuse_input(const std::string& file, const formats::Refusal& refusal, const char* verb, bool json) {
    const core::error_code code = refusal.error.code;
    const std::string why = formats::describe(refusal);
    if (code == formats::errc::not_json || code == formats::errc::text_too_large) throw usage(file, why);
    if (json) {
        fmt::print(
            "{}\n",
            Json{{verb, false}, {"error", code.name()}, {"field", refusal.path}, {"reason", why}}.dump());
    }
    throw refused(file, why);
}

}  // namespace pouw::inline v1::cli
