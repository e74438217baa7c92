"""How clips of MMI lie: what session.xml says of them, and what their faces say."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

from facemotion import media
from facemotion.datasets.mmi import DATASET as MMI
from facemotion.datasets.mmi import frontal
from facemotion.errors import DataError
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree
from facemotion.landmarks import create


def run(root: Path, **options) -> Ingest:
    return MMI.ingest(Tree.read(root, "MMI"), MMI.choose(options))


@pytest.fixture
def lying(mmi_tree) -> list[np.ndarray]:
    """The frames of a clip that lies: 90 clockwise degrees make it upright."""
    (clip,) = mmi_tree.rglob("S028-003.avi")
    return [image for _, image in media.read_frames(clip, range(7))]


def frames(root: Path, pictures: list[np.ndarray]) -> Ingest:
    """Write pictures as the extracted frames of a clip, and ingest them."""
    root.mkdir()
    for number, picture in enumerate(pictures):
        Image.fromarray(picture).save(root / f"S028_003_{number:03d}.png")
    (root / "labels.csv").write_text("sequence,expression\nS028_003,anger\n")
    return run(root, labels=str(root / "labels.csv"))


class TestRotation:
    @pytest.mark.parametrize("turned", [0, 90, 180, 270])
    def test_it_is_that_of_the_surest_upright_faces(self, lying, tmp_path, turned):
        pictures = [media.turned(image, turned) for image in lying]
        result = frames(tmp_path / "frames", pictures)
        right = (90 - turned) % 360
        assert set(result.manifest["rotate"]) == {right}
        noted = [note for note in result.notes if "its face is upright by" in note]
        expected = 90 if turned in (0, 180) else 0  # by the size of the pictures
        assert bool(noted) == (right != expected)

    @pytest.mark.parametrize("turn", [0, 90, 180, 270])
    def test_a_photograph_is_set_upright_whatever_was_expected(self, turn):
        image = media.turned(skimage.data.astronaut()[:320:2, 60:400:2], turn)
        source = create()
        found = {frontal.find_rotation([image], source, expected) for expected in (0, 90, 180, 270)}
        assert found == {((360 - turn) % 360, True)}

    def test_frames_of_another_shape_still_lie(self, lying, tmp_path):
        result = frames(tmp_path / "frames", [np.array(Image.fromarray(each).resize((320, 240))) for each in lying])
        assert set(result.manifest["rotate"]) == {90}

    def test_a_face_in_the_middle_of_a_wide_picture_is_not_cut_in_half(self, lying, tmp_path):
        wide = []
        for image in lying:
            upright = media.turned(image, 90)
            height, width = upright.shape[:2]
            space = (round(height * 5 / 4) - width) // 2
            wide.append(np.pad(upright, ((0, 0), (space, space), (0, 0)), mode="edge"))
        result = frames(tmp_path / "frames", wide)
        assert set(result.manifest["rotate"]) == {0}
        assert result.manifest["region"].isna().all()
        assert not any("half" in note for note in result.notes)


@pytest.fixture
def dual(mmi_tree, tmp_path) -> Path:
    """The session of a clip that shows two views."""
    (clip,) = mmi_tree.rglob("S001-100.avi")
    return Path(shutil.copytree(clip.parent, tmp_path / "Sessions/7"))


class TestSessions:
    @pytest.mark.parametrize("views", ["01", "10", "02", "2", "12"])
    def test_tracks_that_differ_are_the_halves_of_a_dual_view(self, dual, views):
        tracks = "".join(f'<track view="{view}"/>' for view in views)
        (dual / "session.xml").write_text(f"<session>{tracks}</session>")
        assert run(dual).manifest["region"].notna().all()

    def test_one_that_names_another_clip_is_not_believed(self, dual):
        (dual / "session.xml").write_text('<session><track filename="S028-003.avi" view="1"/></session>')
        assert set(run(dual).manifest["sequence"]) == {"S001_100"}

    def test_one_without_names_is_believed_of_the_copies_of_a_clip(self, dual):
        shutil.copyfile(dual / "S001-100.avi", dual / "S001 -100.avi")
        (dual / "session.xml").write_text('<session><track view="1"/></session>')
        with pytest.raises(DataError, match="shows the profile only"):
            run(dual)

    def test_one_that_shows_the_profile_says_so(self, dual):
        (dual / "session.xml").write_text('<session><track filename="S001-100.avi" view="1"/></session>')
        with pytest.raises(DataError, match="S001_100, because its session says that it shows the profile only"):
            run(dual)


class TestMetadata:
    @pytest.mark.parametrize("stem", ["S001 -100", "s001-100", "S001 - 100"])
    def test_it_belongs_to_a_clip_however_its_name_is_spaced(self, dual, stem):
        (dual / "S001-100.avi").rename(dual / f"{stem}.avi")
        assert set(run(dual).manifest["sequence"]) == {"S001_100"}

    def test_several_emotions_are_none(self, dual):
        tags = "".join(f'<Metatag Name="Emotion" Value="{code}"/>' for code in (1, 2))
        (dual / "S001-100.xml").write_text(f"<a>{tags}</a>")
        with pytest.raises(DataError, match=r"S001_100, because S001-100.xml has several Emotions, 1 and 2"):
            run(dual)

    def test_a_stray_file_of_another_database_does_not_take_a_clip_that_has_some(self, dual):
        (dual / "S099-001_mic.wav").touch()
        assert run(dual).exclusions == []
