/// JSON objects read strictly: every field once, none unknown, numbers as decimal strings. Errors name the
/// field.
#pragma once

#include "pouw/core/wide.hpp"
#include "pouw/economics/settlement.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <istream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace pouw::cli {

using Json = nlohmann::ordered_json;

/// Content that is refused: where, and why.
class Rejected : public std::runtime_error {
  public:
    /// `code` is the stable name of the error.
    Rejected(std::string field, std::string code, std::string_view why);
    Rejected(std::string field, const core::error& error);

    [[nodiscard]] const std::string& field() const noexcept { return field_; }
    [[nodiscard]] const std::string& code() const noexcept { return code_; }

  private:
    std::string field_;
    std::string code_;
};

/// The fields of one object. Each is read once by name; `finish` refuses those that nobody read.
class Fields {
  public:
    /// `path` names the object in errors; empty for the outermost.
    Fields(const Json& json, std::string path);

    [[nodiscard]] std::uint64_t u64(const char* name);
    [[nodiscard]] std::uint32_t u32(const char* name);
    [[nodiscard]] core::Amount amount(const char* name);
    [[nodiscard]] core::Rate rate(const char* name);
    [[nodiscard]] economics::AccountId key(const char* name);
    [[nodiscard]] bool boolean(const char* name);
    /// The place of the text among `choices`.
    [[nodiscard]] std::size_t choice(const char* name, std::initializer_list<std::string_view> choices);
    [[nodiscard]] bool is_null(const char* name) { return peek(name).is_null(); }
    [[nodiscard]] Fields object(const char* name);
    /// Visits the objects of an array.
    template <typename Visit>
    void each(const char* name, Visit visit) {
        const Json& list = take(name);
        if (!list.is_array()) throw Rejected{at(name), "wrong_type", "expected an array"};
        for (std::size_t i = 0; i < list.size(); ++i) {
            Fields fields{list[i], element(at(name), i)};
            visit(fields);
            fields.finish();
        }
    }

    /// Marks a field as read.
    const Json& take(const char* name);
    void finish() const;

    /// The name of a field of this object, from the outermost.
    [[nodiscard]] std::string at(std::string_view name) const;
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] static std::string element(const std::string& list, std::size_t index);

  private:
    [[nodiscard]] const Json& peek(const char* name) const;
    [[nodiscard]] core::uint128 decimal(const char* name);

    const Json& json_;
    std::string path_;
    std::vector<std::string> read_;
};

/// Parses an object of which the array `streamed`, if it is not empty, is handed over element by element and
/// not kept: `on_element(fields before it, element, index)`. The other fields, all of which come before it,
/// are the result. Throws `Rejected` for a field that stands twice or after the streamed one, and
/// `std::invalid_argument` for what is no JSON.
Json parse_object(std::istream& in, const std::string& streamed,
                  const std::function<void(const Json&, const Json&, std::size_t)>& on_element);

/// Ends a command whose input file is rejected. With `json` standard output says it too: `verb` is false, and
/// why.
[[noreturn]] void refuse_input(const std::string& file, const Rejected& rejected, const char* verb,
                               bool json);

}  // namespace pouw::cli
