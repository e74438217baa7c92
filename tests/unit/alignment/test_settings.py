import subprocess
import sys

import pytest

from facemotion.alignment.geometry import alignment_id
from facemotion.alignment.settings import AlignSettings
from facemotion.config import make
from facemotion.errors import ConfigError


def older(source: str, *, min_face: float = 0.2, table: str | None = None, model: str | None = None, **rest) -> dict:
    """Return settings as a header of facemotion 0.1 holds them."""
    landmarks = {"source": source, "min_face": min_face, "table": table, "model": model}
    sizes = {"face_size": [112, 96], "crop_size": [70, 70]}
    kept = {"landmarks": landmarks, **sizes, "crop_centre": "nose", "fit": "five-points", "shard_size": 256}
    return {**kept, **rest}


@pytest.mark.parametrize(
    ("kept", "known"),
    [
        (older("mtcnn"), "6cafb056e1a52648"),
        (older("mtcnn", fit="eyes-nose", crop_centre="template"), "e1275e12d080d1c1"),
        (older("precomputed", table="1" * 64), "39f5421e22e85375"),
        (older("insightface", model="2" * 64), "83f78fe4499957c9"),
        (older("mtcnn", min_face=0.1, face_size=[112, 112], crop_size=[76, 76]), "0dea6e98c98e1d86"),
    ],
)
def test_an_older_header_is_read_and_keeps_its_alignment_id(kept: dict, known: str) -> None:
    settings = AlignSettings.model_validate(kept)
    assert alignment_id(settings) == known
    assert AlignSettings.model_validate(settings.as_json()) == settings
    assert settings.landmarks.source == kept["landmarks"]["source"]
    given = {name: value for name, value in settings.landmarks.as_json().items() if name != "source"}
    digests = [value["sha256"] for value in given.values() if isinstance(value, dict)]
    assert digests == [kept["landmarks"][name] for name in ("table", "model") if kept["landmarks"][name]]


def test_settings_that_are_the_defaults_of_today_equal_those_of_an_older_header() -> None:
    assert AlignSettings.model_validate(older("mtcnn")) == AlignSettings()


@pytest.mark.parametrize(
    ("landmarks", "message"),
    [
        ({"min_face": 7}, r"align: landmarks\.min_face = 7 is not allowed: Input should be less than or equal to 1"),
        ({"source": "dlib"}, r"unknown landmark source 'dlib': expected one of given, insightface, mtcnn, precomputed"),
        ({"source": "precomputed", "min_face": 0.1}, r"has no setting 'min_face'; insightface and mtcnn have it: use"),
        ({"minface": 0.1}, r"the landmark source mtcnn has no setting 'minface'; it has min_face"),
        ({"table": "no.csv"}, r"landmarks\.table = 'no\.csv' is not allowed: .*no\.csv does not exist"),
        ("mtcnn", r"landmarks are given as a table of settings with the field source, not 'mtcnn'"),
    ],
)
def test_a_wrong_setting_is_a_sentence(landmarks: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make(AlignSettings, {"landmarks": landmarks}, where="align")


def test_a_setting_that_one_source_has_chooses_it(tmp_path) -> None:
    (tmp_path / "points.csv").write_text("source")
    settings = make(AlignSettings, {"landmarks": {"table": tmp_path / "points.csv"}})
    assert settings.landmarks.source == "precomputed"
    assert settings != make(AlignSettings, {"landmarks": {"source": "precomputed"}})
    assert make(AlignSettings, {"landmarks": {"min_face": 0.3}}).landmarks.source == "mtcnn"


def test_settings_are_light_to_import() -> None:
    heavy = ("torch", "cv2", "pandas", "onnxruntime", "pyarrow", "skimage")
    code = (
        "import sys; from facemotion import landmarks; from facemotion.alignment.settings import AlignSettings\n"
        "AlignSettings(); [landmarks.settings_model(name) for name in landmarks.sources()]\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
