#include "cli/json_fields.hpp"

#include "pouw/core/describe.hpp"
#include "pouw/core/errc.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pouw::cli {
namespace {

std::string line(const std::string& field, std::string_view why) {
    return field.empty() ? std::string{why} : fmt::format("{}: {}", field, why);
}

}  // namespace

Rejected::Rejected(std::string field, std::string code, std::string_view why)
    : std::runtime_error{line(field, why)}, field_{std::move(field)}, code_{std::move(code)} {}

Rejected::Rejected(std::string field, const core::error& error)
    : Rejected{std::move(field), std::string{error.code.name()}, core::describe(error)} {}

Fields::Fields(const Json& json, std::string path) : json_{json}, path_{std::move(path)} {
    if (!json_.is_object()) throw Rejected{path_, "wrong_type", "expected an object"};
}

std::string Fields::at(std::string_view name) const {
    return path_.empty() ? std::string{name} : fmt::format("{}.{}", path_, name);
}

std::string Fields::element(const std::string& list, std::size_t index) {
    return fmt::format("{}[{}]", list, index);
}

const Json& Fields::peek(const char* name) const {
    const auto found = json_.find(name);
    if (found == json_.end()) throw Rejected{at(name), "missing_field", "is missing"};
    return *found;
}

const Json& Fields::take(const char* name) {
    const Json& value = peek(name);
    read_.emplace_back(name);
    return value;
}

void Fields::finish() const {
    for (const auto& [name, value] : json_.items()) {
        if (std::find(read_.begin(), read_.end(), name) == read_.end())
            throw Rejected{at(name), "unknown_field", "is unknown"};
    }
}

core::uint128 Fields::decimal(const char* name) {
    const Json& value = take(name);
    if (value.is_number_float())
        throw Rejected{at(name), "wrong_type", "a floating number; expected a decimal string"};
    if (value.is_number()) throw Rejected{at(name), "wrong_type", "a JSON number; expected a decimal string"};
    if (!value.is_string()) throw Rejected{at(name), "wrong_type", "expected a decimal string"};
    const auto& text = value.get_ref<const std::string&>();
    if (text.starts_with('-')) throw Rejected{at(name), core::error{core::errc::invalid_amount, "negative"}};
    const auto number = core::from_decimal(text);
    if (!number) throw Rejected{at(name), number.error()};
    return *number;
}

std::uint64_t Fields::u64(const char* name) {
    const core::uint128 value = decimal(name);
    if (value > UINT64_MAX) throw Rejected{at(name), core::error{core::errc::overflow, "more than 64 bits"}};
    return static_cast<std::uint64_t>(value);
}

std::uint32_t Fields::u32(const char* name) {
    const core::uint128 value = decimal(name);
    if (value > UINT32_MAX) throw Rejected{at(name), core::error{core::errc::overflow, "more than 32 bits"}};
    return static_cast<std::uint32_t>(value);
}

core::Amount Fields::amount(const char* name) {
    const core::uint128 value = decimal(name);
    if (value > static_cast<core::uint128>(core::max_amount))
        throw Rejected{at(name), core::error{core::errc::overflow, "more than 127 bits"}};
    return static_cast<core::Amount>(value);
}

core::Rate Fields::rate(const char* name) {
    const auto rate = core::Rate::create(u64(name));
    if (!rate) throw Rejected{at(name), rate.error()};
    return *rate;
}

economics::AccountId Fields::key(const char* name) {
    const Json& value = take(name);
    if (!value.is_string()) throw Rejected{at(name), "wrong_type", "expected hexadecimal"};
    const auto bytes = core::from_hex(value.get_ref<const std::string&>());
    if (!bytes) throw Rejected{at(name), bytes.error()};
    const auto key = economics::AccountId::from(*bytes);
    if (!key) throw Rejected{at(name), key.error()};
    return *key;
}

bool Fields::boolean(const char* name) {
    const Json& value = take(name);
    if (!value.is_boolean()) throw Rejected{at(name), "wrong_type", "expected true or false"};
    return value.get<bool>();
}

std::size_t Fields::choice(const char* name, std::initializer_list<std::string_view> choices) {
    const Json& value = take(name);
    std::string known;
    std::size_t place = 0;
    for (const std::string_view candidate : choices) {
        if (value == candidate) return place;
        known += fmt::format("{}{}", known.empty() ? "" : ", ", candidate);
        ++place;
    }
    throw Rejected{at(name), "wrong_type", fmt::format("expected one of {}", known)};
}

Fields Fields::object(const char* name) { return Fields{take(name), at(name)}; }

namespace {

/// Follows the parser: notices fields that stand twice, and takes streamed elements out as soon as they are
/// complete.
class Listener {
  public:
    using OnElement = std::function<void(const Json&, const Json&, std::size_t)>;

    Listener(const std::string& streamed, const OnElement& on_element)
        : streamed_{streamed}, on_element_{on_element} {}

    bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
        using Event = Json::parse_event_t;
        switch (event) {
            case Event::object_start:
                seen_.emplace_back();
                return true;
            case Event::key:
                note_key(parsed.get<std::string>());
                return true;
            case Event::object_end:
                seen_.pop_back();
                break;
            case Event::array_start:
                return true;
            default:
                break;
        }
        if (depth == 1) header_[top_] = parsed;
        if (depth == 2 && is_streaming()) {
            on_element_(header_, parsed, count_++);
            return false;
        }
        return true;
    }

    Json header() { return std::move(header_); }

  private:
    [[nodiscard]] bool is_streaming() const { return !streamed_.empty() && top_ == streamed_; }

    void note_key(const std::string& key) {
        std::vector<std::string>& seen = seen_.back();
        if (std::find(seen.begin(), seen.end(), key) != seen.end())
            throw Rejected{key, "duplicate_field", "stands twice in one object"};
        seen.push_back(key);
        if (seen_.size() != 1) return;
        if (is_streaming()) throw Rejected{key, "misplaced_field", fmt::format("stands after {}", streamed_)};
        top_ = key;
    }

    const std::string& streamed_;
    const OnElement& on_element_;
    Json header_ = Json::object();
    std::vector<std::vector<std::string>> seen_;  // keys of the open objects
    std::string top_;                             // the outermost field that is being read
    std::size_t count_ = 0;
};

}  // namespace

Json parse_object(std::istream& in, const std::string& streamed,
                  const std::function<void(const Json&, const Json&, std::size_t)>& on_element) {
    Listener listener{streamed, on_element};
    try {
        const Json rest = Json::parse(in, [&](int depth, Json::parse_event_t event, Json& parsed) {
            return listener(depth, event, parsed);
        });
        if (!rest.is_object()) throw Rejected{"", "wrong_type", "expected an object"};
    } catch (const Json::exception&) {
        throw std::invalid_argument{"not JSON"};
    }
    return listener.header();
}

}  // namespace pouw::cli
