#include "report/sections.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recognition/percent.hpp"
#include "report/charts.hpp"
#include "report/filters.hpp"
#include "report/html.hpp"
#include "training/history.hpp"

namespace scrawl::report {

namespace {

constexpr std::size_t max_metadata = 60;

std::string section(std::string_view title, std::string_view content) {
  return fmt::format("<section>\n<h2>{}</h2>\n{}</section>\n", title, content);
}

/// 1,234,567.
std::string grouped(std::size_t number) {
  return fmt::format("{}", fmt::group_digits(number));
}

std::string tile(std::string_view number, std::string_view small, std::string_view what) {
  return fmt::format("<div><b>{} <small>{}</small></b><span>{}</span></div>\n", number, small,
                     what);
}

std::string human(std::size_t number, std::string_view unit) {
  const auto value = static_cast<double>(number);
  if (number >= 1'000'000) return fmt::format("{:.2f} M{}", value / 1e6, unit);
  if (number >= 1'000) return fmt::format("{:.0f} k{}", value / 1e3, unit);
  return fmt::format("{} {}", number, unit);
}

std::string percent(const std::optional<double>& fraction) {
  return fraction ? fmt::format("{:.2f} %", 100 * *fraction) : "–";
}

/// An entry of a <dl>; a long one has a line of its own.
std::string fact(std::string_view name, std::string_view value) {
  constexpr std::size_t most = 40;
  return fmt::format("<div{}><dt>{}</dt><dd>{}</dd></div>\n",
                     value.size() > most ? " class=\"long\"" : "", name, value);
}

std::string facts(std::string_view entries) {
  return fmt::format("<dl class=\"facts\">\n{}</dl>\n", entries);
}

std::string layer_table(const Findings& findings) {
  std::string html =
      "<div class=\"scroll\"><table class=\"wide\">\n<caption>Layers, from the 28 × 28 pixels of a "
      "glyph to ten values, one for each label</caption>\n<thead><tr><th scope=\"col\" "
      "class=\"text\">layer</th>"
      "<th scope=\"col\">gives</th><th scope=\"col\">weights</th><th scope=\"col\">operations"
      "</th></tr></thead>\n<tbody>\n";
  std::size_t weights = 0;
  std::size_t operations = 0;
  for (const LayerFacts& layer : findings.layers) {
    weights += layer.weights;
    operations += layer.operations;
    html +=
        fmt::format("<tr><td class=\"text\">{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                    escape(layer.layer), layer.out, layer.weights > 0 ? grouped(layer.weights) : "",
                    layer.operations > 0 ? grouped(layer.operations) : "");
  }
  return html + fmt::format(
                    "</tbody>\n<tfoot><tr><th scope=\"row\" class=\"text\">in all</th><td></td>"
                    "<td>{}</td><td>{}</td></tr></tfoot>\n</table></div>\n"
                    "<p class=\"soft\">Operations to read one glyph: two for each "
                    "multiplication of convolutions and dense layers.</p>\n",
                    grouped(weights), grouped(operations));
}

/// What the model file says of itself; the history is drawn elsewhere.
std::string origin(const Model& model) {
  std::string entries;
  std::size_t shown = 0;
  for (const auto& [key, value] : model.metadata) {
    if (key == history_key) continue;
    if (++shown > max_metadata) break;
    entries += fact(escape(key, 80), escape(value));
  }
  if (shown == 0) return "<p>The model file says nothing about where it comes from.</p>\n";
  if (shown > max_metadata) entries += fact("…", "and more");
  return R"(<p class="soft">As its file says; the data set is named by the SHA-256 of its images and
labels.</p>
)" + facts(entries);
}

std::string curve_chart(const Findings& findings, std::string_view title, std::string_view unit,
                        double scale, double Score::*member, int best) {
  std::vector<int> epochs;
  Curve train{"training", {}};
  Curve validation{"validation", {}};
  for (const EpochScores& scores : findings.history) {
    epochs.push_back(scores.epoch);
    train.values.push_back(scale * scores.train.*member);
    if (scores.validation) validation.values.push_back(scale * (*scores.validation).*member);
  }
  std::vector<Curve> curves{train};
  // A log of two trainings could have them now and then.
  if (validation.values.size() == epochs.size()) curves.push_back(validation);
  return "<figure>" + line_chart(title, unit, epochs, curves, best) + "</figure>\n";
}

/// The epoch that the model is of, as its metadata say; 0 where they do not.
int taken_epoch(const Model& model) {
  const auto entry = model.metadata.find("epoch");
  int epoch = 0;
  if (entry == model.metadata.end()) return 0;
  std::from_chars(entry->second.data(), entry->second.data() + entry->second.size(), epoch);
  return epoch;
}

std::size_t most_confused(const Evaluation& evaluation) {
  std::size_t most = 1;
  for (std::size_t label = 0; label < digit_count; ++label) {
    for (std::size_t answer = 0; answer < digit_count; ++answer) {
      if (label != answer) most = std::max(most, evaluation.confusion[label][answer]);
    }
  }
  return most;
}

std::string confusion_cell(std::size_t count, bool correct, std::size_t most) {
  if (correct) return fmt::format("<td class=\"correct\">{}</td>", count);
  if (count == 0) return "<td class=\"none\">·</td>";
  const double strength =
      0.12 + 0.63 * std::sqrt(static_cast<double>(count) / static_cast<double>(most));
  return fmt::format("<td style=\"--v:{:.2f}\">{}</td>", strength, count);
}

std::string confusion_table(const Evaluation& evaluation) {
  std::string html =
      "<div class=\"scroll\"><table class=\"confusion\">\n<caption>Rows: what an image is "
      "labeled; "
      "columns: as what it was read</caption>\n<thead><tr><th class=\"axis\" scope=\"col\">label "
      "＼ answer</th>";
  for (std::size_t answer = 0; answer < digit_count; ++answer) {
    html += fmt::format("<th scope=\"col\">{}</th>", answer);
  }
  html += "</tr></thead>\n<tbody>\n";
  const std::size_t most = most_confused(evaluation);
  for (std::size_t label = 0; label < digit_count; ++label) {
    html += fmt::format("<tr><th class=\"axis\" scope=\"row\">{}</th>", label);
    for (std::size_t answer = 0; answer < digit_count; ++answer) {
      html += confusion_cell(evaluation.confusion[label][answer], label == answer, most);
    }
    html += "</tr>\n";
  }
  return html + "</tbody>\n</table></div>\n";
}

std::string digit_table(const Findings& findings) {
  std::string html =
      "<div class=\"scroll\"><table class=\"wide\">\n<caption>Precision: of the images read so, "
      "those that are. Recall: of "
      "the images labeled so, those that were read so.</caption>\n<thead><tr><th class=\"text\" "
      "scope=\"col\">label</th>"
      "<th scope=\"col\">images</th><th scope=\"col\">precision</th><th "
      "scope=\"col\">recall</th></tr></thead>\n<tbody>\n";
  for (std::size_t digit = 0; digit < digit_count; ++digit) {
    const DigitFacts& facts = findings.digits[digit];
    html += fmt::format(
        "<tr><th class=\"text\" scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        digit, grouped(facts.images), percent(facts.precision), percent(facts.recall));
  }
  return html + "</tbody>\n</table></div>\n";
}

/// Light on dark, as the network sees it.
Picture picture_of(GlyphView glyph) {
  return {glyph_side, glyph_side, 1, {glyph.begin(), glyph.end()}};
}

std::string mistake_figure(const Mistake& mistake, const Dataset& test) {
  return fmt::format(
      "<figure><img src=\"{}\" width=\"28\" height=\"28\" alt=\"image {}: a {} read as {}\"/>\n"
      "<p><b>{} → {}</b> <span>{}</span></p>\n{}\n</figure>\n",
      data_uri(picture_of(test.image(mistake.image))), mistake.image, mistake.label, mistake.answer,
      mistake.label, mistake.answer, escape(scrawl::percent(mistake.probabilities[mistake.answer])),
      probability_bars(mistake.probabilities, mistake.label, mistake.answer));
}

}  // namespace

std::string overview(const Findings& findings, const ReportOptions& options) {
  const Evaluation& evaluation = findings.evaluation;
  const double rate = static_cast<double>(evaluation.images) / evaluation.seconds;
  std::string html = "<div class=\"tiles\">\n";
  html += tile(fmt::format("{:.2f}", 100 * evaluation.score.accuracy),
               fmt::format("± {:.2f} %", 100 * evaluation.standard_error),
               fmt::format("accuracy ± standard error, of {} images", grouped(evaluation.images)));
  html += tile(fmt::format("{:.4f}", evaluation.score.loss), "",
               "loss: cross-entropy, natural logarithm");
  html += tile(fmt::format("{:.2f}", 100 * evaluation.calibration_error), "%",
               "calibration error: how far confidence and accuracy differ");
  html += tile(grouped(static_cast<std::size_t>(rate)), "/s",
               fmt::format("images read, in {}", findings.computed_in));
  html += fmt::format(
      R"(</div>
<p class="soft">Measured when this report was made, on {} (SHA-256
<code>{}…</code>), which <code>scrawl train</code> does not look at.{}</p>
)",
      findings.mnist ? "MNIST's test images" : "the test images of a data set other than MNIST",
      findings.test_digest.substr(0, 16), options.command.empty() ? "" : " To measure it again:");
  if (!options.command.empty()) {
    html += fmt::format("<code class=\"command\">{}</code>\n", escape(options.command, 4000));
  }
  return section("On images it has not seen", html);
}

std::string card(const Model& model, const Findings& findings) {
  std::string html = fmt::format(
      R"(<p>A neural network that takes a picture of 28 × 28 gray levels, and gives a probability to
each of ten labels.</p>
<p>It is for {}. It is not for letters, signs or print, and names one of its ten labels whatever it is
shown: where a mistake costs something, look at its confidence, and let a person look too.</p>
)",
      findings.mnist ? "single handwritten digits, cut out and centered as MNIST's are, which "
                       "<code>scrawl read</code> does with any picture"
                     : "pictures made like those of the data set that it was trained on");
  html += "<div class=\"tiles\">\n";
  html += tile(grouped(parameter_count(model.architecture)), "", "weights");
  html += tile(human(operation_count(model.architecture), "FLOP"), "", "to read one glyph");
  html += tile(human(findings.file_bytes, "B"), "", "as a safetensors file");
  html += "</div>\n" + layer_table(findings) + "<h3>What goes in and out</h3>\n";
  html +=
      facts(fact("normalization",
                 fmt::format("a pixel p from 0 (paper) to 255 (ink) becomes (p / 255 − {}) / {}",
                             model.normalization.mean, model.normalization.std)) +
            fact("temperature",
                 fmt::format("{:.4g}: the last values are divided by it before they become "
                             "probabilities",
                             model.temperature)));
  html += "<h3>Where it comes from</h3>\n" + origin(model);
  html += fmt::format("<p class=\"soft\">{}</p>\n",
                      findings.mnist ? "MNIST, some of whose images are shown below, is by Yann "
                                       "LeCun and Corinna Cortes, and stands under CC BY-SA 3.0."
                                     : "The images shown below stand under the license of their "
                                       "own data set.");
  return section("The model", html);
}

std::string curves(const Findings& findings, const Model& model) {
  if (findings.history.empty())
    return section("Training", R"(<p>The model file holds no history of
its training, so there are no curves here. What a newer <code>scrawl train</code> saves has one; for
an older model, <code>scrawl report --log FILE</code> takes the log of its training.</p>
)");
  if (findings.history.size() == 1) {
    const EpochScores& only = findings.history[0];
    return section("Training", fmt::format("<p>One epoch: loss {:.4f}, accuracy {:.2f} % on the "
                                           "images that it was trained on, while it was.</p>\n",
                                           only.train.loss, 100 * only.train.accuracy));
  }
  const int taken = taken_epoch(model);
  std::string html = "<div class=\"pair\">\n";
  html += curve_chart(findings, "loss", "", 1, &Score::loss, taken);
  html += curve_chart(findings, "accuracy", " %", 100, &Score::accuracy, taken);
  html += R"(</div>
<p class="soft">Training: the average over an epoch while the weights were changing, on images as the
training had changed them; so it can be worse than validation, which is measured after the epoch on
images set aside. Taken: the epoch whose weights the model has.</p>
)";
  return section("Training", html);
}

std::string confusions(const Findings& findings) {
  std::string html = "<div class=\"split\"><div class=\"most\">";
  html += confusion_table(findings.evaluation);
  html +=
      R"(<p class="soft">Colors compare mistakes with mistakes: the strongest is the most frequent
one, and strength goes with the square root of the count.</p></div>
<div>)";
  html += digit_table(findings) + "</div></div>\n";
  return section("What is taken for what", html);
}

std::string worst_mistakes(const Findings& findings, const Dataset& test) {
  const std::size_t all = findings.mistakes.size();
  if (all == 0) return section("Mistakes", "<p>There are none.</p>\n");
  const std::size_t shown = std::min(all, max_mistakes);
  std::string html = fmt::format(
      R"(<p class="soft">{}, the most confident first: label → answer, how sure the model was, and what
it gave to each of 0 to 9 (<span class="text-b">answer</span>,
<span class="text-a">label</span>).</p>
<div class="gallery">
)",
      shown == all ? fmt::format("All {} mistakes", all)
                   : fmt::format("{} of {} mistakes", shown, grouped(all)));
  for (std::size_t i = 0; i < shown; ++i) html += mistake_figure(findings.mistakes[i], test);
  return section("The worst mistakes", html + "</div>\n");
}

std::string calibration(const Findings& findings) {
  std::string html = "<div class=\"pair\"><figure>";
  html += calibration_chart(findings.evaluation.calibration);
  html += fmt::format(R"(</figure>
<div><p>Of all images that the model reads with a confidence of, say, 80 %, 80 % should be correct: on the
dashed line. Below it the model is too sure of itself; above it, not sure enough.</p>
<p>On average the two differ by <b>{:.2f} %</b> (calibration error).</p>
<p class="soft">Bars up and down are one standard error: where few images are, a point says little. The
gray columns grow with the logarithm of the number of images.</p></div></div>
)",
                      100 * findings.evaluation.calibration_error);
  return section("Does it know how sure to be?", html);
}

std::string first_layer(const Model& model) {
  const Filters filters = draw_filters(model);
  const std::size_t shown = filters.pictures.size();
  std::string html = fmt::format(
      "<p class=\"soft\">{} of the {} outputs of the first layer with weights, <code>{}</code>: "
      "{}.</p>\n",
      shown == filters.outputs ? "All" : fmt::format("The first {}", shown), filters.outputs,
      escape(filters.layer),
      filters.convolution ? "the kernel that each looks for"
                          : "what each makes of every pixel of its input");
  html += fmt::format("<div class=\"filters {}\">\n", filters.convolution ? "kernels" : "fields");
  for (std::size_t i = 0; i < shown; ++i) {
    html += fmt::format(
        "<img src=\"{}\" width=\"{}\" height=\"{}\" alt=\"weights of output {}\"/>\n",
        data_uri(filters.pictures[i]), filters.pictures[i].width, filters.pictures[i].height, i);
  }
  html += fmt::format(
      "</div>\n<figure class=\"legend\"><svg viewBox=\"0 0 300 34\" role=\"img\" "
      "aria-label=\"colors: blue {0:.2g} or less, white 0, orange {1:.2g} or more\">"
      "<image href=\"{2}\" x=\"0\" y=\"0\" width=\"300\" height=\"12\" "
      "preserveAspectRatio=\"none\"/>"
      "<text x=\"0\" y=\"29\">≤ {0:.2g}</text><text x=\"150\" y=\"29\" "
      "text-anchor=\"middle\">0</text>"
      "<text x=\"300\" y=\"29\" text-anchor=\"end\">≥ {1:.2g}</text></svg></figure>\n",
      -filters.limit, filters.limit, data_uri(color_scale()));
  return section("What the first layer looks for", html);
}

}  // namespace scrawl::report
