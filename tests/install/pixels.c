/* Reads pixels, with libscrawl.so alone. */
#include <stdio.h>

#include <scrawl/scrawl.h>

int main(void) {
  static unsigned char pixels[60 * 60];
  scrawl_error error = SCRAWL_ERROR;
  scrawl_recognizer* recognizer = scrawl_recognizer_new(NULL, &error);
  scrawl_view view = SCRAWL_VIEW;
  scrawl_reading* reading;
  int x, y;
  view.pixels = pixels;
  view.width = view.height = 60;
  for (y = 0; y < 60; ++y)
    for (x = 0; x < 60; ++x) pixels[y * 60 + x] = x >= 28 && x < 33 && y >= 8 && y < 52 ? 20 : 250;
  reading = scrawl_read(recognizer, &view, NULL, &error);
  puts(reading ? scrawl_reading_text(reading) : error.message);
  scrawl_reading_free(reading);
  scrawl_recognizer_free(recognizer);
  return 0;
}
