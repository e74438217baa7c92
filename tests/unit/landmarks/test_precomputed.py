import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from facemotion import landmarks
from facemotion.config import FileSetting
from facemotion.errors import ConfigError, ManifestError, Status
from facemotion.landmarks.faces import LandmarkSource
from facemotion.landmarks.precomputed import PrecomputedSettings, read_landmarks
from facemotion.landmarks.settings import landmark_settings

IMAGE = np.zeros((4, 4, 3), np.uint8)
POINTS = np.array([[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]], float)
NAMES = [f"{axis}{number}" for number in range(1, 6) for axis in "xy"]


def table(**columns: list) -> pd.DataFrame:
    """Return a table with the points of POINTS in each row, moved by the row's number."""
    count = len(columns["source"])
    frame = pd.DataFrame([POINTS.ravel() + row for row in range(count)], columns=NAMES)
    return pd.DataFrame({**columns, **frame})


def written(folder: Path, frame: pd.DataFrame, suffix: str = ".csv") -> Path:
    path = folder / f"points{suffix}"
    if suffix == ".csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path)
    return path


def source(path: Path) -> LandmarkSource:
    return landmarks.create(PrecomputedSettings(table=path))  # type: ignore[arg-type]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_frame_is_looked_up_by_its_source(tmp_path: Path, suffix: str) -> None:
    found = source(written(tmp_path, table(source=["a/1.png", "a/2.png"]), suffix))
    (face,) = found.detect(IMAGE, source="a/2.png", frame=7)
    np.testing.assert_allclose(face.landmarks, POINTS + 1)
    assert face.score == 1.0
    np.testing.assert_allclose(face.box, [11, 21, 91, 101])
    assert found.detect(IMAGE, source="a/3.png", frame=0) == []
    assert found.absent.status == Status.NO_LANDMARKS


def test_with_a_frame_column_both_count(tmp_path: Path) -> None:
    found = source(written(tmp_path, table(source=["a.avi", "a.avi"], frame=[3, 5], score=[0.5, None])))
    (face,) = found.detect(IMAGE, source="a.avi", frame=3)
    assert face.score == 0.5
    (face,) = found.detect(IMAGE, source="a.avi", frame=5)
    assert face.score == 1.0
    assert found.detect(IMAGE, source="a.avi", frame=4) == []


def test_several_rows_are_several_faces_best_first(tmp_path: Path) -> None:
    found = source(written(tmp_path, table(source=["a.png", "a.png"], score=[0.2, 0.8])))
    assert [face.score for face in found.detect(IMAGE, source="a.png", frame=0)] == [0.8, 0.2]


def test_a_row_without_points_is_no_face(tmp_path: Path) -> None:
    frame = table(source=["a.png", "b.png"])
    frame.loc[0, "x3"] = np.nan
    found = source(written(tmp_path, frame))
    assert found.detect(IMAGE, source="a.png", frame=0) == []
    assert len(found.detect(IMAGE, source="b.png", frame=0)) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.drop(columns=["x4", "source"]), r"lacks the columns source, x4"),
        (lambda frame: frame.assign(y2=["left", "2"]), r"y2 'left' in row 0 is not a number"),
        (lambda frame: frame.assign(score=[0.1, 1.5]), r"score 1\.5 in row 1 is not in \[0, 1\]"),
        (lambda frame: frame.assign(frame=[1, 2.5]), r"frame .*2\.5.* in row 1 is not a whole number"),
        (lambda frame: frame.assign(frame=[1, None]), r"frame nan in row 1 is not a whole number"),
        (lambda frame: frame.assign(frame=[1, 1e30]), r"frame 1e\+30 in row 1 is not a whole number up to"),
        (lambda frame: frame.assign(source=["a.png", None]), r"source in row 1 is empty"),
        (lambda frame: frame.set_axis(["source;x1;y1", *"bcdefghijk"], axis=1), r"with commas .* has 'source;x1;y1"),
        (lambda frame: frame.assign(source=["a.png", "/data/b.png"]), r"'/data/b\.png' is not a POSIX path"),
        (lambda frame: frame.assign(source=["a.png", "x\\b.png"]), r"is not a POSIX path"),
    ],
)
def test_broken_tables_are_refused(tmp_path: Path, change, message: str) -> None:
    path = written(tmp_path, change(table(source=["a.png", "b.png"])))
    with pytest.raises(ManifestError, match=message):
        source(path)


def test_unreadable_tables_are_refused(tmp_path: Path) -> None:
    for name, match in (("no.csv", "does not exist"), ("a.parquet", "cannot be read"), ("a.txt", "must be a")):
        if name != "no.csv":
            (tmp_path / name).write_bytes(b"\0\1\2")
        with pytest.raises(ManifestError, match=match):
            read_landmarks(tmp_path / name)
    (tmp_path / "empty.csv").touch()
    with pytest.raises(ManifestError, match="cannot be read"):
        source(tmp_path / "empty.csv")


def test_the_table_must_be_the_one_of_the_settings(tmp_path: Path) -> None:
    path = written(tmp_path, table(source=["a.png"]))
    given = PrecomputedSettings(table=path)  # type: ignore[arg-type]
    path.write_text(path.read_text().replace("a.png", "b.png"))
    with pytest.raises(ConfigError, match="not the one"):
        landmarks.create(given)
    with pytest.raises(ConfigError, match="needs a table, and the dataset ships none"):
        landmarks.create(PrecomputedSettings())
    with pytest.raises(ConfigError, match="has no setting 'table'; precomputed has it: use --landmarks precomputed"):
        landmark_settings({"source": "mtcnn", "table": path})


def test_what_a_dataset_ships_is_read_where_no_table_is_given(tmp_path: Path) -> None:
    path = written(tmp_path, table(source=["a.png"]))
    shipped = FileSetting.model_validate(path)
    assert PrecomputedSettings().wants_shipped
    older = {"source": "precomputed", "min_face": 0.2, "table": shipped.sha256, "model": None}
    for settings in (PrecomputedSettings(), landmark_settings(older)):
        found = landmarks.create(settings, shipped=shipped)
        assert len(found.detect(IMAGE, source="a.png", frame=0)) == 1
    with pytest.raises(ConfigError, match="is needed again: give it with --table"):
        landmarks.create(landmark_settings(older))


def rows(*sources: str) -> Iterator[tuple[str, int]]:
    return zip(sources, itertools.count(1), strict=False)


def test_a_table_that_names_some_frames_is_no_mistake(tmp_path: Path) -> None:
    source(written(tmp_path, table(source=["a.png", "x.png"]))).require_any(rows("b.png", "a.png"))
    source(written(tmp_path, table(source=["a.avi", "a.avi"], frame=[7, 1]))).require_any(rows("a.avi"))


@pytest.mark.parametrize(
    ("columns", "has", "wanted"),
    [
        ({"source": ["b.png"]}, r"'b\.png' where the manifest has 'in/b\.png'", "relative to the dataset's root"),
        ({"source": ["z.png"]}, r"'z\.png' where the manifest has 'in/a\.png'", "relative to the dataset's root"),
        (
            {"source": ["in/b.png"], "frame": [9]},
            r"'in/b\.png' frame 9 where the manifest has 'in/b\.png' frame 2",
            "the manifest's sources and frames",
        ),
    ],
)
def test_a_table_of_other_frames_is_refused_with_a_frame_of_each_side(tmp_path: Path, columns, has, wanted) -> None:
    found = source(written(tmp_path, table(**columns)))
    with pytest.raises(ConfigError, match=rf"^landmark table points\.csv names none of the 2 frames .*{has}.*{wanted}"):
        found.require_any(rows("in/a.png", "in/b.png"))


def test_a_table_without_rows_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, table(source=["a.png"])[:0])
    with pytest.raises(ConfigError, match=r"points\.csv has no rows; give one with a row for each of the 1 frames"):
        source(path).require_any(rows("a.png"))


def test_a_row_that_is_there_twice_is_one_face(tmp_path: Path) -> None:
    found = source(written(tmp_path, pd.concat([table(source=["a.png"])] * 2)))
    assert len(found.detect(IMAGE, source="a.png", frame=0)) == 1


def test_points_that_are_too_large_are_no_face(tmp_path: Path) -> None:
    found = source(written(tmp_path, table(source=["a.png"]).assign(x1=1e300)))
    assert found.detect(IMAGE, source="a.png", frame=0) == []
