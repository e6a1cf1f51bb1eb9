#include "forms/read_form.hpp"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <utility>

#include <scrawl/error.hpp>

#include "forms/expectation.hpp"
#include "forms/plausible.hpp"
#include "forms/written_ink.hpp"
#include "recognition/page_reader.hpp"

namespace scrawl {

namespace {

/// The box of shares of a page, in its pixels.
Rectangle to_pixels(const Rectangle& share, int width, int height) {
  const auto w = static_cast<float>(width);
  const auto h = static_cast<float>(height);
  return {share.left * w, share.top * h, share.right * w, share.bottom * h};
}

/// The digits, and how probable it is that there are these and no others, by their looks.
struct Found {
  std::vector<Digit> digits;
  float confidence = 1;  ///< that what else may be there is none
};

/// The most confident ones, so many; what is left out is a doubt.
Found keep_most(std::vector<Digit> digits, std::size_t count) {
  Found found{std::move(digits), 1};
  while (found.digits.size() > count) {
    const auto least = std::ranges::min_element(found.digits, {}, &Digit::confidence);
    found.confidence *= 1 - least->confidence;
    found.digits.erase(least);
  }
  return found;
}

Found find_digits(const Picture& picture, const Expected& expected, const ReadPicture& read) {
  constexpr float sure = 0.9F;
  ReadOptions options;
  options.layout = Layout::line;
  options.turn = Turn::none;  // its form says which way up it is
  std::vector<Digit> digits = read(picture, options).digits;
  if (digits.empty()) return {};
  if (digits.size() < expected.least_digits) {
    options.digits = expected.least_digits;
    return {read(picture, options).digits, 1};
  }
  const auto surely =
      std::ranges::count_if(digits, [](const Digit& digit) { return digit.confidence >= sure; });
  if (static_cast<std::size_t>(surely) > expected.most_digits) return {std::move(digits), 1};
  return keep_most(std::move(digits), expected.most_digits);
}

bool is_likely_digit(const Digit& digit) {
  constexpr float likely = 0.5F;
  return digit.confidence >= likely;
}

/// Where nobody has written a digit.
FieldReading read_without_digits(FieldReading field, const WrittenInk& ink) {
  field.digits.clear();
  if (ink == WrittenInk::none) {
    field.confidence = 1;
    return field;
  }
  field.state = FieldState::doubtful;
  field.reason = "there is ink, but no digit";
  return field;
}

/// The field and what is around it, as high as the field on each side.
FieldView view_field(const Plane& page, const Rectangle& area, const Affine& to_page, float scale) {
  const float margin = area.height();
  const Rectangle around{area.left - margin, area.top - margin, area.right + margin,
                         area.bottom + margin};
  return {cut_out(page, area, to_page, scale), cut_out(page, around, to_page, scale)};
}

bool has_ink(const Plane& added) {
  return std::ranges::any_of(added.pixels, [](std::uint8_t level) { return level != 0; });
}

/// A word has letters that look like digits, and ink beside them.
void doubt_left_ink(FieldReading& field, const Plane& added) {
  constexpr float much = 0.3F;  // the strokes between the parts of a date are less
  std::vector<Box> boxes;
  for (const Digit& digit : field.digits) boxes.push_back(digit.box);
  const float left = share_outside(added, boxes);
  if (left < much) return;
  field.state = FieldState::doubtful;
  field.confidence *= 1 - left;
  field.reason = "there is much ink that is no digit";
}

/// `added` is the ink that is not on the reference, if there is one.
FieldReading read_field(const Expected& expected, FieldReading field,
                        const std::optional<Plane>& added, const ReadPicture& read,
                        const FormOptions& options) {
  const Picture picture = as_picture(field.picture);
  Found found = find_digits(picture, expected, read);
  if (std::ranges::none_of(found.digits, is_likely_digit)) {
    const WrittenInk ink =
        added && has_ink(*added) ? WrittenInk::some : find_written_ink(picture, options.stop);
    if (found.digits.empty() || ink == WrittenInk::none)
      return read_without_digits(std::move(field), ink);
  }
  field.digits = std::move(found.digits);
  std::vector<Probabilities> looks;
  for (const Digit& digit : field.digits) looks.push_back(digit.probabilities);
  const Plausible plausible = find_most_plausible(looks, expected);
  field.text = expected.date ? format_date(*expected.date, plausible.digits) : plausible.digits;
  field.confidence = static_cast<float>(plausible.probability) * found.confidence;
  if (!plausible.is_expected) {
    constexpr float is_there = 0.8F;  // what is less certain may be no digit at all
    const bool are_there = std::ranges::all_of(
        field.digits, [](const Digit& digit) { return digit.confidence >= is_there; });
    const double surely_not = are_there ? plausible.unexpected * found.confidence : 0;
    field.reason = what_is_wrong(expected, plausible.digits);
    field.state = surely_not >= options.min_confidence ? FieldState::wrong : FieldState::doubtful;
  } else if (field.confidence >= options.min_confidence) {
    field.state = FieldState::sure;
  } else {
    field.state = FieldState::doubtful;
    field.reason = "it is not clear what is written";
  }
  if (added) doubt_left_ink(field, *added);
  return field;
}

/// Why the form may lie elsewhere on the scan; empty where it does not.
std::string doubt_of(const Registration& found) {
  if (found.is_shifted_farthest)
    return "the scan may be shifted by more than an eighth of the page against the reference";
  if (found.agreement >= good_agreement) return "";
  return fmt::format(
      "the scan hardly agrees with the reference: by {:.2f}, expected {:.2f} or more",
      found.agreement, good_agreement);
}

/// What was read may be another field's.
void doubt(std::vector<FieldReading>& fields, const Registration& found) {
  const std::string reason = doubt_of(found);
  if (reason.empty()) return;
  for (FieldReading& field : fields) {
    field.state = FieldState::doubtful;
    field.confidence = std::min(field.confidence, found.agreement);
    field.reason = reason;
  }
}

std::array<PagePoint, 4> corners_of(const Rectangle& area, const Affine& to_scan) {
  return {to_scan({area.left, area.top}), to_scan({area.right, area.top}),
          to_scan({area.right, area.bottom}), to_scan({area.left, area.bottom})};
}

}  // namespace

std::string_view to_string(FieldState state) {
  switch (state) {
    case FieldState::sure:
      return "sure";
    case FieldState::doubtful:
      return "doubtful";
    case FieldState::wrong:
      return "wrong";
    case FieldState::blank:
      break;
  }
  return "blank";
}

FormReader::FormReader(Form form, const std::optional<Picture>& reference)
    : form_(std::move(form)) {
  if (!reference) return;
  if (reference->pixels.empty()) throw Error("the form's reference is an empty picture");
  printed_ = find_brightness(*reference);
  reference_.emplace(*printed_);
  boxes_on_page(form_, reference->width, reference->height);
}

FormReading FormReader::read(const Picture& scan, const ReadPicture& read_picture,
                             const FormOptions& options) const {
  if (scan.pixels.empty()) throw Error("an empty picture");
  const Plane gray = find_brightness(scan);
  FormReading reading;
  Affine to_scan;
  int width = gray.width;
  int height = gray.height;
  if (reference_) {
    reading.registration = reference_->find_on(gray, options.stop);
    if (reading.registration->agreement < least_agreement) {
      throw Error(
          fmt::format("does not look like the form: it agrees by {:.2f} with the "
                      "reference, expected {:.2f} or more",
                      reading.registration->agreement, least_agreement));
    }
    to_scan = reading.registration->to_scan;
    width = reference_->width();
    height = reference_->height();
  }
  const std::vector<Rectangle> boxes = boxes_on_page(form_, width, height);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    check_stop(options.stop);
    const Rectangle area = to_pixels(boxes[i], width, height);
    FieldReading field;
    field.picture = cut_out(gray, area, to_scan);
    field.corners = corners_of(area, to_scan);
    std::optional<Plane> added;
    if (printed_) {
      const float scale = static_cast<float>(field.picture.width) / area.width();
      added = find_added_ink(view_field(gray, area, to_scan, scale),
                             view_field(*printed_, area, {}, scale));
    }
    reading.fields.push_back(
        read_field(form_.fields[i].expected, std::move(field), added, read_picture, options));
  }
  if (reading.registration) doubt(reading.fields, *reading.registration);
  return reading;
}

}  // namespace scrawl
