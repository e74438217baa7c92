"""The made-up faces behind ``bank.npz``: arithmetic only, so that no library's drawing can change them.

Run this file to write ``bank.npz`` again after a wanted change of the bank's content or schema.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from facemotion.config import FoldSettings, PriorSettings
from facemotion.expressions import EXPRESSIONS
from facemotion.folds import build_folds
from facemotion.priors.bank import PriorBank
from facemotion.priors.motion import About, build_bank

SIZE = 16


def face(subject: int, kind: int, frame: int) -> np.ndarray:
    """Return an RGB face of integers: a ramp of the subject's tone with a patch that the expression moves."""
    y, x = np.mgrid[:SIZE, :SIZE]
    gray = (3 * x + 5 * y + 17 * subject) % 160 + 40
    if kind >= 0:
        patch = (np.abs(x - 2 * kind - 1) + np.abs(y - 14 + kind) < 3 + frame) * (12 + 6 * kind + frame)
        gray = gray + patch
    return np.stack([gray, gray * 3 // 4, gray // 2], axis=-1).astype(np.uint8)


def golden_bank() -> PriorBank:
    """Return the bank of five subjects in two folds; each lacks one or two expressions."""
    rows, crops = [], []
    for subject in range(5):
        for kind, name in enumerate(EXPRESSIONS):
            if (subject + kind) % 4 == 0:
                continue
            sequence = f"S{subject}_{kind}"
            for frame in range(4):
                rows.append((f"{sequence}_{frame}", f"S{subject}", sequence, frame, name if frame else "neutral"))
                crops.append(face(subject, kind if frame else -1, frame))
    manifest = pd.DataFrame(rows, columns=["sample_id", "subject", "sequence", "frame", "expression"])
    manifest = manifest.assign(dataset="demo", rotate=0, region=None, split="", source=manifest["sample_id"])
    manifest["role"] = np.where(manifest["frame"] == 0, "neutral", "expressive")
    faces = pd.DataFrame({"sample_id": manifest["sample_id"], "status": "ok", "row": np.arange(len(manifest))})
    folds = build_folds(manifest, FoldSettings(folds=2))
    return build_bank(np.stack(crops), faces, manifest, folds, PriorSettings(), about=About("0123456789abcdef"))


if __name__ == "__main__":
    golden_bank().save(Path(__file__).with_name("bank.npz"))
