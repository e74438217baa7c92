"""A face detector that sees what it is told to."""

from pathlib import Path

import numpy as np


def build_detector(
    path: Path, heads: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]], *, size: int | None = None
) -> Path:
    """Write a face detector in SCRFD's output form.

    ``heads`` maps a stride to (kernel, box, points): at each cell of that stride the score is the correlation of
    the kernel, of shape (3, k, k) with k at least the stride, with the normalised RGB picture from the cell's corner
    on. Box, distances to left, top, right and bottom, and points, of shape (5, 2), are pixels from that corner. As in
    SCRFD each cell has two anchors; the second one never fires. With ``size`` the input is of that size only.
    """
    import onnx
    from onnx import helper, numpy_helper

    nodes, constants, outputs = [], [], {"score": [], "box": [], "points": []}

    def constant(name: str, value: np.ndarray) -> str:
        constants.append(numpy_helper.from_array(value, name))
        return name

    for stride in (8, 16, 32):
        nothing = np.zeros((3, stride, stride)), np.zeros(4), np.zeros((5, 2))
        kernel, box, points = heads.get(stride, nothing)
        side = kernel.shape[1]
        for kind, values in (("score", np.zeros(1)), ("box", box), ("points", points.ravel())):
            width, name = len(values), f"{kind}_{stride}"
            weights = np.zeros((2 * width, 3, side, side), np.float32)
            weights[0] = kernel if kind == "score" else 0
            bias = np.tile(values / stride, 2).astype(np.float32)
            inputs = ["input", constant(f"{name}_w", weights), constant(f"{name}_b", bias)]
            pads = [0, 0, side - stride, side - stride]
            nodes.append(helper.make_node("Conv", inputs, [f"{name}_c"], strides=[stride] * 2, pads=pads))
            nodes.append(helper.make_node("Transpose", [f"{name}_c"], [f"{name}_t"], perm=[0, 2, 3, 1]))
            shape = constant(f"{name}_s", np.array([-1, width], np.int64))
            flat = f"{name}_r" if kind == "score" else name
            nodes.append(helper.make_node("Reshape", [f"{name}_t", shape], [flat]))
            if kind == "score":
                low, high = (constant(f"{name}_{end}", np.array(end, np.float32)) for end in (0, 1))
                nodes.append(helper.make_node("Clip", [flat, low, high], [name]))
            outputs[kind].append(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None, width]))
    given = helper.make_tensor_value_info("input", onnx.TensorProto.FLOAT, [1, 3, size or "h", size or "w"])
    every = [*outputs["score"], *outputs["box"], *outputs["points"]]
    graph = helper.make_graph(nodes, "detector", [given], every, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)
    return path
