"""Names, shapes and first values of the weights: what old checkpoints and seeds rely on.

After a wanted change write the file again: ``python tests/golden/models/test_weights.py``.
"""

import json
from pathlib import Path

import numpy as np
import torch

from facemotion.models.fmpn import FMPN
from facemotion.models.settings import ModelSettings
from facemotion.workspace import digest_json

GOLDEN = Path(__file__).with_name("weights.json")


def shapes(module: torch.nn.Module) -> dict[str, list[int]]:
    return {name: list(value.shape) for name, value in module.state_dict().items()}


def describe() -> dict[str, object]:
    torch.manual_seed(0)
    model = FMPN(7)
    torch.manual_seed(0)
    small = FMPN(7, ModelSettings(classifier="resnet10t", width=4, blocks=1, dropout=0.0)).eval()
    side = torch.arange(32) / 31
    color = torch.stack([side[:, None] * side, side[:, None] + 0 * side, 1 - side[:, None] * side])[None]
    with torch.no_grad():
        logits, mask, _ = small(color, color[:, :1])
    return {
        "generator": shapes(model.generator),
        "fusion": shapes(model.fusion),
        "inception_v3": digest_json(shapes(model.classifier)),
        "logits": logits[0].tolist(),
        "mask": mask[0, 0, ::8, ::8].tolist(),
    }


def test_weights_are_those_that_were_published() -> None:
    expected, found = json.loads(GOLDEN.read_text(encoding="utf-8")), describe()
    for name in ("generator", "fusion", "inception_v3"):
        assert found[name] == expected[name]
    for name in ("logits", "mask"):
        np.testing.assert_allclose(found[name], expected[name], atol=1e-4)


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(describe(), indent=1) + "\n", encoding="utf-8")
