#include "cli/soundness/soundness_command.hpp"

#include "cli/files.hpp"
#include "cli/options.hpp"
#include "cli/progress.hpp"

#include "pouw/crypto/blake2b.hpp"
#include "pouw/soundness/lab.hpp"
#include "pouw/soundness/plot.hpp"

#include <fmt/core.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>

namespace pouw::inline v1::cli {
namespace {

struct SoundnessOptions {
    Text preset;
    bool quick = false;
    Text samples;
    Text seed;
    std::string output;
    Text raw_outputs;
    bool outputs_only = false;
    ComputeOptions compute;
    bool json = false;
};

Json to_json(const soundness::Interval& value) {
    return Json::array({value.low, value.estimate, value.high});
}

Json to_json(const soundness::KeptGain& gain) {
    return {{"keep", gain.keep},
            {"lift", to_json(gain.lift)},
            {"speed_up", to_json(gain.speed_up)},
            {"solutions", gain.solutions}};
}

Json to_json(const soundness::AttackResult& attack, const pow::ModelConfig& config) {
    Json json{{"family", attack.family},
              {"attack", attack.attack},
              {"network", attack.variant},
              {"cost", attack.cost},
              {"completion", attack.completion},
              {"outputs", attack.outputs},
              {"permutations", attack.permutations},
              {"verdict", soundness::verdict_on(attack, config)},
              {"rates", Json::array()}};
    for (std::size_t r = 0; r < attack.speed_ups.size(); ++r) {
        const soundness::SpeedUp& speed_up = attack.speed_ups[r];
        Json rate{{"rate", speed_up.rate}, {"chosen", to_json(speed_up.chosen)}, {"kept", Json::array()}};
        for (const auto& gain : speed_up.kept) rate["kept"].push_back(to_json(gain));
        if (attack.bound) rate["bound"] = to_json((*attack.bound)[r]);
        json["rates"].push_back(std::move(rate));
    }
    switch (attack.output_binding) {
        case soundness::OutputBinding::impossible:
            json["binding_output"] = "not possible by construction";
            break;
        case soundness::OutputBinding::same:
            json["binding_output"] = "the same";
            break;
        case soundness::OutputBinding::exact_outputs:
            json["binding_output"] = attack.exact_outputs
                                         ? Json{{"exact_outputs", to_json(*attack.exact_outputs)},
                                                {"speed_up", to_json(*attack.exact_gain())}}
                                         : Json{};
            break;
    }
    if (!attack.note.empty()) json["note"] = attack.note;
    return json;
}

Json to_json(const soundness::HealthResult& health) {
    return {{"property", health.property},
            {"value", to_json(health.value)},
            {"expected", health.expected},
            {"verdict", soundness::to_string(health.verdict)},
            {"note", health.note}};
}

Json to_json(const soundness::ControlResult& control, const pow::ModelConfig& config) {
    Json json{{"control", control.control},
              {"condition", control.condition},
              {"verdict", soundness::to_string(control.verdict)}};
    if (control.property)
        json["property"] = to_json(*control.property);
    else
        json["attack"] = to_json(control.attack, config);
    return json;
}

Json to_json(const soundness::Report& report) {
    Json json{{"subject", report.subject},
              {"model", core::to_hex(pow::model_id(report.config).view())},
              {"seed", std::to_string(report.seed)},
              {"gate", report.gate},
              {"passed", report.passed()},
              {"complete", report.complete},
              {"seconds", report.seconds},
              {"samples", Json::object()},
              {"attacks", Json::array()},
              {"controls", Json::array()},
              {"health", Json::array()}};
    for (const auto& [what, count] : report.samples) json["samples"][what] = count;
    for (const auto& attack : report.attacks) json["attacks"].push_back(to_json(attack, report.config));
    for (const auto& control : report.controls) json["controls"].push_back(to_json(control, report.config));
    for (const auto& health : report.health) json["health"].push_back(to_json(health));
    return json;
}

/// Refused before the long work when it cannot be made.
void make_folder(const std::string& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error || !std::filesystem::is_directory(path)) throw usage(path, "cannot be made a folder");
}

/// Replaces a file as a whole or not at all.
void write_file(const std::filesystem::path& path, const std::string& text) {
    std::filesystem::path unfinished = path;
    unfinished += ".unfinished";
    std::ofstream file{unfinished, std::ios::binary};
    file << text;
    file.close();
    std::error_code error;
    if (file) std::filesystem::rename(unfinished, path, error);
    if (file && !error) return;
    std::filesystem::remove(unfinished, error);
    throw usage(path.string(), "cannot be written");
}

/// One picture for each plot, of all curves that belong to it.
void write_plots(const std::filesystem::path& folder, const soundness::Report& report) {
    std::map<std::string, std::vector<soundness::Curve>> plots;
    for (const soundness::Curve& curve : report.curves) plots[curve.plot].push_back(curve);
    for (const auto& [name, curves] : plots) write_file(folder / (name + ".svg"), soundness::to_svg(curves));
}

/// The file of raw outputs, and beside it what they are outputs of.
class RawOutputFiles {
  public:
    explicit RawOutputFiles(const std::string& path)
        : values_{path, 0644}, description_{path + ".json", 0644} {}

    void commit(const soundness::RawOutputs& outputs, const soundness::Report& report,
                std::uint64_t permutations) {
        const core::ByteView values = core::as_bytes(outputs.values);
        Json json{
            {"format", "int8, one row of model_dim values for each nonce: 0, 1, 2 ... of each key in turn"},
            {"config", core::to_hex(pow::encode(report.config))},
            {"model", core::to_hex(pow::model_id(report.config).view())},
            {"race_seed", core::to_hex(outputs.race_seed.view())},
            {"keys", Json::array()},
            {"rows", outputs.squared_distances.size()},
            {"digest", core::to_hex(crypto::blake2b_256(values).view())},
            {"seed", std::to_string(report.seed)},
            {"permutations", permutations}};
        for (const auto& key : outputs.keys) {
            json["keys"].push_back(
                {{"node_seed", core::to_hex(key.node_seed.view())}, {"nonces", key.nonces}});
        }
        const std::string text = json.dump(2) + "\n";
        values_.commit(values);
        description_.commit({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    }

  private:
    NewFile values_;
    NewFile description_;
};

soundness::Subject subject_of(const SoundnessOptions& options) {
    if (options.quick && options.preset) throw usage("--preset", "a quick run has a config of its own");
    auto subject = options.quick ? core::result<soundness::Subject>{soundness::quick_subject()}
                                 : soundness::preset_subject(options.preset.value_or("whitepaper"));
    if (!subject) fail_with("--preset", subject.error());
    if (options.samples) {
        const auto outputs = static_cast<double>(parse_positive("--samples", *options.samples));
        subject->samples = subject->samples.scaled(outputs / static_cast<double>(subject->samples.outputs));
    }
    return *std::move(subject);
}

Exit run(const SoundnessOptions& options) {
    const SignalStop signals;
    const soundness::Subject subject = subject_of(options);
    if (!options.output.empty()) make_folder(options.output);
    std::optional<RawOutputFiles> raw_files;
    if (options.raw_outputs) raw_files.emplace(*options.raw_outputs);
    std::optional<soundness::RawOutputs> raw;
    const auto keep_raw = [&raw](soundness::RawOutputs outputs) { raw = std::move(outputs); };
    ProgressLine line{true};
    const soundness::LabOptions lab{
        .seed = options.seed ? parse_u64("--seed", *options.seed) : 0,
        .threads = options.compute.threads(),
        .backend = options.compute.backend,
        .progress = [&line](
                        std::string_view step,
                        double fraction) { line.show(fmt::format("{:3.0f}%  {}", 100 * fraction, step)); },
        .stop = signals.token(),
        .raw_outputs = raw_files ? keep_raw : decltype(soundness::LabOptions::raw_outputs){},
        .outputs_only = options.outputs_only};
    const auto report = soundness::run(subject, lab);
    line.finish();
    if (!report) fail_with("soundness", report.error());
    const std::string json = to_json(*report).dump(2) + "\n";
    const std::string markdown = soundness::to_markdown(*report);
    // First of all, so that a full disk costs the files alone; and without an exception, so that a closed
    // pipe does not cost the files.
    const std::string& text = options.json ? json : markdown;
    (void)std::fwrite(text.data(), 1, text.size(), stdout);
    (void)std::fflush(stdout);
    if (!options.output.empty()) {
        const std::filesystem::path folder{options.output};
        write_file(folder / "report.json", json);
        write_file(folder / "report.md", markdown);
        write_plots(folder, *report);
    }
    if (raw) raw_files->commit(*raw, *report, subject.samples.permutations);
    if (!report->complete) return Exit::cancelled;
    if (options.outputs_only) return Exit::success;
    return report->passed() ? Exit::success : Exit::refused;
}

}  // namespace

void add_soundness_command(CLI::App& app, const SetExit& set_exit) {
    auto options = std::make_shared<SoundnessOptions>();
    CLI::App& command = *app.add_subcommand(
        "soundness", "Attack a model: can a nonce's chance be told, or improved, without all of the work?");
    command.add_option("--preset", options->preset, "the model (default: whitepaper)")->type_name("NAME");
    command.add_flag("--quick", options->quick, "a reduced model, in two minutes");
    command.add_option("--samples", options->samples, "outputs to draw; everything else in proportion")
        ->type_name("N");
    command.add_option("--seed", options->seed, "of race, nonces and permutations (default: 0)")
        ->type_name("N");
    command.add_option("--output", options->output, "folder for the report as table, JSON and plots")
        ->type_name("DIR");
    command
        .add_option("--raw-outputs", options->raw_outputs,
                    "write the scored outputs here, and FILE.json beside; never overwritten")
        ->type_name("FILE");
    command.add_flag("--outputs-only", options->outputs_only,
                     "score all outputs and measure their health; no attacks, no controls");
    options->compute.add_to(command);
    command.add_flag("--json", options->json, "print JSON");
    on_command(command, set_exit, [options] { return run(*options); });
}

}  // namespace pouw::inline v1::cli
