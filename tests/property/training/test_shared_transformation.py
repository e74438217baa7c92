"""Colour, gray and prior share one transformation: the prior that is a copy of the face stays a copy of it."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from facemotion.training.batches import Faces
from facemotion.training.data import TrainingData
from facemotion.training.settings import DataSettings
from facemotion.training.views import draw_views


@settings(max_examples=40, deadline=None)
@given(
    height=st.integers(8, 30),
    width=st.integers(8, 30),
    crop=st.integers(8, 50),
    rest=st.integers(0, 20),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_prior_that_is_the_face_stays_the_face(height: int, width: int, crop: int, rest: int, seed: int) -> None:
    number = 6
    gray = np.random.default_rng(seed).integers(0, 256, (number, height, width, 1), dtype=np.uint8)
    names = np.arange(number).astype(str)
    data = TrainingData(
        crops=np.repeat(gray, 3, axis=-1),
        rows=np.arange(number),
        labels=np.arange(number),
        sample_ids=names,
        subjects=names,
        splits=np.array([""] * number),
        classes=tuple(names),
        dataset="demo",
        alignment="",
        manifest_digest="",
    )
    sizes = DataSettings(resize=crop + rest, crop=crop)
    masks = gray[..., 0].astype(np.float32) / 255
    faces = Faces(data, masks, np.ones(number, bool), sizes, torch.device("cpu"))
    views = draw_views(number, sizes, torch.Generator().manual_seed(seed))
    (batch,) = faces.batches(torch.randperm(number), views, number)
    assert torch.equal(batch.prior, batch.color[:, :1].contiguous())
    torch.testing.assert_close(batch.prior, batch.gray, atol=1e-6, rtol=0)
