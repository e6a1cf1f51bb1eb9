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
                                      {0.1910F, 0.3664F},
                                      {0.3070F, 0.5573F},
                                      {0.4033F, 0.7111F},
                                      {0.4859F, 0.8200F},
                                      {0.5531F, 0.8876F},
                                      {0.6090F, 0.9278F},
                                      {0.6549F, 0.9477F},
                                      {0.6931F, 0.9666F},
                                      {0.7253F, 0.9666F},
                                      {0.7538F, 0.9699F},
                                      {0.7790F, 0.9784F},
                                      {0.8017F, 0.9784F},
                                      {0.8226F, 0.9814F},
                                      {0.8429F, 0.9860F},
                                      {0.8652F, 0.9888F},
                                      {0.8967F, 0.9970F},
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
constexpr float margin = 0.8F;

}  // namespace

float calibrate(float confidence) {
  const float right = std::clamp(on_made_up_pages(confidence), 1e-6F, 1 - 1e-6F);
  return 1 / (1 + std::exp(margin) * (1 - right) / right);
}

}  // namespace scrawl
