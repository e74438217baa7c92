"""Import of the masks that the FMPN-FER repository ships, from a checkout that the user has.

Its layout is ``datasets/<name>/imgs_res/<fold>/<class>.png``: 8-bit gray masks of each fold's training subjects, with
classes by number. There are neither means nor counts; who was left out is read from ``test_ids_<fold>.csv`` beside
them, so that the bank fits the folds of the same selection of images, and no others.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facemotion.alignment.settings import AlignSettings
from facemotion.errors import PriorError
from facemotion.expressions import LABEL_SPACES
from facemotion.folds import Fold, Folds
from facemotion.priors.bank import PriorBank, PriorMeta, library_versions
from facemotion.workspace import digest_file, digest_json

__all__ = ["import_masks"]

FOLDER = "imgs_res"
DATASETS = {7: ("ckplus", LABEL_SPACES["basic7"]), 6: ("mmi", LABEL_SPACES["basic6"])}
"""Dataset and classes by the number of masks a fold has: CK+ has contempt, MMI has not."""


def import_masks(folder: Path) -> PriorBank:
    """Read the authors' masks of one dataset.

    The mask for all subjects is the mean of the folds' masks.

    Parameters
    ----------
    folder : Path
        ``imgs_res`` or the folder that holds it, such as ``FMPN-FER/datasets/CKPlus``.

    Returns
    -------
    PriorBank
        With ``masks_only``: counts and means are 0.

    Raises
    ------
    PriorError
        If there are no such masks, some are missing or differ in size, or the test lists are not beside them.
    """
    root = folder if folder.name == FOLDER else folder / FOLDER
    folds = sorted((path for path in root.glob("*") if path.name.isdigit()), key=lambda path: int(path.name))
    if not folds or [path.name for path in folds] != [str(number) for number in range(len(folds))]:
        message = f"{folder} holds no masks of FMPN-FER: expected {FOLDER}/0/0.png and so on, in datasets/CKPlus or MMI"
        raise PriorError(message)
    number = max(len(list(path.glob("[0-9]*.png"))) for path in folds)
    if number not in DATASETS:
        raise PriorError(f"{root} has {number} masks a fold; expected 7 (CK+) or 6 (MMI)")
    dataset, classes = DATASETS[number]
    paths = [[path / f"{index}.png" for index in range(number)] for path in folds]
    masks = np.stack([np.stack([_read(path) for path in row]) for row in _same_size(paths)])
    masks = np.concatenate([masks, masks.mean(axis=0, dtype=np.float64)[None].astype(np.float32)])
    size = (int(masks.shape[2]), int(masks.shape[3]))
    digest = digest_json([[digest_file(path) for path in row] for row in paths])
    lists = [_test_list(root.parent / f"test_ids_{index}.csv") for index in range(len(folds))]
    left_out = tuple(tuple(sorted({name.partition("_")[0] for name in names})) for names in lists)
    _each_once(left_out, root.parent)
    tested = tuple(Fold(subjects, tuple(names)) for subjects, names in zip(left_out, lists, strict=True))
    settings = AlignSettings(crop_size=size)
    meta = PriorMeta(
        classes=classes,
        dataset=dataset,
        alignment=f"fmpn-fer-{size[0]}x{size[1]}",
        alignment_settings=settings.as_json(),
        neutral="unknown",
        fold_scheme="fmpn",
        folds_digest=Folds("fmpn", dataset, "", tested).digest,
        manifest_digest="",
        left_out=left_out,
        masks_only=True,
        versions=library_versions(),
        origins=({"operation": "import", "source": "FMPN-FER", "dataset": dataset, "masks_digest": digest},),
    )
    return PriorBank(mean=np.zeros_like(masks), mask=masks, count=np.zeros(masks.shape[:2], dtype=np.int64), meta=meta)


def _same_size(paths: list[list[Path]]) -> list[list[Path]]:
    sizes = {}
    for row in paths:
        for path in row:
            if not path.is_file():
                message = (
                    f"{path.parent.name}/{path.name} is missing in {path.parent.parent}; the checkout is incomplete"
                )
                raise PriorError(message)
            sizes.setdefault(_read(path).shape, path)
    if len(sizes) > 1:
        raise PriorError(f"masks differ in size: {', '.join(f'{path} is {size}' for size, path in sizes.items())}")
    return paths


def _each_once(left_out: Sequence[Sequence[str]], folder: Path) -> None:
    """Raise `PriorError` if two test lists have a subject in common: its masks would be seen in one of the folds."""
    first: dict[str, int] = {}
    for fold, subjects in enumerate(left_out):
        for subject in subjects:
            if subject in first:
                lists = f"test_ids_{first[subject]}.csv and test_ids_{fold}.csv"
                raise PriorError(f"subject {subject} is in {lists} of {folder}; each must be tested in one fold")
            first[subject] = fold


def _read(path: Path) -> np.ndarray:
    """Return a mask as float32 in [0, 1], shape (H, W)."""
    from skimage.io import imread

    try:
        image = np.asarray(imread(path))
    except (OSError, ValueError, SyntaxError) as error:
        raise PriorError(f"{path} cannot be read as a picture ({error})") from None
    if image.dtype != np.uint8 or image.ndim not in (2, 3):
        raise PriorError(f"{path} is not an 8-bit picture but {image.dtype} of shape {image.shape}")
    gray = image if image.ndim == 2 else image[..., :3].mean(axis=-1)
    return (gray / 255).astype(np.float32)


def _test_list(path: Path) -> list[str]:
    """Return the images of a test list without their ending: one ``S050_003_030.png`` a line."""
    try:
        lines = path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError):
        message = f"{path} is needed to know whom the fold's masks leave out; give the folder as the repository has it"
        raise PriorError(message) from None
    if not lines or not all(re.match(r"S\d+_\d+_\d+", line) for line in lines):
        raise PriorError(f"{path} is not a list of images such as S050_003_030.png")
    return [line.partition(".")[0] for line in lines]
