// Writing by hand: digits, signs, letters, words, one after the other along a line.
#pragma once

#include <string>
#include <string_view>

#include "pages/draft.hpp"
#include "pages/hand.hpp"

namespace scrawl::pages {

/// A line to write on, in the page's units: y = y + slope (x - x0) + bow (x - x0)^2.
struct Baseline {
  float x0 = 0;
  float y = 0;
  float slope = 0;
  float bow = 0;

  float at(float x) const { return y + slope * (x - x0) + bow * (x - x0) * (x - x0); }
};

/// Writes `text` from `x` on, digits `height` high, until its end or `limit`; returns where its ink
/// ends. In it are digits; . , - / : = + x # ( ) _ (a long dash) and ' ' as themselves; ^ makes the
/// rest small and high; a letter that no digit resembles for 'a', one that some does for 'l', a
/// tick for 'v', a scribble for 's'.
float write(Draft& draft, const Hand& hand, std::string_view text, float x, const Baseline& line,
            float height, float limit = 1e9F);

/// Writes something like words in joined letters, no digit among them.
float write_words(Draft& draft, const Hand& hand, float x, const Baseline& line, float height,
                  float length);

/// How long `text` will be, about.
float length_of(const Hand& hand, std::string_view text, float height);

/// What people write in numbers: years, dates, amounts, phone numbers, repeated digits ...; digits
/// and signs for write().
std::string random_number(Random& random);
/// Digits alone, so many.
std::string random_digits(Random& random, int count);

}  // namespace scrawl::pages
