#include "recognition/calibration.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace scrawl {

namespace {

/// Of made-up pages, from bench/page_calibration.cpp: at this confidence, that share is right.
struct Knot {
  float confidence;
  float right;
};
constexpr std::array<Knot, 18> knots{{{0.0F, 0.0F},
                                      {0.1765F, 0.3618F},
                                      {0.2642F, 0.5450F},
                                      {0.3296F, 0.6898F},
                                      {0.3837F, 0.8196F},
                                      {0.4302F, 0.8755F},
                                      {0.4706F, 0.9067F},
                                      {0.5067F, 0.9265F},
                                      {0.5412F, 0.9487F},
                                      {0.5817F, 0.9520F},
                                      {0.6310F, 0.9600F},
                                      {0.6813F, 0.9712F},
                                      {0.7290F, 0.9750F},
                                      {0.7700F, 0.9805F},
                                      {0.8045F, 0.9912F},
                                      {0.8357F, 0.9937F},
                                      {0.8737F, 0.9973F},
                                      {1.0F, 1.0F}}};

float on_made_up_pages(float confidence) {
  std::size_t next = 1;
  while (next + 1 < knots.size() && knots[next].confidence < confidence) ++next;
  const Knot& below = knots[next - 1];
  const Knot& above = knots[next];
  const float part = (confidence - below.confidence) / (above.confidence - below.confidence);
  return below.right + part * (above.right - below.right);
}

/// Real pictures are harder. In logits, chosen by real numbers.
constexpr float margin = 1.28F;

}  // namespace

float calibrate(float confidence) {
  const float right = std::clamp(on_made_up_pages(confidence), 1e-6F, 1 - 1e-6F);
  return 1 / (1 + std::exp(margin) * (1 - right) / right);
}

}  // namespace scrawl
