"""The reader of CREMA-D, alignment and priors on six real clips of one actor: `make test-real` fetches them.

Nothing of them is committed. A division into folds needs two people, so that the clips are copied a second time under
another actor's name; every mean is then that of the one actor.
"""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from facemotion import manifest, tables
from facemotion.priors.bank import PriorBank
from facemotion.priors.regions import REGIONS, energy, region_pixels

CLIPS = os.environ.get("FACEMOTION_REAL_CREMA_D", "")
pytestmark = pytest.mark.skipif(not CLIPS, reason="needs six clips of CREMA-D: make test-real")
WORK = Path("facemotion-work/crema-d")


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    found = sorted(Path(CLIPS).glob("1001_DFA_*_XX.flv"))
    assert len(found) == 6
    folder = tmp_path / "clips"
    folder.mkdir()
    for path in found:
        for actor in ("1001", "1002"):
            shutil.copy(path, folder / path.name.replace("1001", actor))  # a link that leaves the root is not followed
    return folder


def test_real_clips_give_faces_and_masks_that_lie_where_they_should(run, clips):
    run("align", "--dataset", "crema-d", "--root", clips, "--workers", 1)
    rows = manifest.read(WORK / "manifest.parquet")[0]
    assert rows["expression"].value_counts().to_dict() == {
        "neutral": 30,
        **dict.fromkeys(("anger", "disgust", "fear", "happiness", "sadness"), 6),
    }
    faces = tables.read_table(WORK / "faces.parquet")[0]
    assert set(faces["status"]) == {"ok"}
    assert rows["frame"].between(8, 60).all()  # 56 to 70 frames a clip, of which the middle 60 % are looked at

    run("folds", "--dataset", "crema-d", "--folds", 2)
    run("build-priors", "--source", "crema-d", "--workers", 1)
    bank = PriorBank.load(Path("crema-d.npz"))
    assert bank.meta.neutral == "sequence"
    assert bank.count[-1].tolist() == [6] * 5
    shares = dict(zip(REGIONS, energy(bank.mask[-1], region_pixels(bank.size)).T, strict=True))
    place = {name: number for number, name in enumerate(bank.classes)}
    assert int(np.argmax(shares["folds"])) == int(np.argmax(shares["upper lip"])) == place["happiness"]
    assert shares["brows"][place["anger"]] > shares["brows"][place["happiness"]]
    assert (shares["mouth"] > shares["bridge"]).all()
