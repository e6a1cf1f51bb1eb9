// Text and numbers from outside: what is shown of them, and what is taken for a number.
#include <cstdint>
#include <gtest/gtest.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <scrawl/error.hpp>

#include "files/excerpt.hpp"
#include "files/number_of_json.hpp"
#include "files/number_of_text.hpp"
#include "files/printable.hpp"
#include "formats/json_parser.hpp"

namespace scrawl {
namespace {

using Json = nlohmann::json;
using namespace std::string_literals;

TEST(Printable, LeavesTextAsItIs) {
  for (const char* text :
       {"", "a b~\\'\"", "été", "七", "٧", "👩‍🔬", "\u00A0", "\uFEFF", "\U0010FFFF"})
    EXPECT_EQ(printable(text), text);
}

TEST(Printable, EscapesWhatSteersATerminal) {
  const std::pair<std::string, std::string> cases[] = {
      {"\x1b[31m", "\\x1B[31m"},  // CSI
      {"\xc2\x9b"
       "31m",
       "\\xC2\\x9B31m"},  // C1's CSI as UTF-8
      {"\x9b"
       "31m",
       "\\x9B31m"},                                            // and raw
      {"\x1b]8;;http://x\x1b\\", "\\x1B]8;;http://x\\x1B\\"},  // a link
      {"\xc2\x9d"
       "0;x\xc2\x9c",
       "\\xC2\\x9D0;x\\xC2\\x9C"},  // C1's OSC: a title
      {"\a", "\\x07"},
      {"\b", "\\x08"},
      {"\x7f", "\\x7F"},
      {"\0"s, "\\x00"},
      {"a\r\n\tb", "a\\r\\n\\tb"},
      {"\u2028\u2029", "\\xE2\\x80\\xA8\\xE2\\x80\\xA9"},
      {"gnp.\u202Eexe", "gnp.\\xE2\\x80\\xAEexe"},
      {"\u202A\u2066\u2069", "\\xE2\\x80\\xAA\\xE2\\x81\\xA6\\xE2\\x81\\xA9"},
      {"\u200F\u061C", "\\xE2\\x80\\x8F\\xD8\\x9C"},
      {"\U000E0041", "\\xF3\\xA0\\x81\\x81"},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(printable(text), expected);
    EXPECT_EQ(printable(printable(text)), expected) << "once is enough";
  }
}

TEST(Printable, EscapesWhatIsNotUtf8) {
  const std::pair<std::string, std::string> cases[] = {
      {"\x80", "\\x80"},
      {"a\xc3", "a\\xC3"},                           // cut off
      {"\xe2\x80", "\\xE2\\x80"},                    // cut off
      {"\xc3(", "\\xC3("},                           // not continued
      {"\xc0\x9b", "\\xC0\\x9B"},                    // ESC in two bytes
      {"\xc1\xbf", "\\xC1\\xBF"},                    // overlong
      {"\xe0\x82\x9b", "\\xE0\\x82\\x9B"},           // CSI in three bytes
      {"\xf0\x80\x80\x9b", "\\xF0\\x80\\x80\\x9B"},  // in four
      {"\xed\xa0\x80", "\\xED\\xA0\\x80"},           // a surrogate
      {"\xf4\x90\x80\x80", "\\xF4\\x90\\x80\\x80"},  // beyond U+10FFFF
      {"\xf8\x88\x80\x80\x80", "\\xF8\\x88\\x80\\x80\\x80"},
      {"\xff\xfe", "\\xFF\\xFE"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(printable(text), expected);
}

TEST(Printable, CutsTheMiddleOutOfALongText) {
  EXPECT_EQ(printable("0123456789", 10), "0123456789");
  EXPECT_EQ(printable("0123456789", 8), "012345…89");
  EXPECT_EQ(printable("éééééééé", 9), "ééé…é") << "no character is cut in two";
  const std::string message = "found '" + std::string(9'000'000, '\x1b') + "', expected a number";
  const std::string shown = printable(message, longest_message);
  EXPECT_LE(shown.size(), 4 * longest_message + 3);
  EXPECT_TRUE(shown.starts_with("found '\\x1B"));
  EXPECT_TRUE(shown.ends_with("\\x1B', expected a number"));
  EXPECT_LE(printable(std::string(100, '\x80'), 10).size(), 43U);
}

TEST(Printable, JsonIsReadBackAsItWas) {
  const std::string text = "é\u009B\u202E\x7f\n\U000E0041\x1b\"\\👩‍🔬";
  const Json json{{"file", text}};
  for (const int indent : {-1, 2}) {
    const std::string shown = printable_json(json.dump(indent));
    EXPECT_EQ(Json::parse(shown), json) << shown;
    EXPECT_EQ(printable_json(shown), shown);
  }
  EXPECT_EQ(printable_json(json.dump()),
            R"({"file":"é\u009b\u202e\u007f\n\udb40\udc41\u001b\"\\👩‍🔬"})");
  EXPECT_EQ(printable_json("{\n  \"a\": 1\n}"), "{\n  \"a\": 1\n}");
}

TEST(Excerpt, IsTheBeginning) {
  EXPECT_EQ(excerpt("abc", 3), "abc");
  EXPECT_EQ(excerpt("abcd", 3), "abc…");
  EXPECT_EQ(excerpt("aéé", 4), "aé…");
  EXPECT_EQ(excerpt(std::string(10, '\x80'), 8), std::string(4, '\x80') + "…");
  EXPECT_LT(excerpt(std::string(9'000'000, 'x')).size(), 300U);
}

TEST(NumberOfText, IsAllOfTheText) {
  EXPECT_EQ(number_of_text<int>("-7"), -7);
  EXPECT_EQ(number_of_text<std::size_t>("18446744073709551615"), SIZE_MAX);
  EXPECT_EQ(number_of_text<float>("1e-3"), 1e-3F);
  for (const char* bad : {"", " 7", "7 ", "7x", "+7", "0x7", "2147483648", "1e3"})
    EXPECT_EQ(number_of_text<int>(bad), std::nullopt) << bad;
  for (const char* bad : {"-1", "18446744073709551616"})
    EXPECT_EQ(number_of_text<std::size_t>(bad), std::nullopt) << bad;
  for (const char* bad : {"nan", "inf", "-inf", "1e99", ""})
    EXPECT_EQ(number_of_text<float>(bad), std::nullopt) << bad;
  EXPECT_EQ(number_of_text<int>("9", 0, 9), 9);
  EXPECT_EQ(number_of_text<int>("10", 0, 9), std::nullopt);
}

TEST(NumberOfJson, IsWithinItsLimits) {
  constexpr int most = std::numeric_limits<int>::max();
  const auto whole = [](const char* text) {
    return number_of_json<int>(Json::parse(text), -5, most);
  };
  EXPECT_EQ(whole("7"), 7);
  EXPECT_EQ(whole("-5"), -5);
  EXPECT_EQ(whole("2147483647"), most);
  for (const char* bad :
       {"-6", "2147483648", "18446744073709551615", "18446744073709551611", "1e73", "-1e73", "7.0",
        "7.5", "-9223372036854775808", "\"7\"", "null", "true", "[7]", "{}"})
    EXPECT_EQ(whole(bad), std::nullopt) << bad;
  const auto real = [](const char* text) { return number_of_json<float>(Json::parse(text), 0, 1); };
  EXPECT_EQ(real("0.5"), 0.5F);
  EXPECT_EQ(real("1"), 1.0F);
  for (const char* bad : {"1.5", "-0.1", "1e300", "18446744073709551615", "\"0\"", "null"})
    EXPECT_EQ(real(bad), std::nullopt) << bad;
  EXPECT_EQ(number_of_json<double>(Json(std::numeric_limits<double>::quiet_NaN()), 0, 1),
            std::nullopt);
  EXPECT_EQ(number_of_json<std::size_t>(Json::parse("18446744073709551615"), 0, SIZE_MAX),
            SIZE_MAX);
}

/// What a parser says as it goes, as one text; depth 8 is too deep.
class Events {
 public:
  std::string said;

  void start_object() { open('{'); }
  void end_object() { close('}'); }
  void start_array() { open('['); }
  void end_array() { close(']'); }
  void key(std::string_view name) { said += "key " + std::string(name) + ';'; }
  void scalar(const JsonScalar& value) {
    if (const auto* text = std::get_if<std::string_view>(&value)) {
      said += "text " + std::string(*text) + ';';
    } else if (const auto* number = std::get_if<std::uint64_t>(&value)) {
      said += "number " + std::to_string(*number) + ';';
    } else {
      said += "other;";
    }
  }
  [[noreturn]] static void not_json(std::size_t at, std::string_view expected) {
    throw Error(std::to_string(at) + ": expected " + std::string(expected));
  }

 private:
  void open(char bracket) {
    if (++depth_ == 8) throw Error("too deep");
    said += bracket;
  }
  void close(char bracket) {
    --depth_;
    said += bracket;
  }

  int depth_ = 0;
};

/// The same from nlohmann-json.
struct NlohmannEvents : Events {
  bool null() { return scalar({}), true; }
  bool boolean(bool) { return null(); }
  bool number_integer(std::int64_t) { return null(); }
  bool number_unsigned(std::uint64_t value) { return scalar(value), true; }
  bool number_float(double, const std::string&) { return null(); }
  bool string(std::string& text) { return scalar(std::string_view(text)), true; }
  bool binary(Json::binary_t&) { return null(); }
  bool start_object(std::size_t) { return Events::start_object(), true; }
  bool end_object() { return Events::end_object(), true; }
  bool start_array(std::size_t) { return Events::start_array(), true; }
  bool end_array() { return Events::end_array(), true; }
  bool key(std::string& name) { return Events::key(name), true; }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) { return false; }
};

std::optional<std::string> own_events(std::string_view text) try {
  Events events;
  JsonParser(text, events).parse();
  return events.said;
} catch (const Error&) {
  return std::nullopt;
}

std::optional<std::string> nlohmann_events(const std::string& text) try {
  NlohmannEvents events;
  if (!Json::sax_parse(text, &events)) return std::nullopt;
  return events.said;
} catch (const Error&) {
  return std::nullopt;
}

TEST(JsonParser, SaysWhatNlohmannJsonSays) {
  const std::string texts[] = {
      R"({"a":{"dtype":"F32","shape":[2,30],"data_offsets":[0,8]},"__metadata__":{"k":"v"}})",
      R"( [ 0, -1, 1.5e+3, true, false, null, "", [], {} , 18446744073709551615,18446744073709551616 ] )",
      "[\"\\u00e9\\ud83d\\udc69\\n\\\"\\/é👩\", {\"\\u0000\": 7}]",
      "[[[[[[[1]]]]]]]",
      "[[[[[[[[1]]]]]]]]",
      R"(["\ud83d"])",
      R"(["\udc69\ud83d"])",
      "[\"\xC0\x80\"]",
      "[01]",
      "[1,]",
      "{\"a\":1,}",
      "[1 2]",
      "[-]",
      "[.5]",
      "[5.]",
      "[5e]",
      "nul",
      "nulll",
      "\"a",
      "\"\\x\"",
      "\"\\u12g4\"",
      "\"\n\"",
      "",
      " ",
      "1 1",
      "{1:2}",
      "{\"a\" 1}",
      "{\"a\":}"};
  for (const std::string& text : texts) {
    EXPECT_EQ(own_events(text), nlohmann_events(text)) << text;
    for (std::size_t at = 0; at < text.size(); ++at) {
      EXPECT_EQ(own_events(text.substr(0, at)), nlohmann_events(text.substr(0, at))) << text;
      for (const char other : "\"\\{}[]:,.0a-\x01\x80\xE2 "s) {
        std::string changed = text;
        changed[at] = other;
        EXPECT_EQ(own_events(changed), nlohmann_events(changed)) << changed;
      }
    }
  }
}

TEST(JsonString, IsWhatNlohmannJsonWrites) {
  std::string all;
  for (int byte = 0; byte < 128; ++byte) all += static_cast<char>(byte);
  for (const std::string& text : {""s, all, "é👩 \xEF\xBF\xBD"s, "a\x80z"s, "\xC3"s}) {
    EXPECT_EQ(to_json_string(text),
              Json(text).dump(-1, ' ', false, Json::error_handler_t::replace));
  }
}

}  // namespace
}  // namespace scrawl
