"""A model run by onnxruntime, from an exported file; torch is not needed."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facemotion.errors import ConfigError
from facemotion.evaluation.scored import Scored
from facemotion.inference.model import Card

__all__ = ["METADATA", "OnnxModel"]

METADATA = "facemotion"
"""The key of the card in the file's metadata."""
BATCH = 64
TOLERANCE = 1e-2
"""How far probabilities may be from adding up to 1."""


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
        except (ValueError, RecursionError) as error:  # pydantic's is a ValueError
            raise ConfigError(f"{path.name} was written by another version of facemotion; export it again") from error
        self._session, self._name = session, path.name
        found = [(each.name, each.type) for each in session.get_inputs()]
        if found != [("crops", "tensor(uint8)")] or len(session.get_outputs()) != 1 + self.card.has_mask:
            raise ConfigError(f"{path.name} does not take crops and give what its card says; export it again")

    def __call__(self, crops: NDArray[np.uint8]) -> Scored:
        """Score crops; see `Model`.

        Raises
        ------
        ConfigError
            If what the file computes is not what its card says.
        """
        parts = [self._scored(part) for part in np.array_split(crops, max(1, -(-len(crops) // BATCH)))]
        outputs = [np.concatenate(each) for each in zip(*parts, strict=True)]
        return Scored(outputs[0], outputs[1] if self.card.has_mask else None)

    def _scored(self, crops: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        try:
            outputs = self._session.run(None, {"crops": np.ascontiguousarray(crops)})
        except Exception as error:  # onnxruntime's exceptions have no common base
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ConfigError(f"{self._name} cannot score crops: {reason}; export it again") from None
        number, side = len(crops), self.card.side
        shapes = {"probabilities": (number, len(self.card.classes)), "masks": (number, side, side)}
        checked = [self._checked(*each) for each in zip(shapes.items(), outputs, strict=False)]
        if np.abs(checked[0].sum(axis=1) - 1).max() > TOLERANCE:
            raise ConfigError(f"{self._name} gives probabilities that do not add up to 1; export it again")
        return checked

    def _checked(self, expected: tuple[str, tuple[int, ...]], output: Any) -> NDArray[np.float32]:
        """Return an output that is what the card says of it."""
        what, shape = expected
        if not isinstance(output, np.ndarray) or output.dtype != np.float32 or output.shape != shape:
            found = f"{output.dtype} of shape {output.shape}" if isinstance(output, np.ndarray) else "no array"
            raise ConfigError(f"{self._name} gives {what} that are {found}, not float32 of shape {shape}")
        if not np.isfinite(output).all() or output.min() < 0 or output.max() > 1 + TOLERANCE:
            raise ConfigError(f"{self._name} gives {what} that are not between 0 and 1; export it again")
        return output
