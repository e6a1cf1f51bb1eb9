#include "training/history.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <scrawl/error.hpp>

#include "files/excerpt.hpp"
#include "files/files.hpp"
#include "files/number_of_json.hpp"

namespace scrawl {

namespace {

using Json = nlohmann::json;

constexpr std::size_t max_log_bytes = 64'000'000;
constexpr std::size_t max_history_bytes = 100'000;  // 256 rows of ours have 15,000

constexpr std::size_t max_line_bytes = 4096;  // of a log; one of ours has some 300

// Nothing but what a training can have had: no NaN, and room enough for one that went wrong.
constexpr int max_epoch = std::numeric_limits<int>::max();
constexpr double max_loss = 1e9;

std::string to_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Score> score_of(const Json& loss, const Json& accuracy) {
  const auto loss_number = number_of_json<double>(loss, 0, max_loss);
  const auto accuracy_number = number_of_json<double>(accuracy, 0, 1);
  if (!loss_number || !accuracy_number) return std::nullopt;
  return Score{*loss_number + 0.0, *accuracy_number + 0.0};  // not -0
}

/// A row of a history; nothing where it is none.
std::optional<EpochScores> parse_row(const Json& row) {
  if (!row.is_array() || (row.size() != 3 && row.size() != 5)) return std::nullopt;
  const auto epoch = number_of_json<int>(row[0], 1, max_epoch);
  const auto train = score_of(row[1], row[2]);
  if (!epoch || !train) return std::nullopt;
  EpochScores scores{*epoch, *train, {}};
  if (row.size() == 3) return scores;
  scores.validation = score_of(row[3], row[4]);
  return scores.validation ? std::optional(scores) : std::nullopt;
}

/// A number of a log's line. Throws Error, which names the field.
template <typename Number>
Number field(const Json& line, const char* name, Number low, Number high) {
  const auto found = line.find(name);
  const auto number =
      found == line.end() ? std::nullopt : number_of_json<Number>(*found, low, high);
  if (number) return *number;
  throw Error(fmt::format("{}: found {}, expected a number from {} to {}", name,
                          found == line.end() ? "nothing" : excerpt(to_text(*found)), low, high));
}

EpochScores parse_line(std::string_view text) {
  if (text.size() > max_line_bytes)
    throw Error(fmt::format("{} bytes long, expected at most {}", text.size(), max_line_bytes));
  const Json line = Json::parse(text, nullptr, false);
  if (!line.is_object()) throw Error("not a JSON object");
  const auto score = [&](const char* loss, const char* accuracy) {
    return Score{field<double>(line, loss, 0, max_loss), field<double>(line, accuracy, 0, 1)};
  };
  EpochScores scores{field(line, "epoch", 1, max_epoch), score("train_loss", "train_accuracy"),
                     score("validation_loss", "validation_accuracy")};
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
  if (!json.is_array() || json.size() > max_history) return {};
  std::vector<EpochScores> history;
  for (const Json& row : json) {
    const std::optional<EpochScores> scores = parse_row(row);
    if (!scores || (!history.empty() && scores->epoch <= history.back().epoch)) return {};
    history.push_back(*scores);
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
      scores = parse_line(text.substr(begin, end - begin));
    } catch (const Error& error) {
      throw Error(
          fmt::format("{}: line {}: not an epoch of a training: {}; expected a training's log, an "
                      "object of JSON a line",
                      name.string(), line, error.what()));
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
