#include "forms/form.hpp"

#include <fmt/format.h>

#include <scrawl/error.hpp>

namespace scrawl {

std::vector<Rectangle> boxes_on_page(const Form& form, int width, int height) {
  constexpr float slack = 1e-4F;  // of the page, that rounding takes
  const PageSize page =
      form.page.value_or(PageSize{static_cast<float>(width), static_cast<float>(height)});
  std::vector<Rectangle> boxes;
  for (const Field& field : form.fields) {
    const Rectangle box{field.box.left / page.width, field.box.top / page.height,
                        field.box.right / page.width, field.box.bottom / page.height};
    if (box.right > 1 + slack || box.bottom > 1 + slack) {
      throw Error(fmt::format(
          "field '{}': its box ends at {:g}, {:g}, beyond the page, which is {:g} x {:g}",
          field.name, field.box.right, field.box.bottom, page.width, page.height));
    }
    boxes.push_back(box);
  }
  return boxes;
}

}  // namespace scrawl
