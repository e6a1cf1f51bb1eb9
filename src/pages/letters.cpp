#include "pages/letters.hpp"

#include <algorithm>
#include <cstddef>

namespace scrawl::pages {

namespace {

constexpr std::string_view unlike_digits[] = {
    "083068 1555",               // A
    "083168 1555",               // A, open
    "60000868 0454",             // E
    "~61300234063867",           // E, written
    "600008 0454",               // F
    "0008 6068 0464",            // H
    "0008 600468",               // K
    "0008 6004 2468",            // K
    "0800346068",                // M
    "0810346078",                // M, spread
    "08006860",                  // N
    "0800 ~0050625404 2468",     // R
    "0800 ~0040524404 1458",     // R
    "0018345860",                // W
    "~00072733476760",           // w
    "0068 6008",                 // X
    "~0120364867 ~60403608",     // x, written
    "~62300438656167 6268",      // a
    "~126061 ~68646236051768",   // a, two storeys
    "~0464501004184867",         // e
    "~054461502103173857",       // e, slanted
    "~60302428 0353",            // f
    "~5030231738 0454",          // f
    "~5130142807042454",         // f, looped
    "0008 ~05335558",            // h
    "~00080533555868",           // h, written
    "0008 530558",               // k
    "0008 ~05335306 2568",       // k
    "0308 ~05233438 ~35536468",  // m
    "~03080523353835536368",     // m, written
    "0308 ~05335558",            // n
    "~03080533555867",           // n, written
    "0308 ~053354",              // r
    "~0308064353",               // r, written
    "~030627334657",             // w, narrow
    "3038 0464",                 // +
    "0363 0565",                 // =
    "0464",                      // -
    "2018 5048 0363 0565",       // #
    "3038 0266 6206",            // *
    "600468",                    // <
    "~61200428 0343 0545",       // euro
};

constexpr std::string_view like_digits[] = {
    "~30012547685640",               // O
    "~305102060717385745361512",     // o with its end inside
    "~302706175838",                 // l, written
    "~5131134457381706",             // S, s
    "00600868",                      // Z
    "~00506020 206008 0868",         // Z, another
    "0008 ~0050625404 ~5456675808",  // B
    "~0008163454563807",             // b
    "~52301204255263 606862",        // q
    "~5230120425526058673808",       // g
    "~62300438656167 6068",          // d
    "~61300234063867575535",         // G
    "~0003245464 ~606767481706",     // y
    "~00043556505768371706",         // y, written
    "2028 ~0242",                    // t
    "0060 3038",                     // T
    "~505728170605",                 // J
    "~62411305183868",               // C, c
    "~0004163858645060",             // U, u
    "003860",                        // v
    "000868",                        // L
    "0008 ~005062543404",            // P
    "0008 ~004052664808",            // D
    "~0202344658686",                // Q, as a 2
    "~3123 ~3438",                   // i
};

}  // namespace

Stroke smooth(const Stroke& points) {
  constexpr int steps = 6;
  if (points.size() < 3) return points;
  Stroke curve;
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    const Point a = points[i == 0 ? 0 : i - 1];
    const Point b = points[i];
    const Point c = points[i + 1];
    const Point d = points[std::min(i + 2, points.size() - 1)];
    const auto at = [](float t, float p, float q, float r, float s) {
      return 0.5F * (2 * q + (r - p) * t + (2 * p - 5 * q + 4 * r - s) * t * t +
                     (3 * q - p - 3 * r + s) * t * t * t);
    };
    for (int step = 0; step < steps; ++step) {
      const float t = static_cast<float>(step) / steps;
      curve.push_back({at(t, a.x, b.x, c.x, d.x), at(t, a.y, b.y, c.y, d.y)});
    }
  }
  curve.push_back(points.back());
  return curve;
}

std::span<const std::string_view> letters_unlike_digits() {
  return unlike_digits;
}

std::span<const std::string_view> letters_like_digits() {
  return like_digits;
}

std::vector<Stroke> parse_letter(std::string_view text) {
  std::vector<Stroke> strokes;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool curved = word[0] == '~';
    if (curved) word.remove_prefix(1);
    Stroke stroke;
    for (std::size_t i = 0; i + 1 < word.size(); i += 2) {
      stroke.push_back({static_cast<float>(word[i] - '0'), static_cast<float>(word[i + 1] - '0')});
    }
    strokes.push_back(curved ? smooth(stroke) : stroke);
  }
  return strokes;
}

}  // namespace scrawl::pages
