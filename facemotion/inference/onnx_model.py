"""A model run by onnxruntime, from an exported file; torch is not needed."""

import json
from pathlib import Path

import numpy as np
import pydantic
from numpy.typing import NDArray

from facemotion.errors import ConfigError
from facemotion.evaluation.scored import Scored
from facemotion.inference.model import Card

__all__ = ["METADATA", "OnnxModel"]

METADATA = "facemotion"
"""The key of the card in the file's metadata."""
BATCH = 64


class OnnxModel:
    """A model run by onnxruntime; see `facemotion.inference.model.Model`.

    Parameters
    ----------
    path : Path
        A file that `facemotion export` wrote.
    device : {"cpu", "cuda"}
        Where to compute.

    Raises
    ------
    ConfigError
        If it does not exist, is no ONNX file, or is not one of ours.
    EnvironmentProblem
        If CUDA is asked for and does not work.
    """

    def __init__(self, path: Path, device: str = "cpu") -> None:
        import onnxruntime

        from facemotion.landmarks import _runtime

        if not path.is_file():
            raise ConfigError(f"{path} does not exist; `facemotion export` writes such a file")
        options = _runtime.options()
        options.intra_op_num_threads = 0  # one model on whole batches may use all cores
        try:
            session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=_runtime.providers(device))
        except Exception as error:  # onnxruntime's exceptions have no common base
            reason = str(error).strip().splitlines()[0]
            raise ConfigError(f"{path.name} cannot be loaded as ONNX: {reason}") from error
        _runtime.demand(session, device)
        text = session.get_modelmeta().custom_metadata_map.get(METADATA)
        if text is None:
            message = f"{path.name} was not written by `facemotion export`: it does not say what its classes are"
            raise ConfigError(message)
        try:
            self.card = Card.model_validate(json.loads(text))
        except (ValueError, pydantic.ValidationError) as error:
            raise ConfigError(f"{path.name} was written by another version of facemotion; export it again") from error
        self._session = session

    def __call__(self, crops: NDArray[np.uint8]) -> Scored:
        """Score crops; see `Model`."""
        parts = [
            self._session.run(None, {"crops": np.ascontiguousarray(part)})
            for part in np.array_split(crops, max(1, -(-len(crops) // BATCH)))
        ]
        outputs = [np.concatenate(each) for each in zip(*parts, strict=True)]
        return Scored(outputs[0], outputs[1] if self.card.has_mask else None)
