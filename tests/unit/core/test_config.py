from pathlib import Path

import pytest

from facemotion import config
from facemotion.config import AlignSettings, DemoSettings, FoldSettings
from facemotion.errors import ConfigError


def test_the_defaults_are_the_papers():
    settings = AlignSettings()
    assert settings.face_size == (112, 96)
    assert settings.crop_size == (70, 70)
    assert settings.landmarks.source == "mtcnn"
    assert FoldSettings().scheme == "fmpn"
    assert FoldSettings().folds == 10


def test_none_means_the_default():
    assert config.make(DemoSettings, {"subjects": None}) == DemoSettings()


def test_an_unknown_setting_is_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match="unknown setting 'subject'; known are subjects, frames"):
        config.make(DemoSettings, {"subject": 3})


def test_a_value_out_of_range_is_named():
    with pytest.raises(ConfigError, match="subjects = 1 is not allowed: Input should be greater than or equal to 2"):
        config.make(DemoSettings, {"subjects": 1})
    with pytest.raises(ConfigError, match=r"size = .* height and width must lie between 96 and 2048"):
        config.make(DemoSettings, {"size": (20, 20)})


def test_settings_survive_json():
    settings = AlignSettings(crop_size=(81, 81))
    assert AlignSettings.model_validate(settings.as_json()) == settings


def test_a_root_comes_from_the_option_then_the_environment_then_the_file(tmp_path, monkeypatch):
    assert config.configured_root("oulu-casia")[0] is None
    Path("facemotion.toml").write_text('[roots]\noulu-casia = "/data/oulu"\n')
    assert config.configured_root("oulu-casia") == (Path("/data/oulu"), "[roots] in facemotion.toml")
    monkeypatch.setenv("FACEMOTION_OULU_CASIA_ROOT", "/env/oulu")
    assert config.configured_root("oulu-casia") == (Path("/env/oulu"), "$FACEMOTION_OULU_CASIA_ROOT")
    assert config.configured_root("oulu-casia", "here") == (Path("here"), "--root")


def test_a_broken_file_is_named(tmp_path):
    Path("facemotion.toml").write_text("[roots\n")
    with pytest.raises(ConfigError, match=r"facemotion\.toml cannot be read"):
        config.configured_root("ckplus")
