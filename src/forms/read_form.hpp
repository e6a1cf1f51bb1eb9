// What a filled-in form says, field by field.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forms/form.hpp"
#include "forms/registration.hpp"
#include "picture/picture.hpp"
#include "picture/plane.hpp"
#include "picture/stop.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl {

enum class FieldState {
  sure,      ///< what is expected, and read with enough confidence
  doubtful,  ///< read with less, or there is ink that is no digit
  wrong,     ///< surely not what is expected
  blank,     ///< nothing is written there
};

std::string_view to_string(FieldState state);

struct FieldReading {
  FieldState state = FieldState::blank;
  std::string text;           ///< digits; dates with what stands between them; empty where blank
  float confidence = 0;       ///< how probable it is that this is written there
  std::string reason;         ///< why it is doubtful or wrong
  Plane picture{1, 1};        ///< of the field, upright
  std::vector<Digit> digits;  ///< as they look, whatever is expected; boxes in `picture`
  std::array<PagePoint, 4> corners{};  ///< of the field on the scan, clockwise from the top left
};

struct FormReading {
  std::optional<Registration> registration;  ///< where the form has a reference
  std::vector<FieldReading> fields;          ///< as in Form::fields
};

/// Reads a picture, as Recognizer::read does.
using ReadPicture = std::function<Reading(const Picture&, const ReadOptions&)>;

struct FormOptions {
  float min_confidence = 0.9F;  ///< what is read with less is doubtful
  StopRequested stop = {};
};

/// A form that is compiled for reading. All members are const and safe to call from several
/// threads.
class FormReader {
 public:
  /// `reference` is the scan that the form names. Throws Error when a field is not on its page.
  explicit FormReader(Form form, const std::optional<Picture>& reference = {});

  const Form& form() const { return form_; }

  /// Throws Error when the scan does not show the form, Stopped when that is asked for.
  FormReading read(const Picture& scan, const ReadPicture& read_picture,
                   const FormOptions& options = {}) const;

 private:
  Form form_;
  std::optional<ReferencePage> reference_;
  std::optional<Plane> printed_;  // the reference in gray
};

}  // namespace scrawl
