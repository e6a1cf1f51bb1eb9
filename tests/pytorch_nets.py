#!/usr/bin/python3
"""Networks in PyTorch, saved as their tutorials do, with what they say of images; and networks of scrawl's loaded.

usage: pytorch_nets.py save|load tutorial|examples|norms FOLDER

save: trains a little on FOLDER/images (count, 28, 28) bytes and FOLDER/labels; writes net.pth, legacy.pth, logits and outputs.
load: reads back.pth, which scrawl wrote, into the equal module; writes its logits as FOLDER/back.
"""
import sys
from collections import OrderedDict

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class Tutorial(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(784, 256), nn.Linear(256, 128), nn.Linear(128, 10)

    def logits(self, x):
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x.view(-1, 784))))))

    def forward(self, x):
        return F.relu(self.logits(x))


class Examples(nn.Module):
    """As PyTorch's examples have it, but for the log_softmax, which changes no order."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 32, 3, 1), nn.Conv2d(32, 64, 3, 1)
        self.dropout1, self.dropout2 = nn.Dropout(0.25), nn.Dropout(0.5)
        self.fc1, self.fc2 = nn.Linear(9216, 128), nn.Linear(128, 10)

    def logits(self, x):
        x = F.max_pool2d(F.relu(self.conv2(F.relu(self.conv1(x)))), 2)
        x = F.relu(self.fc1(torch.flatten(self.dropout1(x), 1)))
        return self.fc2(self.dropout2(x))

    forward = logits


class Norms(nn.Sequential):
    """Names and places of modules as nn.Sequential gives them; biases before normalizations."""

    def __init__(self, names=None, bias=True):
        layers = [nn.Conv2d(1, 8, 3, bias=bias), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 5, bias=bias),
                  nn.BatchNorm2d(16), nn.ReLU(), nn.Flatten(), nn.Linear(1296, 32, bias=bias), nn.BatchNorm1d(32), nn.ReLU(),
                  nn.Linear(32, 10)]
        super().__init__(OrderedDict(zip(names or map(str, range(12)), layers)))

    logits = nn.Sequential.forward


def network(name, for_load=False):
    if name == "norms" and for_load:
        return Norms("conv1 norm1 relu1 pool1 conv2 norm2 relu2 flatten fc1 norm3 relu3 fc2".split(), bias=False)
    return {"tutorial": Tutorial, "examples": Examples, "norms": Norms}[name]()


def logits_of(net, images):
    net.eval()
    with torch.no_grad():
        return torch.cat([net.logits(part) for part in images.split(250)])


def main():
    action, name, folder = sys.argv[1:]
    torch.set_num_threads(1)
    torch.manual_seed(2026)
    pixels = torch.from_numpy(np.fromfile(f"{folder}/images", np.uint8)).view(-1, 1, 28, 28)
    images = (pixels.float() / 255 - 0.1307) / 0.3081
    net = network(name, for_load=action == "load")
    if action == "load":
        net.load_state_dict(torch.load(f"{folder}/back.pth"))
        logits_of(net, images).numpy().tofile(f"{folder}/back")
        return
    labels = torch.from_numpy(np.fromfile(f"{folder}/labels", np.uint8)).long()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for begin in range(0, 640, 32):
        optimizer.zero_grad()
        F.cross_entropy(net.logits(images[begin:begin + 32]), labels[begin:begin + 32]).backward()
        optimizer.step()
    torch.save(net.state_dict(), f"{folder}/net.pth")
    torch.save({"epoch": 1, "model": net.state_dict(), "optimizer": optimizer.state_dict()}, f"{folder}/legacy.pth",
               _use_new_zipfile_serialization=False)
    logits = logits_of(net, images)
    logits.numpy().tofile(f"{folder}/logits")
    (F.relu(logits) if name == "tutorial" else logits).numpy().tofile(f"{folder}/outputs")


main()
