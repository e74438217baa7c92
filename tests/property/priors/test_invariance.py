"""Nothing that should not matter changes a byte of a bank."""

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from facemotion.config import FoldSettings, PriorSettings
from facemotion.folds import build_folds
from facemotion.priors.bank import PriorBank
from facemotion.priors.motion import MOST_IN_CHUNK, About, build_bank

CLASSES = ("anger", "fear", "surprise")


def tables(subjects: int) -> pd.DataFrame:
    rows = [
        (f"S{subject}", f"S{subject}_{number}", frame, name if frame else "neutral")
        for subject in range(subjects)
        for number, name in enumerate(CLASSES[: 1 + subject % 3])
        for frame in range(3)
    ]
    frame = pd.DataFrame(rows, columns=["subject", "sequence", "frame", "expression"])
    frame["sample_id"] = [f"{row[1]}_{row[2]}" for row in rows]
    frame["dataset"], frame["rotate"], frame["region"], frame["split"] = "demo", 0, None, ""
    frame["role"] = np.where(frame["frame"] == 0, "neutral", "expressive")
    frame["source"] = frame["sample_id"]
    return frame


class Sharded:
    """Crops in several arrays, as they lie on disk."""

    def __init__(self, crops: np.ndarray, cuts: list[int]) -> None:
        self.shards = np.split(crops, sorted(cuts))
        self.shape = crops.shape

    def __getitem__(self, rows: Any) -> np.ndarray:
        return np.concatenate(self.shards)[rows]


PAPER = PriorSettings()
RULES = st.builds(
    PriorSettings,
    neutral=st.sampled_from(["subject", "sequence"]),
    phi=st.sampled_from(["ranks", "histogram", "none"]),
    average=st.sampled_from(["mean", "median"]),
    difference=st.sampled_from(["absolute", "relative"]),
)


def build(
    manifest: pd.DataFrame, faces: pd.DataFrame, crops: Any, rule: PriorSettings = PAPER, **options: Any
) -> PriorBank:
    folds = build_folds(manifest, FoldSettings(folds=2))
    about = {"classes": options.pop("classes")} if "classes" in options else {}
    return build_bank(crops, faces, manifest, folds, rule, about=About("0" * 16, **about), **options)


@settings(max_examples=25, deadline=None)
@given(data=st.data(), subjects=st.integers(2, 6), seed=st.integers(0, 2**32 - 1), rule=RULES)
def test_order_shards_and_chunks_leave_the_bytes(data, subjects, seed, rule):
    manifest = tables(subjects)
    number = len(manifest)
    crops = np.random.default_rng(seed).integers(0, 256, (number, 4, 3, 3), dtype=np.uint8)
    faces = pd.DataFrame({"sample_id": manifest["sample_id"], "status": "ok", "row": np.arange(number)})
    expected = build(manifest, faces, crops, rule).to_bytes()

    order = np.array(data.draw(st.permutations(range(number))))
    cuts = data.draw(st.lists(st.integers(0, number), max_size=4))
    moved = faces.assign(row=np.argsort(order))
    found = build(
        manifest.iloc[data.draw(st.permutations(range(number)))],
        moved.iloc[data.draw(st.permutations(range(number)))],
        Sharded(crops[order], cuts),
        rule,
        chunk=data.draw(st.integers(1, MOST_IN_CHUNK)),
    )
    assert found.to_bytes() == expected


@settings(max_examples=12, deadline=None)
@given(order=st.permutations(range(3)), seed=st.integers(0, 2**32 - 1), rule=RULES)
def test_classes_permuted_permute_the_masks(order, seed, rule):
    manifest = tables(4)
    crops = np.random.default_rng(seed).integers(0, 256, (len(manifest), 5, 5, 3), dtype=np.uint8)
    faces = pd.DataFrame({"sample_id": manifest["sample_id"], "status": "ok", "row": np.arange(len(manifest))})
    plain = build(manifest, faces, crops, rule, classes=CLASSES)
    permuted = build(manifest, faces, crops, rule, classes=tuple(CLASSES[index] for index in order))
    for name in ("mean", "mask", "count"):
        np.testing.assert_array_equal(getattr(permuted, name), getattr(plain, name)[:, order])
