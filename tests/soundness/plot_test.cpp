#include "pouw/soundness/plot.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace pouw::inline v1::soundness {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Curve curve(std::string name, std::vector<std::pair<double, Interval>> points, bool logarithmic = false) {
    return {.plot = "test",
            .title = "A title",
            .x_label = "x",
            .y_label = "y",
            .name = std::move(name),
            .logarithmic_y = logarithmic,
            .points = std::move(points)};
}

struct Element {
    std::string name;
    std::map<std::string, std::string> attributes;

    [[nodiscard]] double number(const std::string& attribute) const {
        return std::stod(attributes.at(attribute));
    }
};

/// The text up to `end`, which is passed over.
std::string_view take(std::string_view& rest, std::string_view end) {
    const auto at = rest.find(end);
    if (at == std::string_view::npos) throw std::runtime_error{"no " + std::string{end}};
    const std::string_view out = rest.substr(0, at);
    rest.remove_prefix(at + end.size());
    return out;
}

/// Without mark-up of its own: entities, no bare & < >.
void require_text(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '<' || text[at] == '>') throw std::runtime_error{"bare mark-up"};
        if (text[at] != '&') continue;
        bool known = false;
        for (const std::string_view entity : {"&amp;", "&lt;", "&gt;", "&quot;"})
            known |= text.substr(at, entity.size()) == entity;
        if (!known) throw std::runtime_error{"bare &"};
    }
}

Element element(std::string_view tag) {
    const auto blank = tag.find(' ');
    Element out{.name = std::string{tag.substr(0, blank)}, .attributes = {}};
    std::string_view rest = blank == std::string_view::npos ? std::string_view{} : tag.substr(blank);
    while (!rest.empty()) {
        if (rest.front() != ' ') throw std::runtime_error{"no space before an attribute"};
        rest.remove_prefix(1);
        const std::string name{take(rest, "=\"")};
        const std::string_view value = take(rest, "\"");
        require_text(value);
        if (!out.attributes.emplace(name, value).second) throw std::runtime_error{"twice " + name};
    }
    return out;
}

/// All elements. Throws unless every tag is closed in order, attributes are quoted and text holds no bare
/// mark-up.
std::vector<Element> elements(std::string_view xml) {
    std::vector<Element> out;
    std::vector<std::string> open;
    while (!xml.empty()) {
        const auto begin = xml.find('<');
        require_text(xml.substr(0, begin));
        if (begin == std::string_view::npos) break;
        xml.remove_prefix(begin + 1);
        std::string_view tag = take(xml, ">");
        if (tag.starts_with('/')) {
            if (open.empty() || open.back() != tag.substr(1))
                throw std::runtime_error{"closes " + std::string{tag}};
            open.pop_back();
            continue;
        }
        const bool closed = tag.ends_with('/');
        if (closed) tag.remove_suffix(1);
        out.push_back(element(tag));
        if (!closed) open.push_back(out.back().name);
    }
    if (!open.empty()) throw std::runtime_error{"open " + open.back()};
    return out;
}

struct Position {
    double x = 0;
    double y = 0;
};

std::vector<Position> circles(const std::string& svg) {
    std::vector<Position> out;
    for (const Element& e : elements(svg))
        if (e.name == "circle") out.push_back({e.number("cx"), e.number("cy")});
    return out;
}

/// The corners of the first element of a kind.
std::vector<Position> line(const std::string& svg, std::string_view kind = "polyline") {
    std::vector<Position> out;
    for (const Element& e : elements(svg)) {
        if (e.name != kind) continue;
        std::istringstream points{e.attributes.at("points")};
        Position p;
        char comma = 0;
        while (points >> p.x >> comma >> p.y) out.push_back(p);
        break;
    }
    return out;
}

struct Frame {
    double left = 0;
    double top = 0;
    double right = 0;
    double bottom = 0;
};

Frame frame(const std::string& svg) {
    for (const Element& e : elements(svg)) {
        if (e.name != "rect" || e.attributes.at("class") != "frame") continue;
        return {e.number("x"), e.number("y"), e.number("x") + e.number("width"),
                e.number("y") + e.number("height")};
    }
    throw std::runtime_error{"no frame"};
}

void expect_inside(const std::string& svg, const std::vector<Position>& positions) {
    const Frame box = frame(svg);
    for (const Position& p : positions) {
        EXPECT_GE(p.x, box.left);
        EXPECT_LE(p.x, box.right);
        EXPECT_GE(p.y, box.top);
        EXPECT_LE(p.y, box.bottom);
    }
}

TEST(Plot, IsWellFormedAndDeterministic) {
    const std::vector<Curve> curves{curve("a", {{0, {1, 2, 3}}, {1, {2, 3, 4}}}),
                                    curve("b", {{0.5, {1, 1, 1}}})};
    const std::string svg = to_svg(curves);
    EXPECT_GT(elements(svg).size(), 20U);
    EXPECT_EQ(svg, to_svg(curves));
    EXPECT_EQ(svg.rfind("<svg xmlns=\"http://www.w3.org/2000/svg\"", 0), 0U);
}

TEST(Plot, TextIsEscaped) {
    Curve c = curve("<b> & \"co\"", {{0, {1, 1, 1}}});
    c.title = "a < b && c > d\n\"quoted\"";
    c.x_label = "</svg>";
    c.y_label = "P(d2 < T)";
    const std::vector<Curve> curves{c, c};
    const std::string svg = to_svg(curves);
    EXPECT_NO_THROW(elements(svg));
    EXPECT_NE(svg.find("a &lt; b &amp;&amp; c &gt; d &quot;quoted&quot;"), std::string::npos);
    EXPECT_NE(svg.find("&lt;b&gt; &amp; &quot;co&quot;"), std::string::npos);
    EXPECT_EQ(svg.find("</svg>"), svg.size() - 7);
}

TEST(Plot, PointsLieInTheFrameInOrder) {
    const std::vector<Curve> curves{
        curve("", {{-3, {-50, -10, 0}}, {0, {4, 5, 6}}, {7, {10, 20, 90}}, {8, {-infinity, 3, infinity}}})};
    const std::string svg = to_svg(curves);
    const auto points = circles(svg);
    ASSERT_EQ(points.size(), 4U);
    expect_inside(svg, points);
    EXPECT_LT(points[0].x, points[1].x);
    EXPECT_GT(points[0].y, points[1].y);  // greater values stand higher
    EXPECT_GT(points[1].y, points[2].y);
    // Equal steps of x are equal steps on paper.
    EXPECT_NEAR((points[1].x - points[0].x) / 3, (points[2].x - points[1].x) / 7, 0.01);
    EXPECT_EQ(line(svg).size(), 4U);
}

TEST(Plot, LogarithmicAxis) {
    const std::vector<Curve> curves{curve(
        "",
        {{0, {0, 1e-6, 2e-6}}, {1, {1e-3, 1e-3, 1e-3}}, {2, {1, 1, 1}}, {3, {0, 0, 1}}, {4, {-1, -1, -1}}},
        true)};
    const std::string svg = to_svg(curves);
    const auto points = circles(svg);
    ASSERT_EQ(points.size(), 3U);  // what is not above 0 has no place
    expect_inside(svg, points);
    EXPECT_NEAR(points[0].y - points[1].y, points[1].y - points[2].y, 0.02);
    EXPECT_NE(svg.find(">1e-5<"), std::string::npos);
    EXPECT_NE(svg.find(">0.01<"), std::string::npos);
}

TEST(Plot, ValuesWithoutPlaceAreLeftOut) {
    const std::vector<Curve> curves{curve(
        "",
        {{0, {nan, nan, nan}}, {nan, {1, 1, 1}}, {1, {0, infinity, 1}}, {2, {nan, 1, 2}}, {3, {0, 2, nan}}})};
    const std::string svg = to_svg(curves);
    EXPECT_EQ(circles(svg).size(), 2U);
    EXPECT_EQ(svg.find("nan"), std::string::npos);
    EXPECT_EQ(svg.find("inf"), std::string::npos);
}

TEST(Plot, NoPointsAndOnePoint) {
    for (const bool logarithmic : {false, true}) {
        const std::vector<Curve> none{curve("", {}, logarithmic)};
        EXPECT_NO_THROW(elements(to_svg(none)));
        EXPECT_TRUE(circles(to_svg(none)).empty());
        const std::vector<Curve> one{curve("", {{5, {2, 2, 2}}}, logarithmic)};
        expect_inside(to_svg(one), circles(to_svg(one)));
        EXPECT_EQ(to_svg(one).find("nan"), std::string::npos);
    }
}

TEST(Plot, ManyPointsBecomeALineWithABand) {
    Curve c = curve("", {});
    for (int i = 0; i < 500; ++i) {
        const double y = std::sin(i / 50.0);
        c.points.emplace_back(i, Interval{y - 0.1, y, y + 0.1});
    }
    const std::string svg = to_svg(std::vector<Curve>{c});
    EXPECT_NO_THROW(elements(svg));
    EXPECT_TRUE(circles(svg).empty());
    EXPECT_EQ(line(svg, "polygon").size(), 1000U);
    expect_inside(svg, line(svg, "polygon"));
    ASSERT_EQ(line(svg).size(), 500U);
    expect_inside(svg, line(svg));
}

TEST(Plot, LegendNamesEveryCurve) {
    std::vector<Curve> curves;
    for (int i = 0; i < 20; ++i)
        curves.push_back(curve("line " + std::to_string(i), {{0, {1, 1, 1}}, {1, {2, 2, 2}}}));
    const std::string svg = to_svg(curves);
    EXPECT_NO_THROW(elements(svg));
    for (int i = 0; i < 20; ++i) EXPECT_NE(svg.find(">line " + std::to_string(i) + "<"), std::string::npos);
}

}  // namespace
}  // namespace pouw::inline v1::soundness
