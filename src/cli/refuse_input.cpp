// Apart from the readers, which tests use without the command line.
#include "cli/command.hpp"
#include "cli/json_fields.hpp"

#include <fmt/format.h>

namespace pouw::cli {

void refuse_input(const std::string& file, const Rejected& rejected, const char* verb, bool json) {
    if (json) {
        fmt::print("{}\n", Json{{verb, false},
                                {"error", rejected.code()},
                                {"field", rejected.field()},
                                {"reason", rejected.what()}}
                               .dump());
    }
    throw refused(file, rejected.what());
}

}  // namespace pouw::cli
