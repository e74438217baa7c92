"""The shipped networks of MTCNN are those of their authors, with PReLU in parts."""

from importlib import resources

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper

from facemotion.landmarks import _runtime


def with_prelu(data: bytes) -> onnx.ModelProto:
    """Put PReLU back: ``max(x, slope * x)``, or ``max(x, 0) + slope * min(x, 0)``, by the names of what comes out."""
    model = onnx.load_from_string(data)
    nodes = {node.output[0]: node for node in model.graph.node}
    kept = []
    for node in model.graph.node:
        out = node.output[0]
        if scaled := nodes.get(f"{out}/scaled"):
            below = nodes.get(f"{out}/below")
            given = below.input[0] if below else scaled.input[0]
            kept.append(helper.make_node("PRelu", [given, scaled.input[1]], [out]))
        elif "/" not in out or not out.endswith(("/scaled", "/above", "/below")):
            kept.append(node)
    del model.graph.node[:]
    model.graph.node.extend(kept)
    onnx.checker.check_model(model)
    return model


@pytest.mark.parametrize(("name", "side", "activations"), [("pnet", 40, 3), ("rnet", 24, 4), ("onet", 48, 5)])
def test_they_say_what_they_say_with_prelu(name: str, side: int, activations: int) -> None:
    data = resources.files("facemotion.landmarks").joinpath("weights", f"{name}.onnx").read_bytes()
    original = with_prelu(data)
    kinds = [node.op_type for node in original.graph.node]
    assert kinds.count("PRelu") == activations
    assert not {"Mul", "Max", "Min", "Relu"} & set(kinds)
    assert "PRelu" not in [node.op_type for node in onnx.load_from_string(data).graph.node]
    pictures = np.random.default_rng(3).uniform(-1, 1, (3, side, side, 3)).astype(np.float32)
    answers = [
        onnxruntime.InferenceSession(each, _runtime.options(), providers=["CPUExecutionProvider"]).run(
            None, {original.graph.input[0].name: pictures}
        )
        for each in (data, original.SerializeToString())
    ]
    for ours, theirs in zip(*answers, strict=True):
        np.testing.assert_array_equal(ours, theirs)
