// Options whose values are words that stand for others.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <fmt/format.h>
#include <string>
#include <utility>
#include <vector>

namespace scrawl::cli {

/// In the order in which they are named to people.
template <typename T>
using Choices = std::vector<std::pair<std::string, T>>;

/// "a, b or c"
template <typename T>
std::string words_of(const Choices<T>& choices) {
  std::string text;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) text += i + 1 < choices.size() ? ", " : " or ";
    text += choices[i].first;
  }
  return text;
}

/// Puts the number of an enum's value in the place of its word, whose case does not matter. CLI11's
/// own takes the numbers too, which mean nothing to anybody, and names them in its errors.
template <typename T>
CLI::Validator one_of(Choices<T> choices) {
  return {[choices = std::move(choices)](std::string& text) -> std::string {
            const std::string given = CLI::detail::to_lower(text);
            for (const auto& [word, value] : choices) {
              if (word != given) continue;
              text = fmt::format("{}", static_cast<int>(value));
              return "";
            }
            return fmt::format("found '{}', expected {}", text, words_of(choices));
          },
          ""};
}

}  // namespace scrawl::cli
