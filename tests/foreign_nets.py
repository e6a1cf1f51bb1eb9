#!/usr/bin/python3
"""Files of networks as PyTorch and Keras write them, with what the networks say of images.

usage: foreign_nets.py pytorch|keras FOLDER

FOLDER/images has (count, 28, 28) bytes. pytorch: modules saved whole, as state dicts with other programs' names, as
TorchScript and as ONNX; pixels are from 0 to 1. keras: files by h5py, laid out as Keras 2 (.h5) and 3 (.keras) do.
"""
import io
import json
import sys
import zipfile

import numpy as np


def images_of(folder):
    return np.fromfile(f"{folder}/images", np.uint8).reshape(-1, 28, 28).astype(np.float32) / 255


def save_pytorch(folder):
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(7)
    images = torch.from_numpy(images_of(folder)).unsqueeze(1)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1, self.relu, self.fc2 = nn.Linear(784, 24), nn.ReLU(), nn.Linear(24, 10)

        def forward(self, x):
            return torch.log_softmax(self.fc2(self.relu(self.fc1(x.view(x.size(0), -1)))), 1)

    def write_logits(net, name):
        net.eval()
        with torch.no_grad():
            net(images).numpy().tofile(f"{folder}/{name}.logits")

    def export(net, name, dynamic=True):
        axes = {"x": {0: "batch"}} if dynamic else None
        torch.onnx.export(net, images[:1], f"{folder}/{name}.onnx", input_names=["x"], dynamic_axes=axes)

    class Bare(Net):
        def forward(self, x):
            return self.fc2(self.relu(self.fc1(x.view(x.size(0), -1))))

    globals().update(Net=Net, Bare=Bare)
    for kind in Net, Bare:
        kind.__module__, kind.__qualname__ = "__main__", kind.__name__
    net = Bare()
    write_logits(net, "mlp")
    torch.save(net, f"{folder}/module.pt")
    torch.save(net, f"{folder}/legacy_module.pt", _use_new_zipfile_serialization=False)
    torch.save({"epoch": np.int64(3), "best": np.float64(0.5), "loss": np.float32(1), "rng": torch.get_rng_state(),
                "state_dict": nn.DataParallel(net).state_dict()}, f"{folder}/parallel.pt")
    torch.save({"epoch": 1, "pytorch-lightning_version": "1.9", "loops": {"fit_loop": {"state_dict": {}}},
                "callbacks": {"ModelCheckpoint": {"best": torch.tensor(0.5), "path": "a.ckpt"}},
                "optimizer_states": [torch.optim.Adam(net.parameters()).state_dict()],
                "state_dict": {f"model.{key}": value for key, value in net.state_dict().items()}},
               f"{folder}/lightning.ckpt")
    torch.jit.script(net).save(f"{folder}/script.pt")
    with_softmax = Net()
    with_softmax.load_state_dict(net.state_dict())
    export(with_softmax.eval(), "mlp")

    norms = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.5),
                          nn.Conv2d(4, 6, 5, bias=False), nn.Tanh(), nn.BatchNorm2d(6, eps=1e-3), nn.AvgPool2d(2),
                          nn.Flatten(), nn.Linear(150, 10))
    norms.train()
    norms(images)  # gives the normalizations statistics
    write_logits(norms, "norms")
    export(norms, "norms", dynamic=False)

    sigmoids = nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.Sigmoid(), nn.AvgPool2d(2), nn.Conv2d(6, 8, 5),
                             nn.Sigmoid(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10))
    write_logits(sigmoids, "sigmoids")
    export(sigmoids, "sigmoids")


LAYERS = [
    ("InputLayer", {"batch_input_shape": [None, 28, 28, 1]}),
    ("Rescaling", {"scale": 1 / 255, "offset": 0.0}),
    ("Conv2D", {"filters": 4, "kernel_size": [3, 3], "strides": [1, 1], "padding": "same", "activation": "relu",
                "use_bias": True}),
    ("MaxPooling2D", {"pool_size": [2, 2], "strides": [2, 2], "padding": "valid"}),
    ("BatchNormalization", {"axis": [3], "epsilon": 0.001, "center": True, "scale": True}),
    ("Conv2D", {"filters": 6, "kernel_size": [3, 3], "strides": [1, 1], "padding": "valid", "activation": "tanh",
                "use_bias": True}),
    ("Flatten", {}),
    ("Dropout", {"rate": 0.5}),
    ("Dense", {"units": 12, "activation": "sigmoid", "use_bias": True}),
    ("Dense", {"units": 10, "activation": "softmax", "use_bias": True}),
]


def snake(name):
    return {"Conv2D": "conv2d", "MaxPooling2D": "max_pooling2d", "BatchNormalization": "batch_normalization",
            "InputLayer": "input_layer"}.get(name, name.lower())


def conv(x, kernel, bias):
    size = kernel.shape[0]
    height, width = x.shape[1] - size + 1, x.shape[2] - size + 1
    out = np.zeros((len(x), height, width, kernel.shape[3])) + bias
    for i in range(size):
        for j in range(size):
            out += x[:, i:i + height, j:j + width] @ kernel[i, j]
    return out


def keras_logits(x, weights):
    """x: (count, 28, 28, 1), 0 to 1."""
    x = np.maximum(conv(np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0))), *weights["conv2d"]), 0)
    x = x.reshape(len(x), 14, 2, 14, 2, 4).max((2, 4))
    gamma, beta, mean, variance = weights["batch_normalization"]
    x = gamma * (x - mean) / np.sqrt(variance + 0.001) + beta
    x = np.tanh(conv(x, *weights["conv2d_1"])).reshape(len(x), -1)
    x = 1 / (1 + np.exp(-(x @ weights["dense"][0] + weights["dense"][1])))
    return x @ weights["dense_1"][0] + weights["dense_1"][1]


def save_keras(folder):
    import h5py

    random = np.random.default_rng(3)

    def normal(*shape):
        return random.normal(0, 0.4, shape).astype(np.float32)

    weights = {"conv2d": [normal(3, 3, 1, 4), normal(4)],
               "batch_normalization": [normal(4), normal(4), normal(4), normal(4) ** 2 + 0.1],
               "conv2d_1": [normal(3, 3, 4, 6), normal(6)], "dense": [normal(864, 12), normal(12)],
               "dense_1": [normal(12, 10), normal(10)]}
    counts, layers = {}, []
    for kind, config in LAYERS:
        number = counts[kind] = counts.get(kind, -1) + 1
        layers.append({"class_name": kind, "config": {"name": snake(kind) + (f"_{number}" if number else ""), **config}})
    model = {"class_name": "Sequential", "config": {"name": "sequential", "layers": layers}}
    keras_logits(images_of(folder)[..., None].astype(np.float64), weights).astype(np.float32).tofile(f"{folder}/logits")

    def write_weights(group):
        names = [layer["config"]["name"] for layer in layers]
        group.attrs["layer_names"] = np.array([name.encode() for name in names])
        for name in names:
            own = group.create_group(name)
            parts = {2: ["kernel:0", "bias:0"], 4: ["gamma:0", "beta:0", "moving_mean:0", "moving_variance:0"]}
            arrays = weights.get(name, [])
            # As Keras does: h5py makes an empty list of float64.
            own.attrs["weight_names"] = [f"{name}/{part}".encode() for part in parts.get(len(arrays), [])]
            for part, array in zip(parts.get(len(arrays), []), arrays):
                own.create_dataset(f"{name}/{part}", data=array)

    with h5py.File(f"{folder}/net.h5", "w") as file:
        file.attrs["keras_version"] = b"2.11.0"
        file.attrs["model_config"] = json.dumps(model).encode()
        write_weights(file.create_group("model_weights"))
    with h5py.File(f"{folder}/weights.h5", "w") as file:
        write_weights(file)
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        for layer in layers:
            variables = file.create_group(f"layers/{layer['config']['name']}/vars")
            for i, array in enumerate(weights.get(layer["config"]["name"], [])):
                variables.create_dataset(str(i), data=array)
    lstm = {"class_name": "Sequential", "config": {"layers": [{"class_name": "LSTM", "config": {"name": "lstm"}}]}}
    for name, config in ("net", model), ("lstm", lstm):
        with zipfile.ZipFile(f"{folder}/{name}.keras", "w") as archive:
            archive.writestr("metadata.json", '{"keras_version": "3.0.0"}')
            archive.writestr("config.json", json.dumps(config))
            archive.writestr("model.weights.h5", stream.getvalue())


{"pytorch": save_pytorch, "keras": save_keras}[sys.argv[1]](sys.argv[2])
