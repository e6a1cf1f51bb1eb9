#!/usr/bin/python3
"""ONNX's own checker on an exported model: check_onnx.py MODEL.onnx; exits with 1 and the reason where it is not sound.

Prints as JSON what stands in it: the shapes are those that ONNX infers from the nodes, not those
that the file claims. (needs python3-onnx)
"""
import json
import sys

import onnx


def shape_of(value):
    return [dimension.dim_param or dimension.dim_value for dimension in value.type.tensor_type.shape.dim]


def check(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    values = [*inferred.graph.input, *inferred.graph.output]
    return {
        "producer": model.producer_name,
        "opset": model.opset_import[0].version,
        "ir": model.ir_version,
        "metadata": {entry.key: entry.value for entry in model.metadata_props},
        "shapes": {value.name: shape_of(value) for value in values},
        "described": all(value.doc_string for value in values),
        "nodes": [node.op_type for node in model.graph.node],
        "constants": [constant.name for constant in model.graph.initializer],
    }


print(json.dumps(check(sys.argv[1])))
