from pathlib import Path

import pytest

from facemotion import config, roots
from facemotion.alignment.settings import AlignSettings
from facemotion.config import DemoSettings, FileSetting, FoldSettings
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


def test_a_misspelt_name_or_value_is_answered_with_the_near_one():
    with pytest.raises(ConfigError, match=r"known are .* \(did you mean subjects\?\)"):
        config.make(DemoSettings, {"subject": 3})
    with pytest.raises(ConfigError, match=r"or 'stratified' \(did you mean fmpn\?\)"):
        config.make(FoldSettings, {"scheme": "fmpm"})


def test_settings_survive_json():
    settings = AlignSettings(crop_size=(81, 81))
    assert AlignSettings.model_validate(settings.as_json()) == settings


def test_a_root_comes_from_the_option_then_the_environment_then_the_file(tmp_path, monkeypatch):
    assert roots.configured_root("oulu-casia")[0] is None
    Path("facemotion.toml").write_text('[roots]\noulu-casia = "/data/oulu"\n')
    assert roots.configured_root("oulu-casia") == (Path("/data/oulu"), "[roots] in facemotion.toml")
    monkeypatch.setenv("FACEMOTION_OULU_CASIA_ROOT", "/env/oulu")
    assert roots.configured_root("oulu-casia") == (Path("/env/oulu"), "$FACEMOTION_OULU_CASIA_ROOT")
    assert roots.configured_root("oulu-casia", "here") == (Path("here"), "--root")


def test_a_broken_file_is_named(tmp_path):
    Path("facemotion.toml").write_text("[roots\n")
    with pytest.raises(ConfigError, match=r"facemotion\.toml cannot be read"):
        roots.configured_root("ckplus")


def test_an_empty_variable_counts_as_unset(monkeypatch):
    Path("facemotion.toml").write_text('[roots]\nckplus = "/data/ck"\n')
    for value in ("", " "):
        monkeypatch.setenv("FACEMOTION_CKPLUS_ROOT", value)
        assert roots.configured_root("ckplus") == (Path("/data/ck"), "[roots] in facemotion.toml")


def test_the_home_folder_is_understood_wherever_a_root_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    Path("facemotion.toml").write_text('[roots]\nmmi = "~/mmi"\n')
    monkeypatch.setenv("FACEMOTION_CKPLUS_ROOT", "~/ck")
    assert roots.configured_root("mmi")[0] == tmp_path / "mmi"
    assert roots.configured_root("ckplus")[0] == tmp_path / "ck"
    assert roots.configured_root("folder", "~/pictures")[0] == tmp_path / "pictures"
    monkeypatch.setenv("FACEMOTION_CKPLUS_ROOT", "~nobody-of-that-name/ck")
    with pytest.raises(ConfigError, match=r"^\$FACEMOTION_CKPLUS_ROOT: the home folder in '~nobody-of-that-name/ck'"):
        roots.configured_root("ckplus")


def test_a_byte_order_mark_does_no_harm():
    Path("facemotion.toml").write_text('[roots]\nckplus = "/data/ck"\n', encoding="utf-8-sig")
    assert roots.configured_root("ckplus")[0] == Path("/data/ck")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("roots = 5\n", r"roots in facemotion\.toml is 5, not a table; write a line \[roots\]"),
        ('[[roots]]\nckplus = "ck"\n', r"roots in facemotion\.toml is .* not a table"),
        ('[roots]\nckplus = ""\n', r"\[roots\] in facemotion\.toml: ckplus = '' names no folder; write its path in"),
        ("[roots]\nckplus = 5\n", r"ckplus = 5 names no folder"),
        ('[roots]\nckplus = ["ck"]\n', r"ckplus = \['ck'\] names no folder"),
        ('[roots.ckplus]\npath = "ck"\n', r"ckplus = \{'path': 'ck'\} names no folder"),
        (
            '[roots]\nCKplus = "ck"\n',
            r"\[roots\] in facemotion\.toml names 'CKplus', which is no dataset; rename it to",
        ),
        ('[roots]\nckplus = "C:\\data"\n', r"cannot be read: .*line 2.*a path with backslashes goes in single quotes"),
    ],
)
def test_what_is_wrong_with_roots_is_said(text, message):
    Path("facemotion.toml").write_text(text)
    with pytest.raises(ConfigError, match=message):
        roots.configured_root("ckplus")


def test_a_file_in_another_encoding_or_a_folder_is_named_without_its_place(tmp_path):
    Path("facemotion.toml").write_text('[roots]\nckplus = "ck"\n', encoding="utf-16")
    with pytest.raises(ConfigError, match=r"^facemotion\.toml cannot be read: it is not UTF-8; save it"):
        roots.configured_root("ckplus")
    Path("facemotion.toml").unlink()
    Path("facemotion.toml").mkdir()
    with pytest.raises(ConfigError, match=r"^facemotion\.toml cannot be read: ") as caught:
        roots.configured_root("ckplus")
    assert str(tmp_path) not in str(caught.value)


def test_another_datasets_misspelt_root_does_not_stop_one_that_is_named():
    Path("facemotion.toml").write_text('[roots]\nckplus = "ck"\noulu_casia = "oulu"\n')
    assert roots.configured_root("ckplus")[0] == Path("ck")
    with pytest.raises(ConfigError, match="names 'oulu_casia', which is no dataset"):
        roots.configured_root("oulu-casia")


class WithFile(config.Settings):
    table: FileSetting | None = None


def test_a_file_is_known_by_its_content_and_leaves_no_path_behind(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("one")
    (tmp_path / "b.csv").write_text("one")
    first, second = (config.make(WithFile, {"table": str(tmp_path / name)}) for name in ("a.csv", "b.csv"))
    assert first == second
    assert first.table is not None
    assert first.table.opened("--table") == tmp_path / "a.csv"
    kept = first.as_json()
    assert set(kept["table"]) == {"name", "sha256"}
    assert str(tmp_path) not in str(kept)
    (tmp_path / "b.csv").write_text("two")
    assert first != config.make(WithFile, {"table": tmp_path / "b.csv"})


def test_a_file_that_only_an_artefact_names_is_asked_for_again(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("one")
    given = config.make(WithFile, {"table": tmp_path / "a.csv"})
    kept = config.make(WithFile, given.as_json())
    assert kept == given
    assert kept.table is not None
    with pytest.raises(ConfigError, match=r"--table \(a\.csv, SHA-256 .* is needed again"):
        kept.table.opened("--table")
    (tmp_path / "a.csv").unlink()
    assert given.table is not None
    with pytest.raises(ConfigError, match="does not exist any more"):
        given.table.opened("--table")
    with pytest.raises(ConfigError, match="does not exist"):
        config.make(WithFile, {"table": tmp_path / "a.csv"})
    with pytest.raises(ConfigError, match="is a folder; a file is needed"):
        config.make(WithFile, {"table": tmp_path})
