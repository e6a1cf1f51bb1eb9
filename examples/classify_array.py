"""Classifies glyphs as MNIST has them: classify_array.py glyphs.npy, of shape (n, 28, 28) or (n, 784)"""

import sys

import numpy

import scrawl

glyphs = numpy.load(sys.argv[1])  # uint8, or floats from 0 to 1; white ink on black
probabilities = scrawl.Recognizer().classify(glyphs)  # (n, 10)
digits = probabilities.argmax(axis=1)
confidences = probabilities.max(axis=1)
for digit, confidence in zip(digits, confidences):
    print(digit, f"{confidence:.3f}")
