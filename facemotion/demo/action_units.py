"""Action units that the head data lacks, as displacements of the skin: nostrils, the fold beside them, chin, forehead.

Each is a sum of pulls. A pull moves the skin within an ellipsoid, most in its middle, not at all on its edge and
beyond, so that a unit moves what its muscle moves and nothing else. Numbers in the comments are FACS action units
(Ekman, Friesen and Hager, 2002). Coordinates are those of `facemotion.demo.mesh`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["SCULPTED", "Pull", "sculpted"]

Floats = NDArray[np.float64]
Point = tuple[float, float, float]


@dataclass(frozen=True)
class Pull:
    """A displacement that fades out from its middle.

    Attributes
    ----------
    middle : tuple of 3 floats
        Point of the average head where it is strongest.
    reach : tuple of 3 floats
        Half axes of the ellipsoid within which it acts.
    shift : tuple of 3 floats
        Displacement in the middle.
    """

    middle: Point
    reach: Point
    shift: Point

    def __call__(self, points: Floats) -> Floats:
        """Return the displacement of points of shape (N, 3)."""
        squared = (((points - self.middle) / self.reach) ** 2).sum(axis=1)
        return np.clip(1 - squared, 0, 1)[:, None] ** 2 * self.shift

    def mirrored(self) -> "Pull":
        """Return the same on the other side of the face."""
        (x, y, z), (dx, dy, dz) = self.middle, self.shift
        return Pull((-x, y, z), self.reach, (-dx, dy, dz))


_SIDED: dict[str, tuple[Pull, ...]] = {
    "noseFlare": (Pull((0.165, 6.91, 1.52), (0.100, 0.095, 0.14), (0.037, 0.006, -0.005)),),  # 38
    "noseNarrow": (Pull((0.155, 6.90, 1.53), (0.11, 0.11, 0.14), (-0.015, -0.033, 0.0)),),  # 39
    "cheekFold": (  # 11: the cheek rises and bulges beside the fold, which sinks
        Pull((0.27, 6.85, 1.43), (0.11, 0.15, 0.2), (0.012, 0.030, 0.024)),
        Pull((0.21, 6.87, 1.46), (0.055, 0.12, 0.2), (0.0, 0.010, -0.014)),
    ),
    "browForehead": (Pull((0.24, 7.69, 1.42), (0.34, 0.24, 0.5), (0.0, 0.048, 0.0)),),  # the forehead's share of 1 + 2
}
_MIDDLE: dict[str, tuple[Pull, ...]] = {
    "chinBoss": (  # 17: the mentalis lifts the ball of the chin and pushes it ahead
        Pull((0.0, 6.34, 1.40), (0.27, 0.18, 0.3), (0.0, 0.040, 0.034)),
        Pull((0.0, 6.465, 1.42), (0.20, 0.05, 0.2), (0.0, 0.010, -0.018)),
    ),
}
SCULPTED: dict[str, tuple[Pull, ...]] = {
    **{f"{name}Left": pulls for name, pulls in _SIDED.items()},
    **{f"{name}Right": tuple(pull.mirrored() for pull in pulls) for name, pulls in _SIDED.items()},
    **_MIDDLE,
}
"""Face units by name, in the order in which the head has them; the subject's left is at positive x."""


def sculpted(points: Floats) -> dict[str, Floats]:
    """Return the displacement of points of the average head by each unit at weight 1, shape (N, 3)."""
    return {name: np.sum([pull(points) for pull in pulls], axis=0) for name, pulls in SCULPTED.items()}
