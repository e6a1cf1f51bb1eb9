/* Classifies a glyph as MNIST has them. */
#include <stdio.h>
#include <string.h>

#include <scrawl/scrawl.h>

int main(void) {
  unsigned char glyph[28][28] = {{0}}; /* 0 paper to 255 ink */
  float probabilities[10];
  scrawl_error error = SCRAWL_ERROR;
  scrawl_recognizer* recognizer = scrawl_recognizer_new(NULL, &error);
  for (int y = 4; y < 24; ++y) memset(&glyph[y][13], 255, 3);
  if (scrawl_classify(recognizer, &glyph[0][0], 1, probabilities, &error) != SCRAWL_OK) return 1;
  for (int digit = 0; digit < 10; ++digit) printf("%d: %g\n", digit, probabilities[digit]);
  scrawl_recognizer_free(recognizer);
}
