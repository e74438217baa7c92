"""Rendered faces at less cost, for trees that tests read: what is seen again is neither painted nor rendered again.

A test of the renderer itself calls it without these.
"""

import hashlib
import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest


@contextmanager
def each_person_once(folder: Path) -> Iterator[None]:
    """Paint nobody's skin twice: it is kept in a folder, which trees of other sizes and other processes share."""
    from facemotion.demo import identity
    from facemotion.demo.skin import Skin, Traits

    paint = identity.paint

    def once(surface: Any, traits: Traits, rng: Any) -> Skin:
        path = folder / hashlib.sha256(repr((traits, rng.bit_generator.state)).encode()).hexdigest()
        if not path.exists():
            skin = paint(surface, traits, rng)
            values = {each.name: getattr(skin, each.name) for each in fields(skin) if each.init}
            folder.mkdir(exist_ok=True)
            part = path.with_suffix(f".{os.getpid()}")
            part.write_bytes(pickle.dumps(values, protocol=5))
            part.replace(path)
            return skin
        return Skin(**pickle.loads(path.read_bytes()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identity, "paint", once)
        yield


@contextmanager
def each_moment_once() -> Iterator[None]:
    """Render nobody twice in the same moment and scene, so that a second tree of the same people costs little."""
    from facemotion.demo import sequence, speech
    from facemotion.demo.render import render

    shown = {}

    def once(subject, weights, scene):
        moment = subject.seed, subject.glasses is None, tuple(weights.items()), pickle.dumps(scene)
        if moment not in shown:
            shown[moment] = render(subject, weights, scene)
        return shown[moment]

    with pytest.MonkeyPatch.context() as patch:
        for module in (sequence, speech):
            patch.setattr(module, "render", once)
        yield
