"""Teaches scrawl your hand: teach_hand.py 7.png 7 4.png 4 ... -- each picture shows one digit"""

import sys

import scrawl

pairs = sys.argv[1:]
for picture, digit in zip(pairs[::2], pairs[1::2]):
    scrawl.teach(picture, int(digit))

result = scrawl.personalize(progress=True)  # learns from all that was taught, and from MNIST (scrawl.fetch_mnist())
print(result.reason)
if result.kept:
    scrawl.save_personal_model(result.model)
recognizer = scrawl.Recognizer(scrawl.current_model())
for picture in pairs[::2]:
    print(f"{picture}: {recognizer.read(picture, layout='one').text}")
