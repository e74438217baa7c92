"""The trees in MMI's and Oulu-CASIA's layouts; CK+'s and AffectNet's have files of their own."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from facemotion import media
from facemotion.config import DemoSettings
from facemotion.demo import render_affectnet, render_mmi, render_oulu_casia

TINY = DemoSettings(subjects=2, frames=4, size=(96, 128), seed=1)
RENDERERS = {"mmi": render_mmi, "oulu-casia": render_oulu_casia, "affectnet": render_affectnet}


def digests(root: Path) -> dict[str, str]:
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("layout", ["mmi", "oulu-casia"])
def test_the_bytes_do_not_depend_on_the_number_of_workers(layout, tmp_path):
    RENDERERS[layout](tmp_path / "one", TINY, workers=1)
    RENDERERS[layout](tmp_path / "two", TINY, workers=2)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


@pytest.mark.parametrize(("layout", "suffix"), [("mmi", ".avi"), ("oulu-casia", ".jpeg"), ("affectnet", ".jpg")])
def test_glasses_are_worn_in_every_layout(layout, suffix, tmp_path):
    for name, share in (("bare", 0.0), ("worn", 1.0)):
        RENDERERS[layout](tmp_path / name, TINY.model_copy(update={"glasses": share}), clean=True, workers=1)
    trees = (digests(tmp_path / name) for name in ("bare", "worn"))
    bare, worn = ([digest for name, digest in tree.items() if name.endswith(suffix)] for tree in trees)
    assert len(bare) == len(worn) > 0
    assert not set(bare) & set(worn)


def test_a_clean_mmi_tree_holds_the_clips_alone(tmp_path):
    render_mmi(tmp_path / "tree", TINY.model_copy(update={"subjects": 1}), clean=True, workers=1)
    names = {path.name for path in (tmp_path / "tree").rglob("Sessions/*/*")}
    assert names == {"session.xml", *(f"S028-00{n}.{kind}" for n in range(3, 9) for kind in ("avi", "xml"))}


def test_the_true_points_of_mmi_lie_in_the_upright_picture(mmi_tree):
    table = pd.read_parquet(mmi_tree / "landmarks.parquet")
    clips = pd.read_csv(mmi_tree / "clips.csv", keep_default_na=False).set_index("clip")
    for row in table.groupby("source").head(1).itertuples():
        clip = clips.loc[Path(str(row.source)).stem]
        height, width = media.load(mmi_tree / str(row.source), rotate=int(clip["rotate"])).shape[:2]
        assert 0 < row.x1 < row.x2 < width
        assert 0 < row.y1 < row.y4 < height
        if clip["side"]:
            assert (row.x3 < width / 2) == (clip["side"] == "left")


def test_oulu_s_cameras_and_lights_differ_as_they_should(oulu_tree):
    top = oulu_tree / "B_OriginalImg/B_OriginalImg/OriginalImg"
    pictures = {
        (camera, light): media.load(top / camera / light / "P001/Surprise/003.jpeg").astype(float)
        for camera in ("VL", "NI")
        for light in ("Strong", "Weak", "Dark")
    }
    assert np.abs(np.diff(pictures["NI", "Strong"], axis=-1)).max() == 0
    assert np.abs(np.diff(pictures["VL", "Strong"], axis=-1)).max() > 20
    means = [pictures["VL", light].mean() for light in ("Strong", "Weak", "Dark")]
    assert means[0] > 2 * means[1] > 4 * means[2]
