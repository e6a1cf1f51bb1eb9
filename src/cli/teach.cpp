// scrawl teach
#include <CLI/CLI.hpp>
#include <array>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/error.hpp>
#include <scrawl/personalization.hpp>

#include "cli/cli.hpp"
#include "cli/interrupt.hpp"
#include "cli/standard_input.hpp"
#include "cli/terminal.hpp"
#include "personalization/glyph_to_teach.hpp"
#include "picture/picture.hpp"
#include "recognition/percent.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl::cli {

namespace {

struct TeachArguments {
  std::vector<std::string> pairs;  // PICTURE DIGIT PICTURE DIGIT ...
  std::vector<std::string> forgotten;
  bool learn = false;
  bool undo = false;
  bool list = false;
  PersonalizationOptions options;
};

struct Lesson {
  std::string file;
  int digit;
};

std::vector<Lesson> lessons_of(const std::vector<std::string>& pairs) {
  if (pairs.size() % 2 != 0) {
    throw OptionError(fmt::format(
        "teach: {} has no digit behind it, expected pairs of a picture and the digit that it shows",
        pairs.back()));
  }
  std::vector<Lesson> lessons;
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    const std::string& digit = pairs[i + 1];
    if (digit.size() != 1 || digit[0] < '0' || digit[0] > '9') {
      throw OptionError(fmt::format("teach: found '{}' behind {}, expected the digit that it shows",
                                    digit, pairs[i]));
    }
    lessons.push_back({pairs[i], digit[0] - '0'});
  }
  return lessons;
}

/// The picture's glyph, with what it is read as; where nothing is a digit to the network, the most
/// prominent ink, which is said, since it may be none of a digit.
Digit read_glyph(const Recognizer& recognizer, const std::string& file, const Common& common) {
  const Picture picture = picture_named(file);
  try {
    const GlyphToTeach found = glyph_to_teach(recognizer, picture);
    if (!found.is_digit && !common.quiet)
      print_error(
          "{}: nothing that looks like a digit was found; look at it with: scrawl read "
          "--explain found.png",
          shown_name(file).string());
    return found.digit;
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", file, error.what()));
  }
}

void take(const std::vector<Lesson>& lessons, const Common& common) {
  if (lessons.empty()) return;
  const Recognizer recognizer(current_model());
  std::vector<Digit> digits;  // all are read before one is saved
  for (const Lesson& lesson : lessons)
    digits.push_back(read_glyph(recognizer, lesson.file, common));
  for (std::size_t i = 0; i < lessons.size(); ++i) {
    const auto& [file, digit] = lessons[i];
    const Digit& was = digits[i];
    const std::filesystem::path saved = add_correction(corrections_folder(), was.glyph, digit);
    if (common.json) {
      const nlohmann::json json{{"file", file},
                                {"digit", digit},
                                {"was", was.digit},
                                {"confidence", was.confidence},
                                {"saved", saved.string()}};
      print_json(json);
    } else {
      print("{}: {} (was read as {}, {})\n", file, digit, was.digit, percent(was.confidence));
    }
  }
}

void forget(const std::vector<std::string>& ids, const Common& common) {
  for (const std::string& id : ids) {
    if (!remove_correction(corrections_folder(), id)) {
      throw Error(fmt::format("{}: no glyph of this name in {}; scrawl teach --list names them", id,
                              corrections_folder().string()));
    }
    if (common.json) print_json({{"forgotten", id}});
  }
}

void print_list(const Common& common) {
  const std::filesystem::path folder = corrections_folder();
  const std::vector<Correction> corrections = list_corrections(folder);
  std::array<std::size_t, digit_count> counts{};
  nlohmann::json glyphs = nlohmann::json::array();
  for (const Correction& correction : corrections) {
    ++counts[static_cast<std::size_t>(correction.digit)];
    glyphs.push_back({{"id", correction.id}, {"digit", correction.digit}});
  }
  if (common.json) {
    const nlohmann::json json{
        {"folder", folder.string()}, {"counts", counts}, {"glyphs", std::move(glyphs)}};
    print_json(json);
    return;
  }
  print("{}: {} glyphs\n", folder.string(), corrections.size());
  for (std::size_t digit = 0; digit < digit_count; ++digit) {
    if (counts[digit] == 0) continue;
    print("{} {:>5} ", digit, counts[digit]);
    for (const Correction& correction : corrections) {
      if (correction.digit == static_cast<int>(digit)) print(" {}", correction.id);
    }
    print("\n");
  }
}

void print_undo(const Common& common) {
  const bool undone = undo_personal_model();
  const std::string now = has_personal_model() ? personal_model_path().string() : builtin_name;
  if (common.json) {
    print_json({{"undone", undone}, {"model", now}});
  } else if (!undone) {
    print("nothing to undo: the built-in model reads\n");
  } else {
    print("{} reads again\n",
          has_personal_model() ? "the model learned before" : "the built-in model");
  }
}

nlohmann::json to_json(const PersonalizationScore& score) {
  return {{"collection", score.collection},
          {"collection_loss", score.collection_loss},
          {"mnist_held_out", score.validation},
          {"mnist_test", score.test}};
}

void print_result(const PersonalizationResult& result, const Common& common) {
  if (common.json) {
    nlohmann::json json{{"kept", result.kept},
                        {"reason", result.reason},
                        {"reason_code", result.reason_code},
                        {"samples", result.samples},
                        {"held_out", result.validation_images},
                        {"seconds", result.seconds},
                        {"before", to_json(result.before)},
                        {"after", to_json(result.after)}};
    if (result.kept) json["model"] = personal_model_path().string();
    print_json(json);
    return;
  }
  const auto row = [](const std::string& what, double before, double after) {
    print("{:36} {:7.2f} % {:7.2f} %\n", what, 100 * before, 100 * after);
  };
  print("{}\n", bold(fmt::format("{:36} {:>9} {:>9}", "read correctly", "built-in", "personal")));
  row(fmt::format("your {} glyphs", result.samples), result.before.collection,
      result.after.collection);
  row(fmt::format("{} held out of MNIST's training", result.validation_images),
      result.before.validation, result.after.validation);
  row("MNIST's test images", result.before.test, result.after.test);
  print("{}: {} ({:.1f} s)\n", result.kept ? "kept" : "not kept", result.reason, result.seconds);
}

/// What learning is to remember beside the collection. Throws Error where it is not on the machine.
Dataset mnist(const Common& common, Part part) {
  try {
    return load_dataset(common.data_folder(), part);
  } catch (const MissingDatasetError& error) {
    throw MissingDatasetError(
        fmt::format("{}; learning needs MNIST, so that nothing else is forgotten", error.what()),
        error.folder());
  }
}

int learn(const PersonalizationOptions& options, const Common& common) {
  const PicturesByDigit loaded = load_collection(corrections_folder());
  print_unread(loaded.unread);
  const Dataset& collection = loaded.dataset;
  if (collection.size() == 0) {
    throw Error(fmt::format("{}: no glyph to learn from; give some with: scrawl teach 7.png 7",
                            corrections_folder().string()));
  }
  const Dataset train = mnist(common, Part::train);
  const Dataset test = mnist(common, Part::test);
  LiveLine live(!common.quiet && stderr_is_live());
  const auto goes_on = [] { return !InterruptGuard::interrupted(); };
  const auto show = [&](const PersonalizationProgress& progress) {
    if (!goes_on()) return false;
    if (live.due()) {
      live.show(fmt::format("learning [{}] step {}/{}  loss {:.4f}", bar(progress.done, 30),
                            progress.step, progress.steps, progress.loss));
    }
    return true;
  };
  // A measurement is not stopped in its middle, which takes seconds.
  constexpr const char* notice = "scrawl: stopping; again ends it at once\n";
  constexpr const char* notice_over_line = "\r\x1b[Kscrawl: stopping; again ends it at once\n";
  const InterruptGuard guard(common.quiet ? "" : live.enabled() ? notice_over_line : notice);
  const PersonalizationResult result =
      personalize(default_model(), collection, train, test, options, {show, goes_on});
  live.clear();
  if (result.canceled) {
    print_error("stopped; the model stays as it was");
    return exit_failed;
  }
  if (result.kept) save_personal_model(result.model);
  print_result(result, common);
  return result.kept ? exit_ok : exit_failed;
}

int run_teach(const TeachArguments& arguments, const Common& common) {
  const std::vector<Lesson> lessons = lessons_of(arguments.pairs);
  if (lessons.empty() && arguments.forgotten.empty() && !arguments.learn && !arguments.undo &&
      !arguments.list) {
    throw OptionError("teach: what? Name a picture and its digit, or --learn, --list or --undo");
  }
  if (arguments.undo && arguments.learn) throw OptionError("teach: --learn or --undo, not both");
  take(lessons, common);
  forget(arguments.forgotten, common);
  if (arguments.undo) print_undo(common);
  const int code = arguments.learn ? learn(arguments.options, common) : exit_ok;
  if (arguments.list) print_list(common);
  return code;
}

}  // namespace

void add_teach(CLI::App& app, Common& common, int& exit_code) {
  auto arguments = std::make_shared<TeachArguments>();
  CLI::App* command = add_command(
      app, "teach", "Learns your handwriting from digits that you correct, on this machine",
      "  scrawl teach 7.png 7\n"
      "  scrawl teach a.png 1 b.png 1 c.png 7 --learn\n"
      "  scrawl teach --undo",
      common, exit_code, [arguments, &common] { return run_teach(*arguments, common); });
  command
      ->add_option("pairs", arguments->pairs,
                   "A picture of one digit (- is standard input), and which it is; more of them")
      ->option_text("PICTURE DIGIT ...");
  command->add_flag(
      "--learn", arguments->learn,
      "Fine-tune on all glyphs given so far; scrawl read uses the model if it is better");
  command->add_flag("--undo", arguments->undo, "Go back to the previous model");
  command->add_flag("--list", arguments->list, "Count the glyphs by digit, and name them");
  command->add_option("--forget", arguments->forgotten, "Remove glyphs, by name")
      ->option_text("NAME ...");
  add_data_option(*command, common);
  command->add_option("--steps", arguments->options.steps, "Training steps, of 128 glyphs each")
      ->check(CLI::Range(1, 100000));
  add_threads_option(*command, arguments->options.threads);
}

}  // namespace scrawl::cli
