#include "training/history.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <scrawl/error.hpp>

#include "files/files.hpp"

namespace scrawl {

namespace {

using Json = nlohmann::json;

constexpr std::size_t max_log_bytes = 64'000'000;
constexpr std::size_t max_history_bytes = 1'000'000;

bool is_possible(const Score& score) {
  constexpr double most = 1e9;  // not NaN, and room enough for a training that went wrong
  return score.loss >= 0 && score.loss <= most && score.accuracy >= 0 && score.accuracy <= 1;
}

/// Nothing but what a training can have had.
bool is_possible(const EpochScores& scores) {
  return scores.epoch > 0 && is_possible(scores.train) &&
         (!scores.validation || is_possible(*scores.validation));
}

/// A row of a history; epoch 0 where it is none.
EpochScores parse_row(const Json& row) {
  if (!row.is_array() || (row.size() != 3 && row.size() != 5)) return {};
  for (const Json& number : row) {
    if (!number.is_number()) return {};
  }
  if (!row[0].is_number_integer()) return {};
  const auto number = [&](std::size_t i) { return row[i].get<double>() + 0.0; };  // not -0
  EpochScores scores{row[0].get<int>(), {number(1), number(2)}, {}};
  if (row.size() == 5) scores.validation = {number(3), number(4)};
  return scores;
}

EpochScores parse_line(const Json& line) {
  const auto number = [&](const char* key) { return line.at(key).get<double>(); };
  EpochScores scores{line.at("epoch").get<int>(),
                     {number("train_loss"), number("train_accuracy")},
                     Score{number("validation_loss"), number("validation_accuracy")}};
  // The log has zeros where no images were set aside.
  if (scores.validation->loss == 0 && scores.validation->accuracy == 0) scores.validation.reset();
  return scores;
}

}  // namespace

void add_epoch(std::vector<EpochScores>& history, const EpochScores& scores) {
  const auto epoch = static_cast<unsigned>(scores.epoch);
  const unsigned step = std::bit_ceil((epoch + max_history - 1) / max_history);
  std::erase_if(history, [step](const EpochScores& earlier) {
    return static_cast<unsigned>(earlier.epoch) % step != 0;
  });
  history.push_back(scores);
}

std::string format_history(const std::vector<EpochScores>& history) {
  std::string text;
  for (const auto& [epoch, train, validation] : history) {
    text += fmt::format("{}[{},{:.6g},{:.6g}", text.empty() ? "" : ",", epoch, train.loss,
                        train.accuracy);
    if (validation) text += fmt::format(",{:.6g},{:.6g}", validation->loss, validation->accuracy);
    text += ']';
  }
  return '[' + text + ']';
}

std::vector<EpochScores> parse_history(std::string_view text) {
  if (text.size() > max_history_bytes) return {};
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_array()) return {};
  std::vector<EpochScores> history;
  for (const Json& row : json) {
    history.push_back(parse_row(row));
    const bool in_order =
        history.size() == 1 || history[history.size() - 2].epoch < history.back().epoch;
    if (!in_order || !is_possible(history.back())) return {};
  }
  return history;
}

std::vector<EpochScores> training_history(const Model& model) {
  const auto entry = model.metadata.find(history_key);
  return entry == model.metadata.end() ? std::vector<EpochScores>() : parse_history(entry->second);
}

std::vector<EpochScores> parse_training_log(std::string_view text,
                                            const std::filesystem::path& name) {
  std::vector<EpochScores> history;
  for (std::size_t begin = 0, line = 1; begin < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    EpochScores scores;
    try {
      scores = parse_line(Json::parse(text.substr(begin, end - begin)));
    } catch (const Json::exception&) {  // scores stay impossible
    }
    if (!is_possible(scores)) {
      throw Error(
          fmt::format("{}: line {}: not an epoch of a training; expected a training's log, an "
                      "object of JSON a line",
                      name.string(), line));
    }
    while (!history.empty() && history.back().epoch >= scores.epoch) history.pop_back();
    add_epoch(history, scores);
    begin = end + 1;
  }
  if (history.empty()) throw Error(name.string() + ": the log is empty: no epoch was finished");
  return history;
}

std::vector<EpochScores> load_training_log(const std::filesystem::path& file) {
  const std::vector<std::byte> bytes = read_file(file, max_log_bytes);
  return parse_training_log({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file);
}

}  // namespace scrawl
