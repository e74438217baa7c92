"""Expressions and masks of new pictures, from a training run or from an exported ONNX file."""
