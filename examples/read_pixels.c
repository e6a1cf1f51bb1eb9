/* Reads pixels that a program has: here a drawn 1. */
#include <stdio.h>
#include <string.h>

#include <scrawl/scrawl.h>

int main(void) {
  unsigned char pixels[60][80]; /* 0 black to 255 white */
  memset(pixels, 250, sizeof pixels);
  for (int y = 10; y < 50; ++y) memset(&pixels[y][38], 20, 5);
  scrawl_view view = SCRAWL_VIEW;
  view.pixels = pixels;
  view.width = 80, view.height = 60;
  scrawl_recognizer* recognizer = scrawl_recognizer_new(NULL, NULL);
  scrawl_reading* reading = scrawl_read(recognizer, &view, NULL, NULL);
  const scrawl_digit* digit = scrawl_reading_digit(reading, 0);
  if (digit) printf("%d at %d, %d\n", digit->value, digit->x, digit->y);
  scrawl_reading_free(reading);
  scrawl_recognizer_free(recognizer);
}
