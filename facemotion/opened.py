"""A dataset in a workspace as Python code sees it: run its stages, and read what they wrote."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facemotion.errors import ConfigError
from facemotion.names import near
from facemotion.places import Alignment, Selection, named
from facemotion.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from facemotion.alignment.store import CropArray
    from facemotion.folds import Folds
    from facemotion.pipeline import Context

__all__ = ["OpenedDataset", "open"]

STAGES = ("ingest", "align", "folds", "build-priors", "train")


def open(
    dataset: str,
    *,
    work: Path | str | None = None,
    root: Path | str | None = None,
    selection: str = "first",
    alignment: str = "first",
    say: Callable[[str], None] = print,
) -> "OpenedDataset":
    """Open a dataset in a workspace; nothing is read or written yet.

    Parameters
    ----------
    dataset : str
        A dataset's name, such as ``ckplus``.
    work : Path or str, optional
        The workspace: ``$FACEMOTION_WORK``, else ``./facemotion-work``.
    root : Path or str, optional
        Where the dataset lies, as with ``--root``.
    selection, alignment : str
        Which selection and alignment, where there are several.
    say : callable
        Takes the lines that a command prints.

    Raises
    ------
    ConfigError
        If there is no such dataset.

    Examples
    --------
    >>> import facemotion as fm
    >>> fm.open("ckplus", work="faces", root="~/data/CK+")
    OpenedDataset('ckplus', work='faces')
    """
    from facemotion import datasets

    datasets.load(dataset)
    return OpenedDataset(
        Selection(Workspace(work), dataset, selection), alignment, None if root is None else Path(root), say
    )


class OpenedDataset:
    """A dataset in a workspace; see `open`."""

    def __init__(self, selection: Selection, alignment: str, root: Path | None, say: Callable[[str], None]) -> None:
        self.selection = selection
        self._alignment = alignment
        self._root = root
        self._say = say

    def __repr__(self) -> str:
        return f"OpenedDataset({str(self.selection)!r}, work={str(self.selection.workspace.root)!r})"

    @property
    def alignment(self) -> Alignment:
        """The alignment whose faces are read."""
        return named(Alignment(self.selection), self._alignment)

    @property
    def manifest(self) -> "pd.DataFrame":
        """A row per selected frame; see `facemotion.manifest`."""
        from facemotion import manifest

        return manifest.read(self.selection.manifest)[0]

    @property
    def faces(self) -> "pd.DataFrame":
        """A row per frame: what became of it; see `facemotion.alignment.store`."""
        from facemotion.alignment.store import read_faces

        return read_faces(self.alignment.folder)[0]

    @property
    def crops(self) -> "CropArray":
        """The nose-centred crops, uint8 RGB of shape (N, 70, 70, 3), memory-mapped; ``faces["row"]`` indexes them."""
        from facemotion.alignment.store import open_crops

        return open_crops(self.alignment.folder)

    @property
    def aligned(self) -> "CropArray":
        """The aligned faces, uint8 RGB of shape (N, 112, 96, 3), memory-mapped; ``faces["row"]`` indexes them."""
        from facemotion.alignment.store import open_aligned

        return open_aligned(self.alignment.folder)

    @property
    def folds(self) -> "Folds":
        """Who is tested in which fold."""
        from facemotion.folds import Folds

        return Folds.read(self.selection.folds)

    def run(self, stage: str, *, workers: int | None = None, force: bool = False, **settings: Any) -> Any:
        """Bring a stage up to date, as the command of its name does; return what it made.

        Parameters
        ----------
        stage : {"ingest", "align", "folds", "build-priors", "train"}
            The stage.
        workers : int, optional
            Processes; all cores by default.
        force : bool
            Do it again even if it is up to date.
        **settings
            What the command's options set, such as ``fit="eyes-nose"`` or ``device="cuda"`` for ``align``; for
            ``build-priors`` also ``output``, for ``train`` the fields of `facemotion.pipeline.TrainRequest`.

        Returns
        -------
        OpenedDataset or Path
            For ``ingest``, ``align`` and ``folds`` the dataset opened where it was made, since other settings than
            the first ones make another selection or alignment; else the path of the bank or of the run.

        Raises
        ------
        FacemotionError
            As the command fails.
        """
        context = self._context(workers, force)
        make: dict[str, Callable[..., Any]] = {
            "ingest": self._ingest,
            "align": self._align,
            "folds": self._folds,
            "build-priors": self._build_priors,
            "train": self._train,
        }
        if stage not in make:
            raise ConfigError(f"unknown stage {stage!r}{near(stage, STAGES)}: expected one of {', '.join(STAGES)}")
        return make[stage](context, settings)

    def _context(self, workers: int | None, force: bool) -> "Context":
        from facemotion.pipeline import Context

        context = Context(workspace=self.selection.workspace, force=force, say=self._say)
        return context if workers is None else replace(context, workers=workers)

    def _where(self) -> dict[str, Any]:
        name = None if self.selection.name == "first" else self.selection.name
        return {"root": self._root, "selection": name}

    def _at(self, selection: Selection, alignment: str) -> "OpenedDataset":
        return OpenedDataset(selection, alignment, self._root, self._say)

    def _ingest(self, context: "Context", settings: dict[str, Any]) -> "OpenedDataset":
        from facemotion import pipeline

        selection = pipeline.ingest(context, self.selection.dataset, options=settings, **self._where())
        return self._at(selection, "first")

    def _align(self, context: "Context", settings: dict[str, Any]) -> "OpenedDataset":
        from facemotion import pipeline

        context = replace(context, device=settings.pop("device", context.device))
        made = pipeline.align(context, self.selection.dataset, settings=settings, **self._where())
        return self._at(made.selection, made.name)

    def _folds(self, context: "Context", settings: dict[str, Any]) -> "OpenedDataset":
        from facemotion import pipeline
        from facemotion.config import FoldSettings, make

        own = {"fewer": False, **settings} if "folds" in settings else settings  # a number that is asked for is meant
        chosen = make(FoldSettings, own, where="folds")
        pipeline.folds(context, self.selection.dataset, settings=chosen, **self._where())
        return self

    def _build_priors(self, context: "Context", settings: dict[str, Any]) -> Path:
        from facemotion import pipeline

        output = settings.pop("output", None)
        return pipeline.build_priors(
            context,
            self.selection.dataset,
            settings=settings,
            output=None if output is None else Path(output),
            alignment=self._alignment_name(),
            **self._where(),
        )

    def _train(self, context: "Context", settings: dict[str, Any]) -> Path:
        from facemotion import pipeline

        if "priors" not in settings:
            raise ConfigError("training needs a prior bank: run('train', priors='ckplus.npz')")
        request = pipeline.TrainRequest(
            priors=Path(settings.pop("priors")),
            dataset=self.selection.dataset,
            alignment=self._alignment_name(),
            **self._where(),
            **settings,
        )
        return pipeline.train(context, request)

    def _alignment_name(self) -> str | None:
        return None if self._alignment == "first" else self._alignment
