"""Writes speaking faces in MEAD's layout, in which folders say everything."""

import shutil

from facemotion.datasets.mead.info import CODES, SUBJECTS
from facemotion.demo.layout import Layout, Part, Whole
from facemotion.demo.layout_speech import said, write_video
from facemotion.expressions import NEUTRAL

__all__ = ["render_mead"]

_LEVELS = 3
_EVERY_LEVEL = "happy"
_SENTENCE = 2


def _person(part: Part) -> None:
    person = SUBJECTS[part.number]
    around = person if part.clean or part.number else f"{person}_video/{person}"
    for word, expression in CODES.items():
        levels = range(1, _LEVELS + 1) if word == _EVERY_LEVEL else (1 if expression == NEUTRAL else _LEVELS,)
        for level in levels:
            path = part.root / "MEAD" / around / "video/front" / word / f"level_{level}" / "001.mp4"
            frames = said(part, expression, _SENTENCE, strength=level / _LEVELS)
            write_video(path, frames, container="mp4", codec="mpeg4")


def _quirks(whole: Whole, results: list[None]) -> None:
    """Add what real copies have besides."""
    if whole.clean:
        return
    top = whole.root / "MEAD"
    first = SUBJECTS[0]
    videos = top / f"{first}_video" / first / "video"
    clip = videos / "front/angry/level_3/001.mp4"
    aside = videos / "left_30/angry/level_3"
    aside.mkdir(parents=True)
    shutil.copyfile(clip, aside / "001.mp4")
    shutil.copyfile(clip, clip.with_name("031.mp4"))  # without a neutral clip of its number
    clip.with_name("032.mp4").write_bytes(b"this does not decode" * 60)
    again = top / f"{first}-2/video/front/angry/level_3"
    again.mkdir(parents=True)
    shutil.copyfile(clip, again / "001.mp4")
    sound = top / first / "audio/angry/level_3"
    sound.mkdir(parents=True)
    (sound / "001.m4a").write_bytes(b"....ftypM4A ")
    packed = top / "W040"
    packed.mkdir()
    (packed / "video.tar").write_bytes(b"ustar")


render_mead = Layout("mead", _person, _quirks, most=len(SUBJECTS))
"""MEAD: ``MEAD/M003/video/front/angry/level_3/001.mp4`` and so on; one sentence in eight moods, happiness at all three
levels and the others at the strongest, in clips with six times as many frames as the settings say, at least 24.

The quirks of real copies: a wrapper folder, a second folder of a person, another view, a clip without a neutral one of
its number, one that does not decode, sound files, an archive that is not unpacked."""
