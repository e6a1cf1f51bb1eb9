/* usage: host GLYPHS ANSWERS: classifies glyphs of 784 bytes, one behind the other. An answer is
   the ten probabilities and the digit, eleven floats. */
#include <stdint.h>
#include <stdio.h>

int scrawl_classify(const uint8_t glyph[784], float probabilities[10]);

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  FILE* in = fopen(argv[1], "rb");
  FILE* out = fopen(argv[2], "wb");
  if (in == NULL || out == NULL) return 1;
  uint8_t glyph[784];
  while (fread(glyph, 1, sizeof glyph, in) == sizeof glyph) {
    float answer[11];
    answer[10] = (float)scrawl_classify(glyph, answer);
    if (fwrite(answer, sizeof answer, 1, out) != 1) return 1;
  }
  fclose(in);
  return fclose(out) == 0 ? 0 : 1;
}
