"""Export to one ONNX file through torch's dynamo exporter, and the check that it says what torch says."""

import contextlib
import io
import json
import warnings
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch

from facemotion.errors import EnvironmentProblem
from facemotion.inference.onnx_model import METADATA, OnnxModel
from facemotion.inference.torch_model import TorchModel
from facemotion.workspace import atomic_path

__all__ = ["OPSET", "TOLERANCE", "export", "largest_difference"]

OPSET = 20
TOLERANCE = 1e-4
"""Largest difference of a probability or a mask's pixel that passes."""
CHECKED = (1, 2, 5)
"""Sizes of the batches that are compared; the example that is traced has another."""
EXAMPLE = 3


def export(model: TorchModel, path: Path) -> float:
    """Write a model as one ONNX file with its card in the metadata; return the largest difference from torch.

    The input is ``crops``, uint8 (N, H, W, 3) with any N; the outputs are ``probabilities``, float32 (N, K), and
    ``masks``, float32 (N, S, S), unless the variant has none.

    Parameters
    ----------
    model : TorchModel
        On the CPU.
    path : Path
        The file to write; it appears only if the check passes.

    Raises
    ------
    EnvironmentProblem
        If the packages that export are missing, or the exported network says something else than torch.
    """
    missing = [name for name in ("onnx", "onnxscript") if find_spec(name) is None]
    if missing:
        message = f'exporting needs {" and ".join(missing)}: pip install "facemotion[export]"'
        raise EnvironmentProblem(message)
    card = model.card
    height, width = card.alignment.crop_size
    example = torch.zeros(EXAMPLE, height, width, 3, dtype=torch.uint8)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")  # the exporter's remarks on itself; the check below is what counts
        program = torch.onnx.export(
            model.network,
            (example,),
            dynamo=True,
            opset_version=OPSET,
            input_names=["crops"],
            output_names=["probabilities", *(["masks"] if card.has_mask else [])],
            dynamic_shapes={"crops": {0: torch.export.Dim("faces", min=1)}},
            verbose=False,
        )
    assert program is not None
    program.model.metadata_props[METADATA] = json.dumps(card.as_json(), sort_keys=True)
    with atomic_path(path) as temporary:
        program.save(str(temporary), external_data=False)
        worst = largest_difference(model, OnnxModel(temporary))
        if not worst <= TOLERANCE:
            message = (
                f"the exported network differs from torch by up to {worst:.2g} where {TOLERANCE:g} is allowed, so it "
                "was not kept; try other versions of torch and onnxscript"
            )
            raise EnvironmentProblem(message)
    return worst


def largest_difference(first: TorchModel, second: OnnxModel) -> float:
    """Return the largest difference of any output of two models on batches of several sizes."""
    rng = np.random.default_rng(0)
    worst = 0.0
    for size in CHECKED:
        crops = rng.integers(0, 256, (size, *first.card.alignment.crop_size, 3), dtype=np.uint8)
        one, two = first(crops), second(crops)
        pairs = [(one.probabilities, two.probabilities)]
        if one.masks is not None and two.masks is not None:
            pairs.append((one.masks, two.masks))
        worst = max(worst, *(float(np.abs(a - b).max()) for a, b in pairs))
    return worst
