// Reports: that their numbers are evaluate's, that they are whole and ask for nothing, and that
// nothing in a model file can spoil them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include <scrawl/report.hpp>
#include <scrawl/training.hpp>

#include "dataset_files.hpp"
#include "process.hpp"
#include "recognition/recognizer.hpp"
#include "scratch.hpp"
#include "training/history.hpp"

namespace scrawl {
namespace {

using Json = nlohmann::json;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// `size` images with a bright row at a height that goes with the label; every seventh label is
/// wrong, so that there are mistakes.
Dataset stripes(std::size_t size) {
  Dataset dataset;
  for (std::size_t i = 0; i < size; ++i) {
    Glyph glyph{};
    for (std::size_t x = 4; x < 24; ++x) glyph[(4 + 2 * (i % 10)) * glyph_side + x] = 255;
    glyph[i % glyph_pixels] = 100;
    dataset.images.insert(dataset.images.end(), glyph.begin(), glyph.end());
    dataset.labels.push_back(static_cast<std::uint8_t>(i % 7 == 0 ? (i + 3) % 10 : i % 10));
  }
  return dataset;
}

Model model_of(const std::string& architecture) {
  return initialize(parse_architecture(architecture), 1);
}

Model trained(int epochs) {
  TrainingOptions options;
  options.epochs = epochs;
  options.batch = 32;
  options.validation = 100;
  return train(stripes(400), parse_architecture("dense 16, relu, dense 10"), options).best.value();
}

/// What is wrong with the nesting of tags, and with ampersands; empty where all is well.
std::string problem_of(const std::string& html) {
  std::vector<std::string> open;
  std::size_t at = html.find("<html");
  while (at != std::string::npos) {
    const std::size_t end = html.find('>', at);
    if (end == std::string::npos) return "a tag without an end";
    const std::string tag = html.substr(at + 1, end - at - 1);
    if (has(tag, "<")) return "a < in " + tag;
    const std::string name = tag.substr(0, tag.find_first_of(" \n"));
    if (tag[0] == '/') {
      if (open.empty() || "/" + open.back() != name) return "<" + tag + "> closes nothing";
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(name);
    }
    if (std::count(tag.begin(), tag.end(), '"') % 2 != 0) return "quotes in " + tag;
    at = html.find('<', end);
  }
  for (at = html.find('&'); at != std::string::npos; at = html.find('&', at + 1)) {
    const std::string entity = html.substr(at, html.find(';', at) + 1 - at);
    if (entity.size() > 6) return "a bare & before " + html.substr(at, 20);
  }
  return open.empty() ? "" : "<" + open.back() + "> is left open";
}

TEST(Report, HasTheNumbersOfEvaluate) {
  const Model model = trained(3);
  const Dataset test = stripes(500);
  const Evaluation expected = evaluate(model, test);
  ASSERT_GT(expected.score.accuracy, 0.5);
  ASSERT_LT(expected.score.accuracy, 1);
  const Json json = Json::parse(report_json(model, test));
  EXPECT_EQ(json["accuracy"], expected.score.accuracy);
  EXPECT_EQ(json["standard_error"], expected.standard_error);
  EXPECT_EQ(json["loss"], expected.score.loss);
  EXPECT_EQ(json["calibration_error"], expected.calibration_error);
  EXPECT_EQ(json["confusion"], Json(expected.confusion));
  const std::string html = report_html(model, test);
  EXPECT_TRUE(has(html, fmt::format("<b>{:.2f} <small>± {:.2f} %", 100 * expected.score.accuracy,
                                    100 * expected.standard_error)));
  EXPECT_TRUE(has(html, fmt::format("<b>{:.4f} ", expected.score.loss)));
  EXPECT_TRUE(has(html, fmt::format("<td class=\"correct\">{}</td>", expected.confusion[4][4])));
}

TEST(Report, CountsAddUp) {
  const Dataset test = stripes(300);
  for (const char* text : {"mlp", "lenet", "fast", "max-pool 2, dense 16, tanh, dense 10"}) {
    const Model model = model_of(text);
    const Json json = Json::parse(report_json(model, test));
    std::size_t weights = 0;
    std::size_t operations = 0;
    for (const Json& layer : json["layers"]) {
      weights += layer["weights"].get<std::size_t>();
      operations += layer["operations"].get<std::size_t>();
    }
    EXPECT_EQ(weights, parameter_count(model.architecture)) << text;
    EXPECT_EQ(operations, operation_count(model.architecture)) << text;
    std::size_t images = 0;
    std::size_t correct = 0;
    for (const Json& bin : json["calibration"]) {
      images += bin["images"].get<std::size_t>();
      correct += bin["correct"].get<std::size_t>();
    }
    EXPECT_EQ(json["calibration"].size(), 15U);
    EXPECT_EQ(images, test.size());
    EXPECT_EQ(images - correct, json["mistakes"]);
  }
}

TEST(Report, ShowsTheMostConfidentMistakesFirst) {
  const Model model = trained(3);
  const Dataset test = stripes(700);
  const std::vector<Probabilities> said = predict(model, test);
  const Json worst = Json::parse(report_json(model, test))["worst_mistakes"];
  ASSERT_EQ(worst.size(), 40U);
  float before = 1;
  for (const Json& mistake : worst) {
    const auto image = mistake["image"].get<std::size_t>();
    const auto answer = mistake["answer"].get<std::size_t>();
    EXPECT_EQ(mistake["label"], test.labels[image]);
    EXPECT_NE(mistake["answer"], mistake["label"]);
    EXPECT_EQ(*std::ranges::max_element(said[image]), said[image][answer]);
    EXPECT_LE(said[image][answer], before);
    before = said[image][answer];
  }
}

TEST(Report, IsWellFormedAndAsksForNothing) {
  const Dataset test = stripes(200);
  ASSERT_NE(problem_of("<html><p></html>"), "");
  ASSERT_NE(problem_of("<html>a & b and so on; </html>"), "");
  std::vector<Model> models{trained(3), trained(1), default_model()};
  for (const char* text : {"mlp", "lenet", "max-pool 2, dense 16, relu, dense 10"}) {
    models.push_back(model_of(text));
  }
  for (const Model& model : models) {
    const std::string html = report_html(model, test);
    EXPECT_EQ(problem_of(html), "") << to_string(model.architecture);
    EXPECT_TRUE(has(html, "<html lang=\"en\">"));
    for (const char* outside :
         {"http:", "https:", "//", "<script", "@import", "url(", "nan", "inf"}) {
      const std::size_t at = html.find(outside);
      // Base64 has slashes.
      const bool in_picture = at != std::string::npos &&
                              html.rfind("base64,", at) != std::string::npos &&
                              html.find('"', html.rfind("base64,", at)) > at;
      EXPECT_TRUE(at == std::string::npos || in_picture)
          << outside << " in " << html.substr(at - std::min<std::size_t>(at, 40), 80);
    }
    for (std::size_t at = html.find("src="); at != std::string::npos;
         at = html.find("src=", at + 1)) {
      if (html.compare(at, 5, "src=\"") != 0) continue;
      EXPECT_EQ(html.substr(at, 10), "src=\"data:");
    }
  }
}

TEST(Report, EscapesWhateverAModelFileSays) {
  Model model = model_of("dense 10");
  const std::string evil = "\"'><script>alert(1)</script>&\x01\xff";
  model.metadata = {{evil, evil}, {"long", std::string(100'000, 'x')}};
  for (int i = 0; i < 200; ++i) model.metadata[fmt::format("key {}", i)] = "value";
  ReportOptions options;
  options.name = options.command = options.footer = evil;
  const std::string html = report_html(model, stripes(50), options);
  EXPECT_FALSE(has(html, "<script"));
  EXPECT_FALSE(has(html, "\x01"));
  EXPECT_FALSE(has(html, "\xff"));
  EXPECT_TRUE(has(html, "&lt;script&gt;alert(1)&lt;/script&gt;&amp;\xEF\xBF\xBD"));
  EXPECT_FALSE(has(html, std::string(1000, 'x')));
  EXPECT_FALSE(has(html, "key 99"));
  EXPECT_EQ(problem_of(html), "");
  EXPECT_EQ(Json::parse(report_json(model, stripes(50), options))["accuracy"],
            evaluate(model, stripes(50)).score.accuracy);
}

TEST(Report, TellsWhenThereIsNoHistoryOrOneThatCannotBe) {
  Model model = model_of("dense 10");
  const Dataset test = stripes(50);
  EXPECT_TRUE(has(report_html(model, test), "holds no history"));
  for (const char* bad : {"",
                          "[",
                          "7",
                          "{}",
                          "[[]]",
                          "[[1,2]]",
                          "[[1,2,0.5,1]]",
                          "[[1,\"2\",0.5]]",
                          "[[0,2,0.5]]",
                          "[[1,2,1.5]]",
                          "[[1,2,-0.1]]",
                          "[[1,1e999,0.5]]",
                          "[[2,1,0.5],[1,1,0.5]]",
                          "[[1.5,1,0.5]]",
                          "[[1,null,0.5]]",
                          "[[1,1,0.5,2,7]]",
                          "[[[1]]]",
                          "[[1e73,1,0.5]]",
                          "[[2147483648,1,0.5]]",
                          "[[18446744073709551615,1,0.5]]",
                          "[[-1,1,0.5]]",
                          "[[1,1e10,0.5]]",
                          "[[1,-1e-9,0.5]]"}) {
    model.metadata[history_key] = bad;
    const std::string html = report_html(model, test);
    EXPECT_TRUE(has(html, "holds no history")) << bad;
    EXPECT_FALSE(has(html, "<polyline")) << bad;
    EXPECT_EQ(problem_of(html), "");
  }
  model.metadata[history_key] =
      "[[1,2,0.5],[2,1.5,0.75,1.75,0.625]]";  // validation but now and then
  EXPECT_TRUE(has(report_html(model, test), "<polyline"));
}

TEST(Report, DrawsALossThatHardlyChanges) {
  Model model = model_of("dense 10");
  for (const char* history : {"[[1,2,0.5],[2,2.0000000000000004,0.5]]",
                              "[[1,1e9,1],[2,999999999.9999999,0.9999999999999999]]"}) {
    model.metadata[history_key] = history;
    const std::string html = report_html(model, stripes(50));
    EXPECT_TRUE(has(html, "<polyline")) << history;
    EXPECT_LT(html.size(), 1'000'000U) << history;
  }
}

TEST(Report, DrawsBothCurvesOfATraining) {
  const Model model = trained(4);
  const std::string html = report_html(model, stripes(50));
  std::size_t lines = 0;
  for (auto at = html.find("<polyline"); at != std::string::npos;
       at = html.find("<polyline", at + 1)) {
    ++lines;
  }
  EXPECT_EQ(lines, 4U);  // loss and accuracy, training and validation
  EXPECT_TRUE(has(html, ">taken</text>"));
  EXPECT_FALSE(has(html, "scrawl.history"));
  const std::string one = report_html(trained(1), stripes(50));
  EXPECT_TRUE(has(one, "One epoch: loss"));
  EXPECT_FALSE(has(one, "<polyline"));
}

TEST(Report, OfNoImagesIsAnError) {
  EXPECT_THROW(report_html(model_of("dense 10"), {}), Error);
}

TEST(Report, OfADataSetThatDoesNotFitIsRefused) {
  Dataset wrong = stripes(10);
  wrong.labels[9] = 10;
  EXPECT_THROW(report_html(model_of("dense 10"), wrong), std::invalid_argument);
  EXPECT_THROW(report_json(model_of("dense 10"), wrong), std::invalid_argument);
}

TEST(Predict, AgreesWithEvaluate) {
  const Model model = trained(3);
  const Dataset test = stripes(300);
  const std::vector<Probabilities> said = predict(model, test, Precision::f32, 2);
  ASSERT_EQ(said.size(), test.size());
  std::size_t correct = 0;
  for (std::size_t i = 0; i < said.size(); ++i) {
    EXPECT_NEAR(std::accumulate(said[i].begin(), said[i].end(), 0.0), 1, 1e-5);
    correct += std::ranges::max_element(said[i]) - said[i].begin() == test.labels[i] ? 1 : 0;
  }
  EXPECT_EQ(static_cast<double>(correct) / static_cast<double>(said.size()),
            evaluate(model, test, Precision::f32).score.accuracy);
  EXPECT_TRUE(predict(model, {}).empty());
}

TEST(History, IsWhatTheTrainingReported) {
  TrainingOptions options;
  options.epochs = 3;
  options.batch = 32;
  options.validation = 100;
  std::vector<EpochReport> reports;
  const TrainingResult result = train(stripes(400), parse_architecture("dense 10"), options,
                                      {.on_epoch = [&](const EpochReport& report) {
                                        reports.push_back(report);
                                        return true;
                                      }});
  const std::vector<EpochScores> history = training_history(*result.best);
  ASSERT_EQ(history.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(history[i].epoch, static_cast<int>(i + 1));
    EXPECT_NEAR(history[i].train.loss, reports[i].train.loss, 1e-5);
    ASSERT_TRUE(history[i].validation);
    EXPECT_NEAR(history[i].validation->accuracy, reports[i].validation.accuracy, 1e-6);
  }
}

TEST(History, OfALongTrainingStaysShortAndIsTheSameAfterEachResume) {
  std::vector<EpochScores> whole;
  std::vector<EpochScores> resumed;
  for (int epoch = 1; epoch <= 3000; ++epoch) {
    const EpochScores scores{epoch, {1.0 / epoch, 1 - 1.0 / (epoch + 1)}, Score{2.0 / epoch, 0.5}};
    add_epoch(whole, scores);
    resumed = parse_history(format_history(resumed));  // as a checkpoint does
    add_epoch(resumed, scores);
    ASSERT_EQ(format_history(whole), format_history(resumed));
    ASSERT_LE(whole.size(), 257U);
    ASSERT_EQ(whole.back().epoch, epoch);
  }
  EXPECT_GE(whole.size(), 128U);
  EXPECT_LT(format_history(whole).size(), 20'000U);
}

TEST(History, OfALogIsThatOfTheTraining) {
  const std::string line =
      R"({{"epoch":{},"train_loss":{},"train_accuracy":0.5,"validation_loss":{},"validation_accuracy":{}}})"
      "\n";
  const auto write = [&](int epoch, double loss, double validation) {
    return fmt::format(fmt::runtime(line), epoch, loss, validation, validation / 2);
  };
  // Resumed from before epoch 2.
  const auto log =
      parse_training_log(write(1, 3, 0) + write(2, 2, 0) + write(2, 2.5, 1), "x.jsonl");
  ASSERT_EQ(log.size(), 2U);
  EXPECT_FALSE(log[0].validation);
  EXPECT_EQ(log[1].train.loss, 2.5);
  EXPECT_EQ(log[1].validation->accuracy, 0.5);
  for (const char* bad : {"{}", "7", "", "{\"epoch\":1}", "nonsense"}) {
    const std::string error =
        testing::error_of([&] { parse_training_log(write(1, 3, 0) + bad + "\n", "x.jsonl"); });
    testing::expect_mentions(error, {"x.jsonl", "line 2", "log"});
  }
  const auto message_of = [&](const std::string& field, const std::string& value) {
    Json bad = Json::parse(write(1, 3, 0));
    bad[field] = Json::parse(value);
    return testing::error_of([&] { parse_training_log(bad.dump(), "x.jsonl"); });
  };
  testing::expect_mentions(message_of("epoch", "1e73"),
                           {"line 1: ", "epoch: found 1e+73", "2147483647"});
  testing::expect_mentions(message_of("epoch", "2147483648"), {"epoch: found 2147483648"});
  testing::expect_mentions(message_of("epoch", "1.5"), {"epoch: found 1.5"});
  testing::expect_mentions(message_of("epoch", "0"), {"epoch: found 0"});
  testing::expect_mentions(message_of("train_accuracy", "2"),
                           {"train_accuracy: found 2", "0 to 1"});
  testing::expect_mentions(message_of("validation_loss", "null"), {"validation_loss: found null"});
  testing::expect_mentions(testing::error_of([] { parse_training_log("", "x.jsonl"); }),
                           {"x.jsonl", "empty"});
}

/// A small data set and a model in a folder.
class ReportCommand : public ::testing::Test {
 protected:
  ReportCommand() {
    testing::put(file("data/t10k-images-idx3-ubyte"), testing::idx_images(60));
    testing::put(file("data/t10k-labels-idx1-ubyte"), testing::idx_labels(60));
    save_model(model_of("dense 10"), file("m.safetensors"));
  }

  std::string file(const std::string& name) const { return (scratch_ / name).string(); }
  ProcessResult report(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"report", "--data", file("data")});
    return run_scrawl(arguments);
  }

  ScratchFolder scratch_;
};

TEST_F(ReportCommand, WritesAPageNamedAfterTheModel) {
  const ProcessResult result = report({file("m.safetensors")});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_TRUE(has(result.err, "m.html"));
  const std::string html = slurp(file("m.html"));
  EXPECT_EQ(problem_of(html), "");
  EXPECT_TRUE(has(html, "scrawl eval --data " + file("data") + " " + file("m.safetensors")));
}

TEST_F(ReportCommand, ShowsTheBuiltinModelAndIsQuietWhenTold) {
  const ProcessResult result = report({"builtin", "-q", "-o", file("new/builtin.html")});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out + result.err, "");
  EXPECT_TRUE(has(slurp(file("new/builtin.html")), "The built-in model"));
}

TEST_F(ReportCommand, GivesTheNumbersThatEvalGives) {
  const ProcessResult result = report({file("m.safetensors"), "--json", "--precision", "f32"});
  ASSERT_EQ(result.code, 0) << result.err;
  const ProcessResult eval = run_scrawl(
      {"eval", "--json", "--precision", "f32", "--data", file("data"), file("m.safetensors")});
  const Json json = Json::parse(result.out);
  const Json expected = Json::parse(eval.out);
  for (const char* key : {"accuracy", "loss", "standard_error", "calibration_error", "confusion"}) {
    EXPECT_EQ(json[key], expected[key]) << key;
  }
  EXPECT_FALSE(std::filesystem::exists(file("m.html")));
}

TEST_F(ReportCommand, WritesBothWhenBothAreAskedFor) {
  const ProcessResult result = report({file("m.safetensors"), "--json", "-o", file("r.html")});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(Json::parse(result.out)["images"], 60);
  EXPECT_EQ(problem_of(slurp(file("r.html"))), "");
}

TEST_F(ReportCommand, WritesToStandardOutputWhenToldAndNeverAFileOfThatName) {
  const ProcessResult result = report({file("m.safetensors"), "-o", "-"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(problem_of(result.out), "");
  EXPECT_FALSE(std::filesystem::exists("-"));
  EXPECT_EQ(report({file("m.safetensors"), "--json", "-o", "-"}).code, 2);
}

TEST_F(ReportCommand, TestsOnPicturesInFoldersAsEvalDoes) {
  const std::filesystem::path examples = std::filesystem::path(SCRAWL_SOURCE) / "examples/pictures";
  for (const char* name : {"2-marker.png", "7-mnist.png"}) {
    const std::filesystem::path folder = scratch_ / "pictures" / std::string(1, name[0]);
    std::filesystem::create_directories(folder);
    std::filesystem::copy_file(examples / name, folder / name);
  }
  const ProcessResult result =
      run_scrawl({"report", "builtin", "--json", "--data", file("pictures")});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(Json::parse(result.out)["images"], 2);
}

TEST_F(ReportCommand, DrawsTheCurvesOfALog) {
  std::ofstream log(file("log.jsonl"));
  for (int epoch = 1; epoch <= 3; ++epoch) {
    log << fmt::format(
        "{{\"epoch\":{},\"train_loss\":{},\"train_accuracy\":0.5,\"validation_loss\":0,"
        "\"validation_accuracy\":0}}\n",
        epoch, 4 - epoch);
  }
  log.close();
  ASSERT_EQ(report({file("m.safetensors"), "--log", file("log.jsonl")}).code, 0);
  EXPECT_TRUE(has(slurp(file("m.html")), "<polyline"));
  const ProcessResult bad = report({file("m.safetensors"), "--log", file("m.safetensors")});
  EXPECT_EQ(bad.code, 1);
  EXPECT_TRUE(has(bad.err, "line 1")) << bad.err;
}

TEST_F(ReportCommand, RefusesWhatItCannotDo) {
  const std::string before = slurp(file("m.safetensors"));
  EXPECT_EQ(report({}).code, 2);
  EXPECT_EQ(report({file("m.safetensors"), "-o", file("m.safetensors")}).code, 2);
  EXPECT_EQ(report({file("none.safetensors")}).code, 1);
  EXPECT_EQ(report({file("m.safetensors"), "-o", scratch_.path().string()}).code, 1);
  EXPECT_TRUE(has(report({file("m.safetensors"), "-o", "/proc/x.html"}).err, "cannot write"));
  EXPECT_EQ(slurp(file("m.safetensors")), before);
}

TEST_F(ReportCommand, OpensInABrowserWithoutErrors) {
  if (std::system("command -v chromium >/dev/null") != 0) GTEST_SKIP() << "no chromium here";
  const auto errors = [&](const std::string& page) {
    const std::string command = fmt::format(
        "timeout 100 chromium --headless --no-sandbox --disable-gpu --user-data-dir={} "
        "--enable-logging=stderr --dump-dom file://{} >{} 2>{}",
        file("profile"), page, file("dom"), file("err"));
    EXPECT_EQ(std::system(command.c_str()), 0) << slurp(file("err"));
    const std::string err = slurp(file("err"));
    const std::size_t at = err.find("CONSOLE");
    return at == std::string::npos ? std::string() : err.substr(at, 300);
  };
  ASSERT_EQ(report({"builtin", "-o", file("builtin.html")}).code, 0);
  EXPECT_EQ(errors(file("builtin.html")), "");
  EXPECT_TRUE(has(slurp(file("dom")), "The worst mistakes"));
  // The page's own policy refuses whatever is not in it, and the browser says so.
  std::string html = slurp(file("builtin.html"));
  html.insert(html.find("</main>"), "<img src=\"http://127.0.0.1:9/x.png\"/>");
  std::ofstream(file("bad.html")) << html;
  EXPECT_TRUE(has(errors(file("bad.html")), "Content Security Policy"));
}

}  // namespace
}  // namespace scrawl
