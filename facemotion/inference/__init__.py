"""Expressions and masks of new pictures, from a training run or from an exported ONNX file."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from facemotion.inference.prediction import Prediction, Predictor

__all__ = ["Prediction", "Predictor"]


def __getattr__(name: str) -> Any:
    if name in __all__:  # loaded when asked for: networks and decoders take a while to import
        return getattr(importlib.import_module("facemotion.inference.prediction"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
