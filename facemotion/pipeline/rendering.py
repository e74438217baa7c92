"""The stage ``render``: settings -> synthetic frames in CK+'s own layout, for the dataset ``demo``."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from facemotion.config import RENDERING, DemoSettings
from facemotion.errors import FacemotionError
from facemotion.pipeline.context import Context
from facemotion.pipeline.stage import Stage
from facemotion.places import Selection, frames_of, name_of
from facemotion.provenance import SCHEMA_VERSION
from facemotion.workspace import read_json

__all__ = ["Render", "demo_selection"]


@dataclass(frozen=True)
class Render(Stage):
    """Rendering one demo."""

    selection: Selection

    name = "render"
    version = RENDERING
    model = DemoSettings

    @property
    def path(self) -> Path:
        """``frames/demo.json``."""
        return frames_of(self.selection) / "demo.json"

    @property
    def title(self) -> str:
        """The selection."""
        return str(self.selection)

    @property
    def locked(self) -> Path:
        """The selection's folder: the frames are replaced as a whole."""
        return self.selection.folder

    def inputs(self, context: Context) -> Mapping[str, str]:
        """Return none: nothing is read."""
        return {}

    def header(self) -> dict[str, Any]:
        """Return a header made of what ``demo.json`` says, which has a form of its own."""
        try:
            content = read_json(self.path)
            found = {"settings": content["settings"], "version": content.get("version", 1)}
        except (FacemotionError, KeyError, TypeError, AttributeError):
            return {}
        return {"schema_version": SCHEMA_VERSION, "stage": self.name, "inputs": {}, **found}

    def make(self, context: Context, settings: DemoSettings, header: dict[str, Any]) -> None:
        """Render."""
        from facemotion.demo import render_ckplus

        root = frames_of(self.selection)
        context.say(f"{self.title}: rendering {settings.subjects} synthetic subjects, which takes longest")
        render_ckplus(
            root,
            settings,
            workers=context.workers,
            executor=context.executor,
            clean=True,
            progress=context.progress,
        )
        context.memory.trees.clear()  # what was read of an older rendering is gone
        context.say(f"{self.title}: rendered {settings.subjects} synthetic subjects in {root}")


def demo_selection(context: Context, settings: DemoSettings) -> Selection:
    """Return where a demo goes: where its faces lie already, else the first place if it is free, else a new one."""
    first = Selection(context.workspace, "demo")
    for place in (first, replace(first, name=name_of(settings))):
        found = Render(place).header()
        if not found or Render(place).as_last(found) == settings:
            return place
    return replace(first, name=name_of(settings))
