#include "formats/document.hpp"

#include "pouw/formats/errc.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <limits>

namespace pouw::inline v1::formats {
namespace {

using Parser = nlohmann::json;

/// The bytes of all pieces, as many as the limit allows.
class Pieces {
  public:
    Pieces(const NextPiece& next, std::uint64_t limit) : next_{next}, left_{limit} { refill(); }

    [[nodiscard]] bool at_end() const noexcept { return piece_.empty(); }
    [[nodiscard]] bool too_large() const noexcept { return too_large_; }
    /// The parser takes a zero byte for the end of the text. It is an error like other control characters.
    [[nodiscard]] char front() const noexcept { return piece_.front() == '\0' ? '\x01' : piece_.front(); }
    void advance() {
        piece_.remove_prefix(1);
        if (piece_.empty()) refill();
    }

  private:
    void refill() {
        piece_ = next_();
        too_large_ = piece_.size() > left_;
        if (too_large_) piece_ = {};
        left_ -= piece_.size();
    }

    const NextPiece& next_;
    std::string_view piece_;
    std::uint64_t left_;
    bool too_large_ = false;
};

/// Pieces as an iterator pair: without pieces it is the end.
class PieceIterator {
  public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = char;

    explicit PieceIterator(Pieces* pieces = nullptr) : pieces_{pieces} {}

    char operator*() const { return pieces_->front(); }
    PieceIterator& operator++() {
        pieces_->advance();
        return *this;
    }
    PieceIterator operator++(int) {
        PieceIterator before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(const PieceIterator& a, const PieceIterator& b) {
        return a.is_end() == b.is_end();
    }

  private:
    [[nodiscard]] bool is_end() const { return pieces_ == nullptr || pieces_->at_end(); }

    Pieces* pieces_;
};

/// Takes the events of the parser and appends tokens. It stops at the first refusal.
class Builder {
  public:
    Builder(const Limits& limits, const Stream* stream, Document& out)
        : limits_{limits}, stream_{stream}, out_{out} {}

    bool null() { return value({}); }
    bool boolean(bool b) { return value({.payload = b ? 1u : 0u, .kind = Kind::boolean}); }
    bool number_integer(Parser::number_integer_t) { return value({.kind = Kind::negative}); }
    bool number_unsigned(Parser::number_unsigned_t n) { return value({.payload = n, .kind = Kind::whole}); }
    bool number_float(Parser::number_float_t, const std::string&) { return value({.kind = Kind::floating}); }
    bool binary(Parser::binary_t&) { return refuse(errc::not_json); }
    bool string(const std::string& s) {
        if (!has_room(s.size())) return refuse(errc::text_too_large);
        return value(text_token(s));
    }

    bool key(const std::string& name) {
        Frame& frame = frames_.back();
        if (!has_room(name.size())) return refuse(errc::text_too_large);
        if (frames_.size() == 1 && has_streamed_) return refuse_after_stream(name);
        frame.key = static_cast<std::uint32_t>(out_.tokens.size());
        out_.tokens.push_back(text_token(name));
        return true;
    }

    bool start_object(std::size_t) { return open(Kind::object); }
    bool start_array(std::size_t) { return open(Kind::array); }
    bool end_object() {
        const Frame& frame = frames_.back();
        // The outermost object ended for all but its stream when that began.
        if (frame.token == 0 && has_streamed_) return close();
        end_at(frame, out_.tokens.size());
        return has_distinct_keys(frame, {}) && close();
    }
    bool end_array() {
        if (!frames_.back().streamed) {
            end_at(frames_.back(), out_.tokens.size());
            return close();
        }
        frames_.pop_back();
        has_streamed_ = true;
        return true;
    }

    bool parse_error(std::size_t, const std::string&, const Parser::exception&) {
        return refuse(errc::not_json);
    }

    /// What stopped the parser.
    [[nodiscard]] std::optional<Refusal> take_refusal() { return std::move(refusal_); }
    [[nodiscard]] bool has_streamed() const noexcept { return has_streamed_; }

  private:
    /// An object or array that is not closed yet.
    struct Frame {
        std::uint32_t token = 0;
        std::uint32_t key = 0;    // of an object: the token of its last key
        std::uint64_t count = 0;  // of an array: the elements that are complete
        Kind kind = Kind::object;
        bool streamed = false;
    };

    [[nodiscard]] bool has_room(std::size_t bytes) const noexcept {
        constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
        return out_.tokens.size() < most && bytes < most;
    }

    Token text_token(const std::string& s) {
        const Token token{
            .payload = out_.text.size(), .size = static_cast<std::uint32_t>(s.size()), .kind = Kind::text};
        out_.text += s;
        return token;
    }

    bool refuse(core::error_code code, std::string_view detail = {}) {
        if (!refusal_) refusal_ = Refusal{core::fail(code, detail), path()};
        return false;
    }

    bool refuse_after_stream(const std::string& name) {
        refusal_ = Refusal{core::fail(is_known(name) ? errc::duplicate_field : errc::misplaced_field), name};
        return false;
    }

    [[nodiscard]] bool is_known(const std::string& name) const {
        bool known = name == stream_->name;
        Value{out_, 0}.each_field(
            [&](std::string_view key, Value) { return !(known = known || key == name); });
        return known;
    }

    /// Whether the next value is the stream.
    [[nodiscard]] bool starts_stream() const {
        return stream_ != nullptr && frames_.size() == 1 && frames_[0].kind == Kind::object &&
               out_.text_of(out_.tokens[frames_[0].key]) == stream_->name;
    }

    bool value(const Token& token) {
        if (!has_room(0)) return refuse(errc::text_too_large);
        if (starts_stream()) return refuse(errc::expected_array);
        if (frames_.empty()) return refuse(errc::expected_object);
        out_.tokens.push_back(token);
        return complete();
    }

    bool open(Kind kind) {
        if (!has_room(0)) return refuse(errc::text_too_large);
        if (frames_.empty() && kind == Kind::array) return refuse(errc::expected_object);
        if (frames_.size() >= limits_.depth) return refuse(errc::too_deep);
        if (starts_stream()) {
            if (kind != Kind::array) return refuse(errc::expected_array);
            return open_stream();
        }
        frames_.push_back({.token = static_cast<std::uint32_t>(out_.tokens.size()), .kind = kind});
        out_.tokens.push_back({.kind = kind});
        return true;
    }

    /// The header is complete: it is handed over without the stream.
    bool open_stream() {
        end_at(frames_[0], frames_[0].key);
        if (!has_distinct_keys(frames_[0], stream_->name)) return false;
        frames_.push_back({.kind = Kind::array, .streamed = true});
        kept_tokens_ = out_.tokens.size();
        kept_text_ = out_.text.size();
        refusal_ = stream_->header(Value{out_, 0});
        return !refusal_;
    }

    /// Says how many tokens an object or array has.
    void end_at(const Frame& frame, std::size_t end) {
        out_.tokens[frame.token].size = static_cast<std::uint32_t>(end - frame.token - 1);
    }

    bool close() {
        frames_.pop_back();
        return complete();
    }

    /// A value is complete.
    bool complete() {
        if (frames_.empty()) return true;
        Frame& parent = frames_.back();
        if (parent.streamed) {
            refusal_ = stream_->element(Value{out_, static_cast<std::uint32_t>(kept_tokens_)}, parent.count);
            out_.tokens.resize(kept_tokens_);
            out_.text.resize(kept_text_);
        }
        ++parent.count;
        return !refusal_;
    }

    /// Whether no key of the innermost object stands twice; `further` is one that is not among its tokens.
    bool has_distinct_keys(const Frame& object, std::optional<std::string_view> further) {
        keys_.clear();
        if (further) keys_.push_back(*further);
        Value{out_, object.token}.each_field([&](std::string_view key, Value) {
            keys_.push_back(key);
            return true;
        });
        std::sort(keys_.begin(), keys_.end());
        const auto twice = std::adjacent_find(keys_.begin(), keys_.end());
        if (twice == keys_.end()) return true;
        std::string at = path_of(frames_.size() - 1);
        if (!at.empty()) at += '.';
        refusal_ = Refusal{core::fail(errc::duplicate_field), at.append(*twice)};
        return false;
    }

    /// The place that is being read.
    [[nodiscard]] std::string path() const { return path_of(frames_.size()); }

    /// The place inside the first `depth` open objects and arrays.
    [[nodiscard]] std::string path_of(std::size_t depth) const {
        std::string out;
        for (std::size_t i = 0; i < depth; ++i) {
            const Frame& frame = frames_[i];
            if (frame.kind == Kind::array) {
                out += '[';
                out += std::to_string(frame.count);
                out += ']';
            } else if (frame.key != 0) {
                if (!out.empty()) out += '.';
                out += out_.text_of(out_.tokens[frame.key]);
            }
        }
        return out;
    }

    const Limits& limits_;
    const Stream* stream_;
    Document& out_;
    std::vector<Frame> frames_;
    std::vector<std::string_view> keys_;  // of one object, while they are compared
    std::optional<Refusal> refusal_;
    bool has_streamed_ = false;
    std::size_t kept_tokens_ = 0;  // of the header
    std::size_t kept_text_ = 0;
};

}  // namespace

std::optional<Refusal> read_document(const NextPiece& next, const Limits& limits, const Stream* stream,
                                     Document& out) {
    Pieces pieces{next, limits.bytes};
    Builder builder{limits, stream, out};
    const bool complete = Parser::sax_parse(PieceIterator{&pieces}, PieceIterator{}, &builder);
    if (pieces.too_large()) return Refusal{core::fail(errc::text_too_large), {}};
    if (!complete) return builder.take_refusal();
    if (stream != nullptr && !builder.has_streamed())
        return Refusal{core::fail(errc::missing_field), std::string{stream->name}};
    return {};
}

}  // namespace pouw::inline v1::formats
