"""How a clip of MMI lies in its pictures: the rotation that sets it upright, and of a dual view the frontal half."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from facemotion.datasets.mmi import frontal
from facemotion.datasets.mmi.recording import Recording
from facemotion.ingestion.findings import Findings
from facemotion.landmarks.faces import LandmarkSource

__all__ = ["place"]

DUAL_SUBJECTS = {"S001", "S002", "S003", "S005", "S006", "S015", "S016"}
"""Filmed in dual view, as published; asked only where no session.xml says the view."""


def place(
    recording: Recording,
    samples: Sequence[NDArray[np.uint8]],
    source: LandmarkSource,
    sides: Mapping[str, str],
    findings: Findings,
) -> tuple[int, tuple[float, float, float, float] | None] | None:
    """Return the rotation that makes a recording upright, and the frontal half of a dual view; None if it is unclear.

    Parameters
    ----------
    recording : Recording
        What is known of it.
    samples : sequence of uint8 arrays of shape (H, W, 3)
        Some of its frames as stored, the first one first.
    source : LandmarkSource
        Finds faces.
    sides : mapping of str to str
        The frontal half by sequence or subject, where the user names it.
    findings : Findings
        Is told why it is unclear, and of oddities.

    Returns
    -------
    tuple of int and region, or None
        Clockwise degrees, and x, y, width and height in upright pixels or None; None if the half cannot be told.
    """
    name = recording.name
    height, width = samples[0].shape[:2]
    dual = recording.view == 2 or (recording.view is None and recording.subject in DUAL_SUBJECTS and width > height)
    given = sides.get(name) or sides.get(recording.subject)
    if given and recording.view == 0:
        findings.note(f"{name}: --sides names its {given} half, though its session says that it shows one view only")
    if dual or given:
        half = frontal.Half(given, 0, 0) if given else frontal.choose_half(samples, source)
        if not half.side:
            detail = (
                f"it shows two views, and neither half is clearly frontal (left {half.left:.2f}, right "
                f"{half.right:.2f}); name it in a csv file with the columns name and side, and give that with --sides"
            )
            return findings.exclude(name, "half_undecided", detail)
        return 0, frontal.half_region((height, width), half.side)
    expected = 90 if _lies(height, width) else 0
    rotate, seen = frontal.find_rotation(samples, source, expected)
    if not seen:
        findings.note(f"{name}: no upright face was seen in any rotation; {expected} degrees was kept")
    elif rotate == 0 and recording.view is None and _lies(height, width) and not frontal.is_central(samples, source):
        half = frontal.choose_half(samples, source)  # of this size only dual views stand
        if half.side:
            findings.note(f"{name}: nothing says its view; its face stands in the {half.side} half, which was taken")
            return 0, frontal.half_region((height, width), half.side)
    if seen and rotate != expected:
        findings.note(
            f"{name}: {width}x{height} pixels would be turned by {expected} degrees; its face is upright by {rotate}"
        )
    return rotate, None


def _lies(height: int, width: int) -> bool:
    """Tell whether a frontal clip lies on its side: those of 720x576 do, those of 640x480 stand."""
    return width > height and abs(width / height - 5 / 4) < abs(width / height - 4 / 3)
