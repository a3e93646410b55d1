#include "cli/command.hpp"

#include "pouw/core/describe.hpp"
#include "pouw/core/version.hpp"
#include "pouw/pow/backend.hpp"
#include "pouw/pow/config.hpp"

#include <fmt/core.h>
#include <sodium.h>

#include <memory>
#include <thread>

namespace pouw::inline v1::cli {
namespace {

Json preset_json(const pow::Preset& preset) {
    return {{"name", preset.name},
            {"model", core::to_hex(pow::model_id(preset.config).view())},
            {"parameters", std::to_string(pow::parameter_count(preset.config))},
            {"sound", pow::require_sound(preset.config).has_value()}};
}

Json backend_json(const pow::Backend& backend) {
    return {{"name", backend.name()},
            {"description", backend.description()},
            {"instruction", backend.instruction()},
            {"priority", pow::priority(backend).value()},
            {"supported", backend.supported()}};
}

void print(const std::string& chosen) {
    fmt::print("pouw {} (specification {}), libsodium {}, {} hardware threads\n\n", core::version,
               core::spec_version, sodium_version_string(), std::thread::hardware_concurrency());
    fmt::print("{:<16} {:>13} {:<6} model (binding output)\n", "preset", "parameters", "sound");
    for (const pow::Preset& preset : pow::presets()) {
        fmt::print("{:<16} {:>13} {:<6} {}\n", preset.name, pow::parameter_count(preset.config),
                   pow::require_sound(preset.config) ? "yes" : "no",
                   core::to_hex(pow::model_id(preset.config).view()));
    }
    fmt::print("\n{:<16} {:<10} description\n", "backend", "supported");
    for (const pow::Backend* backend : pow::backends()) {
        fmt::print("{:<16} {:<10} {}{}\n", backend->name(), backend->supported() ? "yes" : "no",
                   backend->description(), backend->name() == chosen ? "  [runs unless told otherwise]" : "");
    }
}

Exit run(bool json) {
    const auto chosen = pow::select_backend();
    if (!chosen) throw usage("POUW_BACKEND", core::describe(chosen.error()));
    const std::string name{(*chosen)->name()};
    if (!json) {
        print(name);
        return Exit::success;
    }
    Json out{{"version", core::version},
             {"spec_version", core::spec_version},
             {"libsodium", sodium_version_string()},
             {"hardware_threads", std::thread::hardware_concurrency()},
             {"backend", name},
             {"presets", Json::array()},
             {"backends", Json::array()}};
    for (const pow::Preset& preset : pow::presets()) out["presets"].push_back(preset_json(preset));
    for (const pow::Backend* backend : pow::backends()) out["backends"].push_back(backend_json(*backend));
    fmt::print("{}\n", out.dump(2));
    return Exit::success;
}

}  // namespace

void add_info_command(CLI::App& app, const SetExit& set_exit) {
    auto json = std::make_shared<bool>(false);
    CLI::App& command = *app.add_subcommand("info", "Show presets, backends and versions");
    command.add_flag("--json", *json, "print JSON");
    on_command(command, set_exit, [json] { return run(*json); });
}

}  // namespace pouw::inline v1::cli
