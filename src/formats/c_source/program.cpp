#include "formats/c_source/program.hpp"

#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <scrawl/precision.hpp>

#include "formats/c_source/functions.hpp"
#include "formats/c_source/memory_plan.hpp"
#include "network/overloaded.hpp"
#include "network/shapes.hpp"

namespace scrawl::c_source {

namespace {

std::string literal(std::int64_t value) {
  return fmt::format("{}", value);
}

/// The shortest that is read back as the same float.
std::string literal(float value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text + "F";
}

template <typename Number>
std::string numbers(std::span<const Number> values) {
  constexpr std::size_t width = 100;
  std::string text;
  std::size_t line = width;
  for (const Number value : values) {
    std::string one;
    if constexpr (std::is_same_v<Number, float>) {
      one = literal(value) + ",";
    } else {
      one = literal(std::int64_t{value}) + ",";
    }
    if (line + 1 + one.size() > width) {
      text += "\n ";
      line = 1;
    }
    text += " " + one;
    line += 1 + one.size();
  }
  return text;
}

/// 12345678 -> 12,345,678
std::string grouped(std::size_t value) {
  if (value < 1000) return fmt::format("{}", value);
  return fmt::format("{},{:03}", grouped(value / 1000), value % 1000);
}

class Program {
 public:
  Program(const Model& model, std::span<const Step> steps, std::span<const Int8Step> int8)
      : model_(model),
        steps_(steps),
        int8_(int8),
        functions_(int8.empty() ? Precision::f32 : Precision::int8) {
    plan();
  }

  std::string text() {
    if (!is_int8()) add_normalization();
    for (std::size_t i = 0; i < steps_.size(); ++i) add(i);
    functions_.use("softmax");
    return comment() + includes() + functions_.text() + constants_ + classify();
  }

 private:
  bool is_int8() const { return !int8_.empty(); }
  std::string_view type() const { return is_int8() ? "uint8_t" : "float"; }
  std::size_t value_bytes() const { return is_int8() ? 1 : sizeof(float); }

  /// Where values lie; int8 takes the glyph where it is, and the last value is the caller's.
  void plan() {
    std::vector<Lifetime> lifetimes;
    for (std::size_t value = 0; value < steps_.size(); ++value) {
      const std::size_t size = is_int8() && value == 0 ? 0 : steps_[value].in.size();
      // Step i takes value i, and gives value i + 1 at time i + 1.
      lifetimes.push_back({size, value, value + 1});
    }
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (const auto* sum = std::get_if<Sum>(&steps_[i].work)) {
        lifetimes[sum->other].last = i + 1;
      }
    }
    memory_ = plan_memory(lifetimes);
  }

  std::string at(std::size_t value) const {
    if (is_int8() && value == 0) return "glyph";
    if (value == steps_.size()) return "probabilities";
    const std::size_t offset = memory_.offsets[value];
    return offset == 0 ? "memory" : fmt::format("memory + {}", offset);
  }

  template <typename... Arguments>
  void call(std::string_view function, const Arguments&... arguments) {
    functions_.use(function);
    std::string list;
    ((list += fmt::format("{}{}", list.empty() ? "" : ", ", arguments)), ...);
    calls_ += fmt::format("  {}({});\n", function, list);
  }

  template <typename Number>
  std::string constant(const std::string& name, std::string_view c_type,
                       std::span<const Number> values) {
    constants_ += fmt::format("\nstatic const {} {}[{}] = {{{}\n}};\n", c_type, name, values.size(),
                              numbers(values));
    constant_bytes_ += values.size_bytes();
    return name;
  }

  void add_normalization() {
    const auto [mean, std_dev] = model_.normalization;
    call("normalize", "glyph", literal(mean), literal(std_dev), at(0));
  }

  void add(std::size_t i) {
    const Step& step = steps_[i];
    std::visit(Overloaded{[&](const Linear& linear) {
                            is_int8() ? add_int8_linear(i, linear) : add_linear(i, linear);
                          },
                          [&](const Pad& pad) { add_pad(i, pad); },
                          [&](const Pool& pool) {
                            const bool largest = pool.kind == Pool::Kind::max;
                            call(largest ? "max_pool" : "average_pool", at(i), step.in.height,
                                 step.in.channels, pool.size, at(i + 1));
                          },
                          [&](const Scale& scale) { add_scale(i, scale); },
                          [&](const Activation& activation) { add_activation(i, activation); },
                          [&](const Sum& sum) { add_sum(i, sum); }},
               step.work);
  }

  /// struct linear conv1 = {...}, with the members that `more` names.
  void add_struct(std::size_t i, const Linear& linear, const std::string& more) {
    const Step& step = steps_[i];
    functions_.use("struct linear");
    constants_ += fmt::format(
        "\nstatic const struct linear {} = {{\n"
        "  .side = {}, .channels = {}, .kernel = {}, .stride = {}, .dilation = {}, .pool = {},\n"
        "  .out_side = {}, .outputs = {},\n"
        "  {}\n}};\n",
        linear.name, step.in.height, step.in.channels, linear.kernel, linear.stride,
        linear.dilation, linear.pool, step.out.height, step.out.channels, more);
  }

  void add_linear(std::size_t i, const Linear& linear) {
    const std::string& name = linear.name;
    const std::string weights = constant(name + "_weights", "float", std::span(linear.weights));
    const std::string bias = constant(name + "_bias", "float", std::span(linear.bias));
    add_struct(i, linear, fmt::format(".weights = {}, .bias = {}", weights, bias));
    call("linear", fmt::format("&{}", name), at(i), at(i + 1));
    const std::size_t count = steps_[i].out.size();
    if (linear.activation == Activation::none) return;
    call(name_of(linear.activation), at(i + 1), count, at(i + 1));
  }

  static std::string_view name_of(Activation activation) {
    return activation == Activation::relu ? "relu" : "hyperbolic_tangent";
  }

  void add_int8_linear(std::size_t i, const Linear& linear) {
    const Int8Step& whole = int8_[i];
    const std::string& name = linear.name;
    const std::string weights = constant(name + "_weights", "int8_t", std::span(whole.weights));
    const std::string offsets = constant(name + "_offsets", "int32_t", std::span(whole.offsets));
    std::string members = fmt::format(".weights = {}, .offsets = {}", weights, offsets);
    if (i + 1 == steps_.size()) {
      add_struct(i, linear, members);
      const std::string steps = constant(name + "_steps", "float", std::span(whole.logit_steps));
      call("linear_logits", fmt::format("&{}", name), at(i), steps, at(i + 1));
      return;
    }
    const std::string multipliers =
        constant(name + "_multipliers", "int32_t", std::span(whole.multipliers));
    members += fmt::format(",\n  .multipliers = {}, .shift = {}, .zero = {}", multipliers,
                           whole.shift, whole.zero);
    add_struct(i, linear, members);
    if (linear.activation == Activation::tanh) {
      call("linear_tanh", fmt::format("&{}", name), at(i), shared_tanh_table(), at(i + 1));
    } else {
      call("linear", fmt::format("&{}", name), at(i), at(i + 1));
    }
  }

  std::string shared_tanh_table() {
    std::string name = "tanh_table";
    if (std::exchange(has_tanh_table_, true)) return name;
    const auto table = tanh_table();
    return constant(name, "uint8_t", std::span<const std::uint8_t>(table));
  }

  void add_pad(std::size_t i, const Pad& pad) {
    const Shape& in = steps_[i].in;
    if (is_int8()) {
      call("pad", at(i), in.height, in.channels, pad.border, int8_[i].zero, at(i + 1));
    } else {
      call("pad", at(i), in.height, in.channels, pad.border, at(i + 1));
    }
  }

  void add_scale(std::size_t i, const Scale& scale) {
    const Shape& in = steps_[i].in;
    if (is_int8()) {
      const Int8Step& whole = int8_[i];
      const std::string multipliers =
          constant(scale.name + "_multipliers", "int32_t", std::span(whole.multipliers));
      const std::string offsets =
          constant(scale.name + "_offsets", "int32_t", std::span(whole.offsets));
      call("scale", at(i), in.size(), in.channels, multipliers, offsets, whole.shift, at(i + 1));
    } else {
      const std::string factors = constant(scale.name + "_scale", "float", std::span(scale.scale));
      const std::string shifts = constant(scale.name + "_shift", "float", std::span(scale.shift));
      call("scale", at(i), in.size(), in.channels, factors, shifts, at(i + 1));
    }
  }

  void add_activation(std::size_t i, Activation activation) {
    const std::size_t count = steps_[i].in.size();
    if (is_int8()) {
      const std::string table =
          constant(fmt::format("table{}", i + 1), "uint8_t", std::span(int8_[i].table));
      call("look_up", at(i), count, table, at(i + 1));
    } else {
      call(name_of(activation), at(i), count, at(i + 1));
    }
  }

  void add_sum(std::size_t i, const Sum& sum) {
    const std::size_t count = steps_[i].in.size();
    if (is_int8()) {
      const Int8Step& whole = int8_[i];
      call("add", at(i), whole.multipliers[0], at(sum.other), whole.multipliers[1],
           whole.offsets[0], whole.shift, count, at(i + 1));
    } else {
      call("add", at(i), at(sum.other), count, at(i + 1));
    }
  }

  std::string comment() const {
    constexpr std::size_t stack_bytes = 512;
    return fmt::format(
        R"(/* Reads a handwritten digit. Written by scrawl {}, in C99; an int has 32 bits or more.

   int scrawl_classify(const uint8_t glyph[784], float probabilities[10]);

   glyph: 28x28 pixels row by row, 0 paper to 255 ink, upright, its ink centered as in MNIST.
   Gives the probability of each digit, and returns the most probable one.
   Not for two threads at once: values between layers lie in static memory.

   Network     {}
   Arithmetic  {}
   RAM         {} bytes, and less than {} bytes of stack
   Flash       {} bytes of constants, and the code: about 2 kB on a Cortex-M4
   Operations  {} multiplications and additions, each counted
*/
)",
        SCRAWL_VERSION, wrapped(to_string(model_.architecture)),
        is_int8() ? "int8: weights and values are bytes, their sums 32-bit integers" : "f32",
        grouped(memory_.size * value_bytes()), stack_bytes, grouped(constant_bytes_),
        grouped(operation_count(model_.architecture)));
  }

  /// At spaces, as the comment has its lines.
  static std::string wrapped(std::string_view text) {
    constexpr std::size_t width = 80;
    std::string lines;
    while (text.size() > width) {
      const std::size_t space = text.rfind(' ', width);
      if (space == std::string_view::npos) break;
      lines += std::string(text.substr(0, space)) + "\n               ";
      text.remove_prefix(space + 1);
    }
    return lines + std::string(text);
  }

  std::string includes() const {
    return is_int8() ? "#include <stdint.h>\n#include <string.h>\n"
                     : "#include <float.h>\n#include <stdint.h>\n#include <string.h>\n";
  }

  std::string classify() const {
    const std::string memory =
        memory_.size == 0 ? "" : fmt::format("  static {} memory[{}];\n", type(), memory_.size);
    return fmt::format(R"(
int scrawl_classify(const uint8_t glyph[784], float probabilities[10]);

int scrawl_classify(const uint8_t glyph[784], float probabilities[10])
{{
{}{}  return softmax(probabilities);
}}
)",
                       memory, calls_);
  }

  const Model& model_;
  std::span<const Step> steps_;
  std::span<const Int8Step> int8_;
  MemoryPlan memory_;
  Functions functions_;
  std::string constants_;
  std::string calls_;
  std::size_t constant_bytes_ = 0;
  bool has_tanh_table_ = false;
};

}  // namespace

std::string program_of(const Model& model, std::span<const Step> steps,
                       std::span<const Int8Step> int8) {
  return Program(model, steps, int8).text();
}

}  // namespace scrawl::c_source
