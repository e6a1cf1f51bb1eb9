// A form, drawn and filled in with MNIST's digits, and scans of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <scrawl/dataset.hpp>

#include "forms/affine.hpp"
#include "forms/form.hpp"
#include "picture/picture.hpp"

namespace scrawl {

/// Its fields, in millimeters of an A4 page: numbers with check digits of all kinds, dates, ranges,
/// and a table of ten rows that are alike. `reference` is the scan's name; empty: none.
std::string made_form_json(const std::string& reference);

/// The page at 150 dots per inch, with nothing written on it. Another `design` is another form.
Picture draw_blank_form(std::uint64_t design = 1);

/// Five equal boxes at equal distances, which fit one another when moved by one or turned around.
Picture draw_form_of_equal_boxes();

/// What somebody might write: all of it as expected.
std::vector<std::string> made_answers(const Form& form, std::uint64_t seed);

/// The page with `answers` (digits; empty: nothing) written into the fields, digits of `dataset` at
/// random.
Picture fill_in(const Picture& blank, const Form& form, const std::vector<std::string>& answers,
                const Dataset& dataset, std::uint64_t seed);

/// What a scanner makes of a page: so many pixels, noise, and light that is uneven.
struct ScanOptions {
  float turn = 0;     ///< degrees
  float scale = 1;    ///< pixels of the scan for each of the page
  float shift_x = 0;  ///< pixels of the scan
  float shift_y = 0;
  float noise = 6;     ///< gray levels, either way
  float contrast = 1;  ///< what remains of it: less is fainter
  std::uint64_t seed = 1;
};

struct MadeScan {
  Picture picture;
  Affine to_scan;  ///< from the page's pixels
};
MadeScan scan_page(const Picture& page, const ScanOptions& options);

/// A little of everything.
ScanOptions random_scan(std::uint64_t seed);

}  // namespace scrawl
