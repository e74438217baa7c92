"""A training loop written the ordinary way, for `train_step.py` to compare with.

As most published code does it, the FMPN authors' included: a picture file a face, opened and transformed by Pillow one
at a time, in the worker processes of a DataLoader; float32, the default memory layout, an unfused Adam, and the loss
read back after every step. The networks are facemotion's own, so that only the loop differs.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import functional as transforms

from facemotion.models.fmpn import FMPN
from facemotion.training.phases import Phase
from facemotion.training.settings import TrainSettings

__all__ = ["PictureFiles", "epochs"]


class PictureFiles(Dataset):
    """Colour, gray and mask of a face from files, enlarged, cut out and mirrored alike.

    Parameters
    ----------
    folder : Path
        Where the pictures are written to and read from.
    crops : uint8 array of shape (n, H, W, 3)
        RGB faces.
    labels : int array of shape (n,)
        The class of each.
    masks : float array of shape (K, H, W)
        The prior of each class, in [0, 1].
    resize, crop : int
        Sides of the enlarged face and of the window.
    """

    def __init__(
        self, folder: Path, crops: np.ndarray, labels: np.ndarray, masks: np.ndarray, *, resize: int, crop: int
    ) -> None:
        self.folder, self.labels, self.resize, self.crop = folder, labels.tolist(), resize, crop
        for number, image in enumerate(crops):
            Image.fromarray(image).save(folder / f"face-{number}.png")
        for number, mask in enumerate(np.round(masks * 255).astype(np.uint8)):
            Image.fromarray(mask).save(folder / f"mask-{number}.png")

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, int]:
        label = self.labels[index]
        face = Image.open(self.folder / f"face-{index}.png").convert("RGB")
        mask = Image.open(self.folder / f"mask-{label}.png").convert("L")
        place, mirrored = int(torch.randint(5, ())), bool(torch.rand(()) < 0.5)
        views = []
        for picture in (face, face.convert("L"), mask):
            enlarged = picture.resize((self.resize, self.resize), Image.Resampling.BILINEAR)
            window = transforms.five_crop(enlarged, [self.crop, self.crop])[place]
            views.append(transforms.to_tensor(transforms.hflip(window) if mirrored else window))
        return views[0], views[1], views[2], label


def epochs(
    model: FMPN, data: PictureFiles, phase: Phase, settings: TrainSettings, device: torch.device, *, workers: int
) -> Iterator[float]:
    """Train epoch after epoch; yield the seconds of each."""
    loader = DataLoader(data, phase.batch, shuffle=True, num_workers=workers, persistent_workers=workers > 0)
    groups = [{"params": getattr(model, name).parameters(), "lr": rate} for name, rate in phase.rates.items()]
    optimiser = torch.optim.Adam(groups, betas=(settings.training.beta1, 0.999))
    for name, part in model.named_children():
        part.requires_grad_(name in phase.rates)
    model.train()
    while True:
        start, losses = time.perf_counter(), []
        for batch in loader:
            color, gray, prior, labels = (part.to(device) for part in batch)
            if phase.class_weight:
                logits, mask, _ = model(color, gray)
                assert mask is not None
                loss = phase.class_weight * functional.cross_entropy(logits, labels)
                loss = loss + phase.mask_weight * functional.mse_loss(mask, prior)
            else:
                assert model.generator is not None
                loss = functional.mse_loss(model.generator(gray), prior)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
        yield time.perf_counter() - start
