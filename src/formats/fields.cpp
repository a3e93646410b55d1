#include "formats/fields.hpp"

#include "pouw/core/errc.hpp"

#include <algorithm>

namespace pouw::inline v1::formats {

std::string Place::path() const {
    std::string out = parent == nullptr ? std::string{} : parent->path();
    if (!out.empty() && !name.empty()) out += '.';
    out += name;
    if (index) {
        out += '[';
        out += std::to_string(*index);
        out += ']';
    }
    return out;
}

Fields::Fields(Value object, const Place& place, std::optional<Refusal>& refusal)
    : object_{object}, place_{place}, refusal_{refusal} {
    if (object.kind() != Kind::object) refuse({}, core::fail(errc::expected_object));
}

void Fields::refuse(std::string_view name, const core::error& error) {
    if (!refusal_) refusal_ = Refusal{error, name.empty() ? place_.path() : Place{&place_, name, {}}.path()};
}

bool Fields::has(std::string_view name) const {
    bool found = false;
    if (ok()) object_.each_field([&](std::string_view key, Value) { return !(found = key == name); });
    return found;
}

std::optional<Value> Fields::find(std::string_view name) {
    if (!ok()) return {};
    std::optional<Value> found;
    object_.each_field([&](std::string_view key, Value value) {
        if (key == name) found = value;
        return !found;
    });
    if (!found) {
        refuse(name, core::fail(errc::missing_field));
        return {};
    }
    POUW_EXPECTS(count_ < read_.size());
    read_[count_++] = name;
    return found;
}

void Fields::finish() {
    if (!ok()) return;
    const auto end = read_.begin() + static_cast<std::ptrdiff_t>(count_);
    object_.each_field([&](std::string_view key, Value) {
        if (std::find(read_.begin(), end, key) != end) return true;
        refuse(key, core::fail(errc::unknown_field));
        return false;
    });
}

core::uint128 Fields::decimal(std::string_view name) {
    const auto value = find(name);
    if (!value) return 0;
    const auto refused = [&](const core::error& error) {
        refuse(name, error);
        return core::uint128{0};
    };
    if (value->kind() == Kind::floating) return refused(core::fail(errc::floating_number));
    if (value->kind() == Kind::whole || value->kind() == Kind::negative)
        return refused(core::fail(errc::json_number));
    if (value->kind() != Kind::text) return refused(core::fail(errc::expected_decimal));
    if (value->text().starts_with('-')) return refused(core::fail(core::errc::invalid_amount, "negative"));
    const auto number = core::from_decimal(value->text());
    return number ? *number : refused(number.error());
}

core::uint128 Fields::decimal_up_to(std::string_view name, core::uint128 most, std::string_view too_large) {
    const core::uint128 value = decimal(name);
    if (value <= most) return value;
    refuse(name, core::fail(core::errc::overflow, too_large));
    return 0;
}

std::uint64_t Fields::u64(std::string_view name) {
    return static_cast<std::uint64_t>(decimal_up_to(name, UINT64_MAX, "more than 64 bits"));
}

std::uint32_t Fields::u32(std::string_view name) {
    return static_cast<std::uint32_t>(decimal_up_to(name, UINT32_MAX, "more than 32 bits"));
}

core::Amount Fields::amount(std::string_view name) {
    return static_cast<core::Amount>(
        decimal_up_to(name, static_cast<core::uint128>(core::max_amount), "more than 127 bits"));
}

core::Rate Fields::rate(std::string_view name) {
    const auto rate = core::Rate::create(u64(name));
    require(name, rate);
    return rate ? *rate : core::Rate{};
}

bool Fields::boolean(std::string_view name) {
    const auto value = find(name);
    if (!value) return false;
    if (value->kind() != Kind::boolean) refuse(name, core::fail(errc::expected_boolean));
    return ok() && value->boolean();
}

std::string Fields::text(std::string_view name) {
    const auto value = find(name);
    if (!value) return {};
    if (value->kind() != Kind::text) refuse(name, core::fail(errc::expected_text));
    return ok() ? std::string{value->text()} : std::string{};
}

std::uint64_t Fields::number(std::string_view name) {
    const auto value = find(name);
    if (!value) return 0;
    if (value->kind() != Kind::whole) refuse(name, core::fail(errc::expected_number));
    return ok() ? value->whole() : 0;
}

std::vector<std::string> Fields::texts(std::string_view name) {
    std::vector<std::string> out;
    each_value(name, [&](Value value) {
        if (value.kind() == Kind::text) {
            out.emplace_back(value.text());
        } else {
            const Place element{&place_, name, out.size()};
            refusal_ = Refusal{core::fail(errc::expected_text), element.path()};
        }
        return ok();
    });
    return out;
}

bool Fields::take_null(std::string_view name) {
    bool null = false;
    if (!ok()) return false;
    object_.each_field([&](std::string_view key, Value value) {
        null = key == name && value.kind() == Kind::null;
        return key != name;
    });
    if (null) (void)find(name);
    return null;
}

void Fields::read_hex(std::string_view name, std::span<std::uint8_t> out) {
    const auto value = find(name);
    if (!value) return;
    if (value->kind() != Kind::text) return refuse(name, core::fail(errc::expected_hex));
    const auto bytes = core::from_hex(value->text());
    if (!bytes) return refuse(name, bytes.error());
    if (bytes->size() != out.size()) return refuse(name, core::fail(core::errc::wrong_length));
    std::copy(bytes->begin(), bytes->end(), out.begin());
}

}  // namespace pouw::inline v1::formats
