"""Trains a network on MNIST and says how good it is: train_and_evaluate.py model.safetensors [MNIST'S FOLDER]"""

import sys

import scrawl

file = sys.argv[1]
folder = sys.argv[2] if len(sys.argv) > 2 else str(scrawl.fetch_mnist())

images, labels = scrawl.load_data("train", folder)
result = scrawl.train(images, labels, "mlp", epochs=5, progress=True)
result.model.save(file)

evaluation = scrawl.evaluate(file, *scrawl.load_data("test", folder))
print(f"{evaluation.accuracy:.2%} of {evaluation.images} images")
print(evaluation.confusion)
