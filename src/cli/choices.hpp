// Options whose values are words that stand for others.
#pragma once

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <scrawl/dataset.hpp>

#include "cli/did_you_mean.hpp"
#include "training/words.hpp"

namespace scrawl::cli {

/// Takes one of `words`, whose case does not matter; --help shows them in their order, and
/// `fallback` as what holds without the option. `words` outlive the command line. (CLI11's own
/// takes the numbers of an enum too, which mean nothing to anybody, and names them in its errors.)
template <typename Enum>
void take_words(CLI::Option* option, std::type_identity_t<std::span<const Word<Enum>>> words,
                Enum fallback) {
  const auto check = [words](std::string& text) -> std::string {
    const std::string given = CLI::detail::to_lower(text);
    for (const Word<Enum>& word : words) {
      if (word.text != given) continue;
      text = fmt::format("{}", static_cast<int>(word.value));
      return "";
    }
    std::vector<std::string> names;
    for (const Word<Enum>& word : words) names.emplace_back(word.text);
    return fmt::format("found '{}', expected {}{}", text, list_words(words),
                       suggestion(given, names));
  };
  std::string all;
  std::string_view held;
  for (const Word<Enum>& word : words) {
    all += fmt::format("{}{}", all.empty() ? "" : "|", word.text);
    if (word.value == fallback) held = word.text;
  }
  option->transform(CLI::Validator(check, ""))->option_text(fmt::format("{} [{}]", all, held));
}

/// Of a data set.
inline constexpr Word<Part> part_words[] = {{"test", Part::test}, {"train", Part::train}};

}  // namespace scrawl::cli
