// Forms: what they expect, where they are on a scan, and what is written on them.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/error.hpp>

#include "decoding/write_png.hpp"
#include "forms/check_digit.hpp"
#include "forms/date.hpp"
#include "forms/expectation.hpp"
#include "forms/form.hpp"
#include "forms/form_table.hpp"
#include "forms/plausible.hpp"
#include "forms/read_form.hpp"
#include "forms/registration.hpp"
#include "made_form.hpp"
#include "process.hpp"
#include "recognition/page_reader.hpp"
#include "recognition/recognizer.hpp"
#include "scratch.hpp"

namespace scrawl {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(CheckDigits, AreThoseOfTheStandards) {
  EXPECT_TRUE(is_checked(CheckDigit::luhn, "79927398713"));
  EXPECT_FALSE(is_checked(CheckDigit::luhn, "79927398710"));
  EXPECT_TRUE(is_checked(CheckDigit::isbn, "0306406152"));
  EXPECT_FALSE(is_checked(CheckDigit::isbn, "0306406125"));
  EXPECT_TRUE(is_checked(CheckDigit::isbn, "9780306406157"));
  EXPECT_FALSE(is_checked(CheckDigit::isbn, "9780306406175"));
  EXPECT_FALSE(is_checked(CheckDigit::isbn, "1234567890128"));  // a right EAN that is no book
  EXPECT_TRUE(is_checked(CheckDigit::mod97, "79444"));          // the example of ISO/IEC 7064
  EXPECT_FALSE(is_checked(CheckDigit::mod97, "79454"));
}

TEST(CheckDigits, ArePassedByTheShareOfNumbersThatIsSaid) {
  for (const CheckDigit check : {CheckDigit::luhn, CheckDigit::mod97}) {
    int passed = 0;
    for (int i = 0; i < 100'000; ++i) {
      std::string digits = std::to_string(100'000 + i).substr(1);
      passed += is_checked(check, digits) ? 1 : 0;
    }
    EXPECT_NEAR(passed / 100'000.0, share_checked(check, 5), 0.001) << to_string(check);
  }
}

TEST(Dates, AreDaysOfTheCalendar) {
  const DateExpected date{"DD.MM.YYYY"};
  EXPECT_TRUE(is_date(date, "29022024"));
  EXPECT_FALSE(is_date(date, "29022023"));
  EXPECT_FALSE(is_date(date, "31042024"));
  EXPECT_FALSE(is_date(date, "01132024"));
  EXPECT_FALSE(is_date(date, "00012024"));
  EXPECT_FALSE(is_date(date, "01011899"));
  EXPECT_EQ(format_date(date, "29022024"), "29.02.2024");
  EXPECT_TRUE(is_date({"YYMMDD"}, "240229"));
  EXPECT_FALSE(is_date({"YYMMDD"}, "230229"));
  EXPECT_TRUE(is_date({"MM/YY"}, "1299"));
  EXPECT_FALSE(is_date({"MM/YY"}, "1399"));
  const DateExpected bounded{"DDMMYY", {2020, 5, 10}, {2020, 6, 2}};
  EXPECT_TRUE(is_date(bounded, "100520"));
  EXPECT_FALSE(is_date(bounded, "090520"));
  EXPECT_FALSE(is_date(bounded, "030620"));
  EXPECT_FALSE(is_date(bounded, "150521"));
}

TEST(Dates, ArePatternsOfWholeParts) {
  for (const char* pattern : {"DD.MM.YYYY", "YYYY-MM-DD", "MM/DD/YY", "YYYY", "DDMMYY"})
    EXPECT_TRUE(is_date_pattern(pattern)) << pattern;
  for (const char* pattern :
       {"", "D.M.YYYY", "DD.MM.YYY", "DDDD", "dd.mm.yyyy", "DMDM", "..", "DDTMM"})
    EXPECT_FALSE(is_date_pattern(pattern)) << pattern;
}

/// A form with one field, of which this is said besides its name and box.
std::string with_field(const std::string& what) {
  return R"({"fields": [{"name": "a", "box": [0, 0, 0.5, 0.5])" + what + "}]}";
}

std::string error_of(const std::string& json) {
  try {
    parse_form(json, "form.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Forms, AreReadFromJson) {
  const Form form = parse_form(made_form_json("blank.png"), "made");
  EXPECT_EQ(form.unit, FormUnit::millimeters);
  EXPECT_EQ(form.page->height, 297);
  EXPECT_EQ(form.reference, "blank.png");
  ASSERT_EQ(form.fields.size(), 16U);
  EXPECT_EQ(form.fields[0].expected.check, CheckDigit::luhn);
  EXPECT_EQ(form.fields[1].expected.most_digits, 3U);
  EXPECT_EQ(form.fields[2].expected.least_digits, 8U);
  EXPECT_EQ(form.fields[2].expected.date->last, (Day{2029, 12, 31}));
  EXPECT_EQ(form.fields[0].box.right, 100);
}

TEST(Forms, ThatAreWrongAreRefusedWithTheirPlace) {
  EXPECT_EQ(error_of(with_field("")), "");
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"{", "form.json: no JSON"},
      {"[]", "form.json: found []"},
      {"{}", "form.json: fields is missing"},
      {R"({"fields": []})", "fields: found []"},
      {R"({"fields": [1]})", "fields[0]: found 1, expected an object"},
      {R"({"fields": [{"name": "a"}]})", "fields[0]: box is missing"},
      {R"({"fields": [{"box": [0, 0, 1, 1]}]})", "fields[0]: name is missing"},
      {R"({"fields": [{"name": "a\nb", "box": [0, 0, 1, 1]}]})", "fields[0].name"},
      {R"({"fields": [{"name": "a", "box": [0, 0, 0, 1]}]})", "fields[0].box"},
      {R"({"fields": [{"name": "a", "box": [0, 0, 1e99, 1]}]})", "fields[0].box"},
      {R"({"unit": "inches", "fields": []})", "unit: found \"inches\""},
      {R"({"unit": "share", "page": [1, 1], "fields": []})", "page: found [1,1]"},
      {R"({"unit": "pixels", "page": [0, 1], "fields": []})", "page: found [0,1]"},
      {R"({"sizes": 1, "fields": []})", "'sizes' is not known; expected unit, page"},
      {with_field(R"(, "digits": 0)"), "fields[0].digits: found 0"},
      {with_field(R"(, "digits": [3, 2])"), "fields[0].digits"},
      {with_field(R"(, "digits": 1e40)"), "fields[0].digits"},
      {with_field(R"(, "range": [5, 2])"), "fields[0].range: found [5,2]"},
      {with_field(R"(, "range": [0, 10], "digits": 20)"), "fields[0].digits"},
      {with_field(R"(, "date": "DD.MM", "range": [1, 2])"), "fields[0].range"},
      {with_field(R"(, "date": "DD.MM", "digits": 6)"), "fields[0].digits: found 6, expected 4"},
      {with_field(R"(, "date": "Tuesday")"), "fields[0].date: found \"Tuesday\""},
      {with_field(R"(, "check": "isbn", "digits": 9)"), "fields[0].digits: found 9, expected 10"},
      {with_field(R"(, "check": "crc")"), "fields[0].check: found \"crc\""}};
  for (const auto& [json, message] : wrong)
    EXPECT_TRUE(has(error_of(json), message)) << json << ": " << error_of(json);
  const std::string twice =
      R"({"fields": [{"name": "a", "box": [0, 0, 1, 1]}, {"name": "a", "box": [0, 0, 1, 1]}]})";
  EXPECT_TRUE(has(error_of(twice), "fields[1].name"));
  const auto named = [](const std::string& first, const std::string& second) {
    return error_of(R"({"fields": [{"name": ")" + first + R"(", "box": [0, 0, 1, 1]}, {"name": ")" +
                    second + R"(", "box": [0, 0, 1, 1]}]})");
  };
  EXPECT_EQ(named("a", "b state"), "");
  EXPECT_TRUE(has(named("a", "file"), "fields[1].name: found \"file\""));
  EXPECT_TRUE(has(named("a", "a state"), "fields[1].name: found \"a state\""));
  EXPECT_TRUE(has(named("a confidence", "a"), "fields[1].name: found \"a\""));
}

TEST(Forms, HaveTheirFieldsOnThePage) {
  const Form form =
      parse_form(R"({"unit": "pixels", "fields": [{"name": "a", "box": [50, 50, 100, 10]}]})", "");
  EXPECT_EQ(boxes_on_page(form, 200, 100)[0], (Rectangle{0.25F, 0.5F, 0.75F, 0.6F}));
  EXPECT_THROW(boxes_on_page(form, 120, 100), Error);
}

/// Looks like `digit`, and otherwise like `other`.
Probabilities looks_like(int digit, double probability, int other) {
  Probabilities looks{};
  looks.fill(static_cast<float>((1 - probability) * 0.01));
  looks[static_cast<std::size_t>(other)] = static_cast<float>((1 - probability) * 0.92);
  looks[static_cast<std::size_t>(digit)] = static_cast<float>(probability);
  return looks;
}

TEST(Plausible, IsWhatFitsWhereItAlmostLooksSo) {
  Expected expected;
  expected.range = NumberRange{0, 20};
  const std::vector<Probabilities> looks{looks_like(7, 0.7, 1), looks_like(8, 0.98, 3)};
  const Plausible fits = find_most_plausible(looks, expected);
  EXPECT_EQ(fits.digits, "18");
  EXPECT_TRUE(fits.is_expected);
  EXPECT_GT(fits.probability, 0.85);
  const Plausible as_it_looks = find_most_plausible(looks, {});
  EXPECT_EQ(as_it_looks.digits, "78");
  EXPECT_NEAR(as_it_looks.probability, 0.7 * 0.98, 0.01);
}

TEST(Plausible, IsWhatIsWrittenWhereItClearlyDoesNotFit) {
  Expected expected;
  expected.range = NumberRange{0, 20};
  const std::vector<Probabilities> looks{looks_like(7, 0.9999, 1), looks_like(8, 0.9999, 3)};
  const Plausible wrong = find_most_plausible(looks, expected);
  EXPECT_EQ(wrong.digits, "78");
  EXPECT_FALSE(wrong.is_expected);
  EXPECT_GT(wrong.unexpected, 0.99);
  EXPECT_GT(wrong.probability, 0.9);
}

TEST(Plausible, ACheckDigitSettlesOneDoubtAndSaysHowSurely) {
  Expected expected;
  expected.least_digits = expected.most_digits = 11;
  expected.check = CheckDigit::luhn;
  std::vector<Probabilities> looks;
  for (const char c : std::string("79927398713")) looks.push_back(looks_like(c - '0', 0.995, 0));
  looks[4] = looks_like(1, 0.6, 7);  // a 7 that looks more like a 1
  const Plausible settled = find_most_plausible(looks, expected);
  EXPECT_EQ(settled.digits, "79927398713");
  EXPECT_GT(settled.probability, 0.9);
  looks[8] = looks_like(7, 0.5, 1);  // with two doubts, two numbers may fit
  looks[9] = looks_like(7, 0.5, 1);
  EXPECT_LT(find_most_plausible(looks, expected).probability, settled.probability);
}

TEST(Plausible, TakesNoLongForManyDoubts) {
  Probabilities any{};
  any.fill(0.1F);
  Expected expected;
  expected.check = CheckDigit::mod97;
  const Plausible one = find_most_plausible(std::vector<Probabilities>(40, any), expected);
  EXPECT_LT(one.probability, 0.01);
}

Plane page_of(const Picture& picture) {
  return find_brightness(picture);
}

/// How far apart the two put the page's corners, in pixels of the scan.
float largest_error(const Affine& a, const Affine& b, const Picture& page) {
  float largest = 0;
  const auto width = static_cast<float>(page.width);
  const auto height = static_cast<float>(page.height);
  for (const PagePoint corner :
       {PagePoint{0, 0}, PagePoint{width, 0}, PagePoint{0, height}, PagePoint{width, height}})
    largest = std::max(largest, std::hypot(a(corner).x - b(corner).x, a(corner).y - b(corner).y));
  return largest;
}

TEST(Registration, FindsWhereTheFormLies) {
  const Picture blank = draw_blank_form();
  const ReferencePage reference(page_of(blank));
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const MadeScan scan = scan_page(blank, random_scan(seed));
    const Registration found = reference.find_on(page_of(scan.picture));
    EXPECT_LT(largest_error(found.to_scan, scan.to_scan, blank), 1.5F) << seed;
    EXPECT_GT(found.agreement, 0.6F) << seed;
  }
}

TEST(Registration, FindsAFormThatIsUpsideDown) {
  const Picture blank = draw_blank_form();
  const ReferencePage reference(page_of(blank));
  ScanOptions options;
  options.turn = 178;
  const MadeScan scan = scan_page(blank, options);
  const Registration found = reference.find_on(page_of(scan.picture));
  EXPECT_LT(largest_error(found.to_scan, scan.to_scan, blank), 1.5F);
}

TEST(Registration, TellsTheSidesOfAFormOfEqualBoxes) {
  const Picture blank = draw_form_of_equal_boxes();
  const ReferencePage reference(page_of(blank));
  for (const float turn : {0.0F, 180.0F, 187.0F}) {
    ScanOptions options;
    options.turn = turn;
    const MadeScan scan = scan_page(blank, options);
    const Registration found = reference.find_on(page_of(scan.picture));
    EXPECT_LT(largest_error(found.to_scan, scan.to_scan, blank), 1.5F) << turn;
    EXPECT_GT(found.agreement, good_agreement) << turn;
  }
}

TEST(Registration, GoesNoFartherThanAnEighthAndSaysSo) {
  const Picture blank = draw_form_of_equal_boxes();
  const ReferencePage reference(page_of(blank));
  const auto width = static_cast<float>(blank.width);
  const auto height = static_cast<float>(blank.height);
  for (const float share : {0.1F, 0.15F, 0.22F}) {
    ScanOptions options;
    options.shift_x = share * width;
    const Registration found = reference.find_on(page_of(scan_page(blank, options).picture));
    const PagePoint middle = found.to_scan({width / 2, height / 2});
    EXPECT_LT(std::abs(middle.x - width / 2), 0.14F * width) << share;
    if (share < 0.22F) {
      EXPECT_EQ(found.is_shifted_farthest, share > 0.125F) << share;
    }
  }
}

TEST(Registration, FaintAndNoisyScansAgree) {
  const Picture blank = draw_blank_form();
  const ReferencePage reference(page_of(blank));
  ScanOptions options = random_scan(3);
  options.noise = 30;
  options.contrast = 0.3F;
  const MadeScan scan = scan_page(blank, options);
  const Registration found = reference.find_on(page_of(scan.picture));
  EXPECT_LT(largest_error(found.to_scan, scan.to_scan, blank), 1.5F);
  EXPECT_GT(found.agreement, good_agreement);
}

TEST(Registration, KnowsAnotherForm) {
  const ReferencePage reference(page_of(draw_blank_form()));
  for (const std::uint64_t design : {2, 3})
    EXPECT_LT(reference.find_on(page_of(draw_blank_form(design))).agreement, least_agreement);
  Picture empty = draw_blank_form();
  std::ranges::fill(empty.pixels, std::uint8_t{240});
  EXPECT_LT(reference.find_on(page_of(empty)).agreement, least_agreement);
  const Picture dot{1, 1, 1, {0}};
  EXPECT_LT(reference.find_on(page_of(dot)).agreement, least_agreement);
  const Picture line{5000, 1, 1, std::vector<std::uint8_t>(5000, 9)};
  EXPECT_LT(reference.find_on(page_of(line)).agreement, least_agreement);
}

class FilledForms : public testing::Test {
 protected:
  void SetUp() override {
    try {
      dataset_ = load_dataset(default_data_folder(), Part::test);
    } catch (const Error& error) {
      GTEST_SKIP() << error.what();
    }
  }

  FormReading read(const Picture& scan) const {
    return reader_.read(scan, [&](const Picture& picture, const ReadOptions& options) {
      return recognizer_.read(picture, options);
    });
  }

  Dataset dataset_;
  Form form_ = parse_form(made_form_json("blank.png"), "made");
  Picture blank_ = draw_blank_form();
  FormReader reader_{form_, blank_};
  Recognizer recognizer_;
};

std::string digits_in(const std::string& text) {
  std::string digits;
  std::ranges::copy_if(text, std::back_inserter(digits),
                       [](char c) { return c >= '0' && c <= '9'; });
  return digits;
}

TEST_F(FilledForms, AreReadAndWhatIsSureIsRight) {
  int right = 0;
  int sure = 0;
  int sure_and_wrong = 0;
  int fields = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const std::vector<std::string> answers = made_answers(form_, seed);
    const Picture page = fill_in(blank_, form_, answers, dataset_, seed);
    const FormReading reading = read(scan_page(page, random_scan(seed)).picture);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const FieldReading& field = reading.fields[i];
      const bool is_right = digits_in(field.text) == answers[i];
      ++fields;
      right += is_right ? 1 : 0;
      sure += field.state == FieldState::sure ? 1 : 0;
      sure_and_wrong += field.state == FieldState::sure && !is_right ? 1 : 0;
    }
  }
  EXPECT_GE(right, 0.95 * fields);
  EXPECT_GE(sure, 0.85 * fields);
  EXPECT_LE(sure_and_wrong, 0.02 * fields);
}

TEST_F(FilledForms, BlankFieldsAreBlank) {
  const FormReading reading = read(scan_page(blank_, random_scan(3)).picture);
  for (std::size_t i = 0; i < reading.fields.size(); ++i) {
    const FieldReading& field = reading.fields[i];
    EXPECT_EQ(to_string(field.state), "blank")
        << form_.fields[i].name << " is read as '" << field.text << "': " << field.reason;
    EXPECT_EQ(field.text, "");
  }
}

/// Darkens what is there.
void blacken(Picture& page, int left, int top, int width, int height) {
  for (int y = top; y < top + height; ++y)
    for (int x = left; x < left + width; ++x)
      page.pixels[static_cast<std::size_t>(y) * page.width + x] = 50;
}

TEST_F(FilledForms, InkThatIsNoDigitIsDoubtfulAndNotBlank) {
  Picture page = blank_;
  constexpr double dots = 150 / 25.4;
  const auto at = [&](double millimeters) { return static_cast<int>(millimeters * dots); };
  blacken(page, at(123), at(154.5), at(18), 5);     // row 1: a line across most of the box
  blacken(page, at(120), at(162), at(24), at(10));  // row 2: blacked out
  for (int i = 0; i < 40; ++i) {                    // row 3: a flat X
    blacken(page, at(124) + 2 * i, at(175.5) + i, 4, 3);
    blacken(page, at(124) + 2 * i, at(175.5) + 39 - i, 4, 3);
  }
  const FormReading reading = read(scan_page(page, random_scan(3)).picture);
  for (std::size_t i = 0; i < reading.fields.size(); ++i) {
    const bool is_inked = form_.fields[i].name == "row 1" || form_.fields[i].name == "row 2" ||
                          form_.fields[i].name == "row 3";
    EXPECT_EQ(to_string(reading.fields[i].state), is_inked ? "doubtful" : "blank")
        << form_.fields[i].name << ": " << reading.fields[i].text;
  }
}

TEST_F(FilledForms, ADigitBesideMuchOtherInkIsDoubtful) {
  // As in a word that has a letter like a 5: what reads it sees that letter alone.
  std::vector<std::string> answers(form_.fields.size());
  answers[3] = "5555";
  const Picture page = fill_in(blank_, form_, answers, dataset_, 7);
  const auto read_last = [&](const Picture& picture, const ReadOptions& options) {
    Reading reading = recognizer_.read(picture, options);
    if (reading.digits.size() > 1)
      reading.digits.erase(reading.digits.begin(), reading.digits.end() - 1);
    for (Digit& digit : reading.digits) {
      digit.confidence = 0.999F;
      digit.probabilities = looks_like(5, 0.999, 6);
    }
    return reading;
  };
  const FormReading reading = reader_.read(scan_page(page, random_scan(3)).picture, read_last);
  const FieldReading& field = reading.fields[3];
  EXPECT_EQ(field.text, "5");
  EXPECT_EQ(to_string(field.state), "doubtful");
  EXPECT_TRUE(has(field.reason, "no digit")) << field.reason;
}

TEST_F(FilledForms, AreDoubtfulWhereTheScanHardlyAgrees) {
  Picture covered = blank_;  // the lower part by another form
  const Picture other = draw_blank_form(2);
  const std::size_t from = covered.pixels.size() / 3;
  std::copy(other.pixels.begin() + static_cast<std::ptrdiff_t>(from), other.pixels.end(),
            covered.pixels.begin() + static_cast<std::ptrdiff_t>(from));
  const FormReading reading = read(scan_page(covered, random_scan(3)).picture);
  EXPECT_LT(reading.registration->agreement, good_agreement);
  for (const FieldReading& field : reading.fields) {
    EXPECT_EQ(to_string(field.state), "doubtful");
    EXPECT_LT(field.confidence, good_agreement);
    EXPECT_TRUE(has(field.reason, "hardly agrees")) << field.reason;
  }
}

TEST_F(FilledForms, WhatIsNotExpectedIsWrongAndSaysWhy) {
  std::vector<std::string> answers = made_answers(form_, 5);
  answers[1] = "777";       // of 100
  answers[2] = "31022024";  // the 31st of February
  answers[0].back() = answers[0].back() == '9' ? '0' : static_cast<char>(answers[0].back() + 1);
  const Picture page = fill_in(blank_, form_, answers, dataset_, 5);
  const FormReading reading = read(scan_page(page, random_scan(5)).picture);
  for (const std::size_t i : {1U, 2U}) {
    EXPECT_EQ(to_string(reading.fields[i].state), "wrong") << form_.fields[i].name;
    EXPECT_EQ(digits_in(reading.fields[i].text), answers[i]);
    EXPECT_NE(reading.fields[i].reason, "");
  }
  // There may be a digit that could be another, with which the check digit would be right.
  EXPECT_NE(reading.fields[0].state, FieldState::sure);
}

TEST_F(FilledForms, BecomeATableOnTheCommandLine) {
  const ScratchFolder scratch;
  const auto path = [&](const std::string& name) { return (scratch / name).string(); };
  write_png(blank_, path("blank.png"));
  std::ofstream(path("fields.json")) << made_form_json("blank.png");
  std::vector<std::vector<std::string>> answers;
  for (std::uint64_t seed = 11; seed <= 12; ++seed) {
    answers.push_back(made_answers(form_, seed));
    const Picture page = fill_in(blank_, form_, answers.back(), dataset_, seed);
    write_png(scan_page(page, random_scan(seed)).picture,
              path("scan " + std::to_string(seed) + ".png"));
  }
  const ProcessResult result = run_scrawl(
      {"read", "--form", path("fields.json"), path("scan 1*.png"), "-o", path("marks.csv")});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, "");
  std::ifstream table(path("marks.csv"));
  std::string line;
  ASSERT_TRUE(std::getline(table, line));
  EXPECT_TRUE(line.starts_with("file,student,mark,date,copies,book,account,row 1,")) << line;
  EXPECT_TRUE(has(line, ",student state,student confidence,")) << line;
  int right = 0;
  for (const std::vector<std::string>& expected : answers) {
    ASSERT_TRUE(std::getline(table, line));
    std::istringstream cells(line);
    std::string cell;
    std::getline(cells, cell, ',');
    EXPECT_TRUE(has(cell, "scan 1")) << cell;
    for (const std::string& answer : expected) {
      std::getline(cells, cell, ',');
      right += digits_in(cell) == answer ? 1 : 0;
    }
  }
  EXPECT_FALSE(std::getline(table, line));
  EXPECT_GE(right, 30);  // of 32

  const ProcessResult json =
      run_scrawl({"read", "--form", path("fields.json"), "--json", path("scan 11.png")});
  EXPECT_EQ(json.code, 0) << json.err;
  const auto row = nlohmann::json::parse(json.out);
  EXPECT_EQ(row["fields"][2]["name"], "date");
  EXPECT_EQ(row["fields"][0]["corners"].size(), 4U);
  EXPECT_GT(row["agreement"], 0.5);

  std::ofstream(path("text.png")) << "no picture";
  const ProcessResult failed =
      run_scrawl({"read", "--form", path("fields.json"), path("text.png"), path("blank.png")});
  EXPECT_EQ(failed.code, 1);
  EXPECT_TRUE(has(failed.err, "text.png")) << failed.err;
  EXPECT_TRUE(has(failed.out, "blank.png,,,")) << failed.out;
  EXPECT_EQ(run_scrawl({"read", "-o", "-", path("blank.png")}).code, 2);
  const ProcessResult itself = run_scrawl(
      {"read", "--form", path("fields.json"), path("text.png"), "-o", path("blank.png")});
  EXPECT_EQ(itself.code, 2);
  EXPECT_TRUE(has(itself.err, path("blank.png") + " is read")) << "the reference: " << itself.err;
  EXPECT_EQ(run_scrawl({"read", "--one", "--form", path("fields.json"), path("blank.png")}).code,
            2);
  EXPECT_EQ(run_scrawl({"read", "--form", path("none.json"), path("blank.png")}).code, 1);
}

}  // namespace
}  // namespace scrawl
