"""MTCNN against the ground truth of rendered faces."""

import numpy as np

from facemotion import demo
from facemotion.expressions import EXPRESSIONS
from facemotion.landmarks._ladder import Mtcnn


def test_points_on_rendered_faces() -> None:
    mtcnn = Mtcnn(min_face=0.2)
    errors = []
    for seed in range(4):
        for expression in EXPRESSIONS[seed % 2 :: 2]:
            image, points = demo.render_face(seed, expression)
            faces = mtcnn.detect(image)
            assert len(faces) == 1, (seed, expression)
            eyes = np.hypot(*(points[1] - points[0]))
            errors.append(np.hypot(*(faces[0].landmarks - points).T).mean() / eyes)
    assert np.mean(errors) <= 0.07
    assert np.max(errors) <= 0.15
