// scrawl read --form: the fields of filled-in forms, as a table.
#pragma once

#include <filesystem>

#include "cli/cli.hpp"
#include "cli/pages.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl::cli {

struct FormArguments {
  std::filesystem::path form;    ///< the JSON that says what is where; empty: it is no form
  std::filesystem::path output;  ///< empty: standard output
};

void add_form_options(CLI::App& command, FormArguments& arguments);

/// Throws OptionError where an option is given that only forms have, or that forms do not have.
void check_form_options(const CLI::App& command, const FormArguments& arguments);

/// What is read with less confidence is doubtful, unless --min-confidence says something else.
inline constexpr float usual_form_confidence = 0.9F;

/// Reads all pages as filled-in forms, on `threads` threads; returns the exit code.
int read_with_form(const FormArguments& arguments, Pages& pages, const Recognizer& recognizer,
                   float min_confidence, int threads, const Common& common);

}  // namespace scrawl::cli
