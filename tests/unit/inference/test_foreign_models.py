"""Exported files of strangers end in one sentence that names the file."""

import json
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from facemotion.alignment.settings import AlignSettings
from facemotion.errors import ConfigError
from facemotion.inference.onnx_model import METADATA, OnnxModel

CARD = {
    "facemotion": "0",
    "classes": ["anger", "fear"],
    "variant": "cnn",
    "fold": 0,
    "seed": 0,
    "dataset": "demo",
    "prior": "demo",
    "preset": "compact",
    "alignment": AlignSettings().as_json(),
    "side": 4,
    "window": 0.9,
}
CROPS = np.zeros((1, 70, 70, 3), np.uint8)


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a file whose outputs are constants, whatever the crops."""

    def make(*outputs: np.ndarray, card: Any = CARD, kind: int = TensorProto.UINT8):
        nodes = [
            helper.make_node("Constant", [], [f"out{place}"], value=numpy_helper.from_array(each))
            for place, each in enumerate(outputs)
        ]
        crops = helper.make_tensor_value_info("crops", kind, ["n", 70, 70, 3])
        given = [
            helper.make_tensor_value_info(f"out{place}", helper.np_dtype_to_tensor_dtype(each.dtype), each.shape)
            for place, each in enumerate(outputs)
        ]
        graph = helper.make_graph(nodes, "constants", [crops], given)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        helper.set_model_props(model, {METADATA: card if isinstance(card, str) else json.dumps(card)})
        onnx.save(model, tmp_path / "model.onnx")
        return tmp_path / "model.onnx"

    return make


def test_one_that_does_what_its_card_says_is_taken(write) -> None:
    scored = OnnxModel(write(np.array([[0.25, 0.75]], np.float32)))(CROPS)
    assert scored.probabilities.tolist() == [[0.25, 0.75]]
    assert scored.masks is None


@pytest.mark.parametrize(
    "card",
    [
        "[" * 200_000,
        "[]",
        "not json",
        {},
        {**CARD, "classes": []},
        {**CARD, "classes": ["anger", "anger"]},
        {**CARD, "classes": ["anger", "joy"]},
        {**CARD, "variant": "gnn"},
        {**CARD, "side": 10**9},
        {**CARD, "window": float("nan")},
        {**CARD, "alignment": {"crop_size": [10**6, 3]}},
    ],
)
def test_cards(write, card) -> None:
    with pytest.raises(ConfigError, match=r"model\.onnx was written by another version of facemotion"):
        OnnxModel(write(np.array([[0.5, 0.5]], np.float32), card=card))


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (np.array([[np.nan, 1]], np.float32), "not between 0 and 1"),
        (np.array([[2, -1]], np.float32), "not between 0 and 1"),
        (np.array([[0.5, 0.2]], np.float32), "do not add up to 1"),
        (np.array([0.5, 0.5], np.float32), r"of shape \(2,\), not float32 of shape \(1, 2\)"),
        (np.array([[0.5, 0.25, 0.25]], np.float32), r"of shape \(1, 3\)"),
        (np.array([[0.5, 0.5]], np.float64), "are float64"),
    ],
)
def test_outputs(write, output, sentence) -> None:
    with pytest.raises(ConfigError, match=rf"model\.onnx gives probabilities that .*{sentence}"):
        OnnxModel(write(output))(CROPS)


def test_masks(write) -> None:
    shares, card = np.array([[0.5, 0.5]], np.float32), {**CARD, "variant": "fmpn"}
    with pytest.raises(ConfigError, match="does not take crops and give what its card says"):
        OnnxModel(write(shares, card=card))
    with pytest.raises(ConfigError, match=r"gives masks that are float32 of shape \(1, 9, 9\)"):
        OnnxModel(write(shares, np.zeros((1, 9, 9), np.float32), card=card))(CROPS)
    with pytest.raises(ConfigError, match="gives masks that are not between 0 and 1"):
        OnnxModel(write(shares, np.full((1, 4, 4), np.inf, np.float32), card=card))(CROPS)


def test_other_inputs(write) -> None:
    with pytest.raises(ConfigError, match="does not take crops"):
        OnnxModel(write(np.array([[0.5, 0.5]], np.float32), kind=TensorProto.FLOAT))
