#include "pouw/soundness/plot.hpp"

#include "pouw/core/contract.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <string_view>
#include <vector>

namespace pouw::inline v1::soundness {
namespace {

constexpr double frame_left = 84;
constexpr double frame_top = 44;
constexpr double frame_width = 600;
constexpr double frame_height = 340;
constexpr double margin_right = 24;
constexpr double margin_bottom = 60;
constexpr double legend_gap = 18;
constexpr double legend_key = 30;
constexpr double legend_line = 20;
/// About the width of a letter of 13 pixels: no fonts are at hand.
constexpr double letter_width = 7.2;
constexpr double cap = 3;
/// From so many points on a curve has neither markers nor bars.
constexpr std::size_t many_points = 60;

/// Told apart on white and on black, and by most who do not see all colours.
constexpr std::array<std::string_view, 8> colours{"#3b82c4", "#d9650a", "#2a9d6f", "#b565a7",
                                                  "#b38a00", "#4fa8cc", "#c8443a", "#7f8c8d"};
constexpr std::array<std::string_view, 3> dashes{"", "7 4", "2 3"};

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                // XML has no other control characters, not even escaped ones.
                out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
    }
    return out;
}

/// Letters of UTF-8: all bytes but continuations.
std::size_t letters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string label_of(double value) {
    std::string text = fmt::format("{:.6g}", value == 0 ? 0.0 : value);
    // "1e-05" reads "1e-5".
    const auto e = text.find('e');
    if (e != std::string::npos) {
        auto digits = e + 1;
        if (text[digits] == '+') {
            text.erase(digits, 1);
        } else if (text[digits] == '-') {
            ++digits;
        }
        while (text[digits] == '0' && digits + 1 < text.size()) text.erase(digits, 1);
    }
    return text;
}

/// One axis: from values to pixels.
class Axis {
  public:
    Axis(double low, double high, double first_pixel, double last_pixel, bool logarithmic)
        : logarithmic_{logarithmic},
          low_{scaled(low)},
          high_{scaled(high)},
          first_{first_pixel},
          last_{last_pixel} {}

    [[nodiscard]] double pixel(double value) const {
        return first_ + (scaled(value) - low_) / (high_ - low_) * (last_ - first_);
    }
    /// An end of an interval: within the frame.
    [[nodiscard]] double end_pixel(double value) const {
        if (std::isnan(value) || (logarithmic_ && value <= 0) || value == -HUGE_VAL) return first_;
        if (value == HUGE_VAL) return last_;
        return std::clamp(pixel(value), std::min(first_, last_), std::max(first_, last_));
    }
    [[nodiscard]] std::vector<double> ticks() const {
        std::vector<double> out = logarithmic_ ? logarithmic_ticks() : std::vector<double>{};
        return out.size() >= 3 ? out : linear_ticks();
    }

  private:
    [[nodiscard]] double scaled(double value) const { return logarithmic_ ? std::log10(value) : value; }
    [[nodiscard]] double unscaled(double value) const { return logarithmic_ ? std::pow(10.0, value) : value; }

    [[nodiscard]] std::vector<double> logarithmic_ticks() const {
        const int first = static_cast<int>(std::floor(low_));
        const int last = static_cast<int>(std::ceil(high_));
        const int every = std::max(1, (last - first) / 7);
        const bool fine = last - first <= 3;
        std::vector<double> out;
        for (int decade = first; decade <= last; decade += every) {
            for (const int factor : {1, 2, 5}) {
                if (factor != 1 && !fine) break;
                const double value = factor * std::pow(10.0, decade);
                if (within(std::log10(value))) out.push_back(value);
            }
        }
        return out;
    }
    [[nodiscard]] std::vector<double> linear_ticks() const {
        const double from = unscaled(low_);
        const double to = unscaled(high_);
        const double rough = (to - from) / 6;
        const double power = std::pow(10.0, std::floor(std::log10(rough)));
        const double unit = rough / power;
        const double step = power * (unit < 1.5 ? 1 : unit < 3.5 ? 2 : unit < 7.5 ? 5 : 10);
        std::vector<double> out;
        for (double k = std::ceil(from / step - 1e-9); k * step <= to + 1e-9 * step; ++k)
            out.push_back(k * step);
        return out;
    }
    [[nodiscard]] bool within(double position) const {
        return position >= low_ - 1e-9 && position <= high_ + 1e-9;
    }

    bool logarithmic_;
    double low_;
    double high_;
    double first_;
    double last_;
};

struct AxisRange {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();

    void include(double value) {
        if (!std::isfinite(value)) return;
        low = std::min(low, value);
        high = std::max(high, value);
    }
};

using Point = std::pair<double, Interval>;

bool has_place(const Point& point, bool logarithmic) {
    const double y = point.second.estimate;
    return std::isfinite(point.first) && std::isfinite(y) && (!logarithmic || y > 0);
}

/// The ends of the x axis: those of the points.
Axis x_axis(std::span<const Curve> curves, bool logarithmic_y) {
    AxisRange range;
    for (const Curve& curve : curves)
        for (const Point& point : curve.points)
            if (has_place(point, logarithmic_y)) range.include(point.first);
    if (range.low > range.high) range = {.low = 0, .high = 1};
    const double margin = range.high > range.low ? 0.03 * (range.high - range.low) : 1;
    return {range.low - margin, range.high + margin, frame_left, frame_left + frame_width, false};
}

/// Those of the y axis: all intervals, from 0 where that is near.
Axis y_axis(std::span<const Curve> curves, bool logarithmic) {
    AxisRange range;
    double smallest = std::numeric_limits<double>::infinity();
    for (const Curve& curve : curves) {
        for (const Point& point : curve.points) {
            if (!has_place(point, logarithmic)) continue;
            const auto& [low, estimate, high] = point.second;
            for (const double value : {low, estimate, high})
                if (!logarithmic || value > 0) range.include(value);
            smallest = std::min(smallest, estimate);
        }
    }
    const double bottom = frame_top + frame_height;
    if (range.low > range.high) range = {.low = logarithmic ? 0.1 : 0, .high = 1};
    if (logarithmic) {
        // Bars that reach down to almost nothing must not flatten the rest.
        range.low = std::max(range.low, std::min(smallest, range.high) / 100);
        const double factor = range.high > range.low ? std::pow(range.high / range.low, 0.05) : 2;
        return {range.low / factor, range.high * factor, bottom, frame_top, true};
    }
    const bool from_zero = range.low >= 0 && range.low < 0.4 * range.high;
    const double margin =
        range.high > range.low ? 0.06 * (range.high - range.low) : std::max(1.0, std::abs(range.high)) / 10;
    return {from_zero ? 0 : range.low - margin, range.high + margin, bottom, frame_top, false};
}

/// The document as it grows.
class Drawing {
  public:
    Drawing(std::span<const Curve> curves)
        : curves_{curves},
          logarithmic_{curves.front().logarithmic_y},
          x_{x_axis(curves, logarithmic_)},
          y_{y_axis(curves, logarithmic_)} {}

    [[nodiscard]] std::string svg() {
        open();
        axes();
        for (std::size_t i = 0; i < curves_.size(); ++i) curve(i);
        if (curves_.size() > 1) legend();
        out_ += "</svg>\n";
        return std::move(out_);
    }

  private:
    template <typename... Values>
    void add(fmt::format_string<Values...> format, Values&&... values) {
        fmt::format_to(std::back_inserter(out_), format, std::forward<Values>(values)...);
    }

    [[nodiscard]] double width() const {
        double out = frame_left + frame_width + margin_right;
        if (curves_.size() == 1) return out;
        std::size_t longest = 0;
        for (const Curve& curve : curves_) longest = std::max(longest, letters(curve.name));
        return out + legend_key + 6 + std::ceil(letter_width * static_cast<double>(longest));
    }
    [[nodiscard]] double height() const {
        const double frame = frame_top + frame_height + margin_bottom;
        return std::max(frame, frame_top + legend_line * static_cast<double>(curves_.size()) + legend_gap);
    }

    void open() {
        const Curve& first = curves_.front();
        add("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
            "height=\"{1:.0f}\" role=\"img\">\n",
            width(), height());
        add("<title>{}</title>\n", escaped(first.title));
        out_ +=
            "<style>\n"
            "text { font: 13px 'DejaVu Sans', Verdana, sans-serif; fill: #24292f; }\n"
            ".heading { font-size: 15px; font-weight: bold; }\n"
            ".paper { fill: #ffffff; }\n"
            ".frame { fill: none; stroke: #6e7781; }\n"
            ".grid { stroke: #6e7781; stroke-opacity: 0.22; }\n"
            "@media (prefers-color-scheme: dark) {\n"
            "text { fill: #e6edf3; }\n"
            ".paper { fill: #0d1117; }\n"
            "}\n"
            "</style>\n";
        add("<rect class=\"paper\" width=\"{:.0f}\" height=\"{:.0f}\"/>\n", width(), height());
        add("<text class=\"heading\" x=\"{:.0f}\" y=\"26\">{}</text>\n", frame_left, escaped(first.title));
    }

    void axes() {
        const double bottom = frame_top + frame_height;
        const double right = frame_left + frame_width;
        for (const double tick : x_.ticks()) {
            const double at = x_.pixel(tick);
            add("<line class=\"grid\" x1=\"{0:.2f}\" y1=\"{1:.0f}\" x2=\"{0:.2f}\" y2=\"{2:.0f}\"/>\n", at,
                frame_top, bottom);
            add("<text x=\"{:.2f}\" y=\"{:.0f}\" text-anchor=\"middle\">{}</text>\n", at, bottom + 19,
                label_of(tick));
        }
        for (const double tick : y_.ticks()) {
            const double at = y_.pixel(tick);
            add("<line class=\"grid\" x1=\"{0:.0f}\" y1=\"{2:.2f}\" x2=\"{1:.0f}\" y2=\"{2:.2f}\"/>\n",
                frame_left, right, at);
            add("<text x=\"{:.0f}\" y=\"{:.2f}\" text-anchor=\"end\">{}</text>\n", frame_left - 8, at + 4.5,
                label_of(tick));
        }
        add("<rect class=\"frame\" x=\"{:.0f}\" y=\"{:.0f}\" width=\"{:.0f}\" height=\"{:.0f}\"/>\n",
            frame_left, frame_top, frame_width, frame_height);
        add("<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"middle\">{}</text>\n",
            frame_left + frame_width / 2, bottom + 44, escaped(curves_.front().x_label));
        add("<text transform=\"translate(18 {:.0f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
            frame_top + frame_height / 2, escaped(curves_.front().y_label));
    }

    void curve(std::size_t index) {
        std::vector<Point> points;
        for (const Point& point : curves_[index].points)
            if (has_place(point, logarithmic_)) points.push_back(point);
        if (points.empty()) return;
        const std::string_view colour = colours[index % colours.size()];
        add("<g class=\"curve\" stroke=\"{0}\" fill=\"{0}\">\n", colour);
        const bool many = points.size() > many_points;
        if (many) {
            band(points);
        } else {
            for (const Point& point : points) bar(point);
        }
        if (points.size() > 1) {
            out_ += "<polyline fill=\"none\" stroke-width=\"1.6\"";
            dash(index);
            out_ += " points=\"";
            for (const Point& point : points)
                add("{:.2f},{:.2f} ", x_.pixel(point.first), y_.pixel(point.second.estimate));
            out_.back() = '"';
            out_ += "/>\n";
        }
        if (!many) {
            for (const Point& point : points)
                marker(index, x_.pixel(point.first), y_.pixel(point.second.estimate));
        }
        out_ += "</g>\n";
    }

    void dash(std::size_t index) {
        const std::string_view pattern = dashes[index / colours.size() % dashes.size()];
        if (!pattern.empty()) add(" stroke-dasharray=\"{}\"", pattern);
    }

    void bar(const Point& point) {
        const double at = x_.pixel(point.first);
        const double low = y_.end_pixel(point.second.low);
        const double high = y_.end_pixel(point.second.high);
        if (low - high < 1) return;  // less than a pixel
        add("<path fill=\"none\" d=\"M{0:.2f} {2:.2f}V{3:.2f}M{1:.2f} {2:.2f}h{4:.0f}M{1:.2f} "
            "{3:.2f}h{4:.0f}\"/>\n",
            at, at - cap, low, high, 2 * cap);
    }

    void band(std::span<const Point> points) {
        const auto open_interval = [&](const Point& p) {
            return y_.end_pixel(p.second.low) - y_.end_pixel(p.second.high) >= 1;
        };
        if (std::none_of(points.begin(), points.end(), open_interval)) return;
        out_ += "<polygon stroke=\"none\" fill-opacity=\"0.2\" points=\"";
        for (const Point& p : points) add("{:.2f},{:.2f} ", x_.pixel(p.first), y_.end_pixel(p.second.high));
        for (auto p = points.rbegin(); p != points.rend(); ++p)
            add("{:.2f},{:.2f} ", x_.pixel(p->first), y_.end_pixel(p->second.low));
        out_.back() = '"';
        out_ += "/>\n";
    }

    void marker(std::size_t index, double x, double y) {
        switch (index % 4) {
            case 0:
                add("<circle cx=\"{:.2f}\" cy=\"{:.2f}\" r=\"3.2\"/>\n", x, y);
                break;
            case 1:
                add("<path d=\"M{:.2f} {:.2f}h6v6h-6z\"/>\n", x - 3, y - 3);
                break;
            case 2:
                add("<path d=\"M{:.2f} {:.2f}l3.8 6.6h-7.6z\"/>\n", x, y - 4.4);
                break;
            default:
                add("<path d=\"M{:.2f} {:.2f}l4 4l-4 4l-4 -4z\"/>\n", x, y - 4);
        }
    }

    void legend() {
        const double left = frame_left + frame_width + legend_gap;
        for (std::size_t i = 0; i < curves_.size(); ++i) {
            const double y = frame_top + 10 + legend_line * static_cast<double>(i);
            add("<g stroke=\"{0}\" fill=\"{0}\">\n", colours[i % colours.size()]);
            add("<path stroke-width=\"1.6\" d=\"M{:.0f} {:.0f}h{:.0f}\"", left, y, legend_key - 8);
            dash(i);
            out_ += "/>\n";
            if (curves_[i].points.size() <= many_points) marker(i, left + (legend_key - 8) / 2, y);
            out_ += "</g>\n";
            add("<text x=\"{:.0f}\" y=\"{:.1f}\">{}</text>\n", left + legend_key - 2, y + 4.5,
                escaped(curves_[i].name));
        }
    }

    std::span<const Curve> curves_;
    bool logarithmic_;
    Axis x_;
    Axis y_;
    std::string out_;
};

}  // namespace

std::string to_svg(std::span<const Curve> curves) {
    POUW_EXPECTS(!curves.empty());
    return Drawing{curves}.svg();
}

}  // namespace pouw::inline v1::soundness
