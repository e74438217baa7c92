from importlib import resources

import pytest

from facemotion.errors import ConfigError
from facemotion.training.settings import load_preset, presets
from facemotion.workspace import digest_file


def test_presets_are_those_of_the_design() -> None:
    assert presets() == ["compact", "paper", "released", "small"]
    for name in presets():
        assert load_preset(name).preset == name


def test_paper_is_section_4_1() -> None:
    paper = load_preset("paper")
    own = paper.training
    assert (paper.model.classifier, paper.data.resize, paper.data.crop) == ("inception_v3", 320, 299)
    assert (own.generator_epochs, own.generator_constant, own.joint_epochs, own.joint_constant) == (300, 150, 200, 100)
    assert (own.generator_rate, own.joint_rate, own.joint_generator_rate) == (1e-4, 1e-4, 1e-5)
    assert (own.lambda_mask, own.lambda_class) == (10, 1)


def test_released_differs_from_paper_in_what_the_code_does_differently() -> None:
    paper, released = load_preset("paper").as_json(), load_preset("released").as_json()
    differing = {
        f"{section}.{field}": value
        for section in ("model", "data", "training")
        for field, value in released[section].items()
        if paper[section][field] != value
    }
    assert differing == {
        "model.input_range": "as-released",
        "training.lambda_mask": 0.1,
        "training.decay": "as-released",
    }


@pytest.mark.parametrize(
    ("override", "value"),
    [("training.joint_epochs=50", 50), ("training.joint_rate = 3e-4", 3e-4), ("training.joint_batch=8", 8)],
)
def test_a_field_is_replaced(override: str, value: float) -> None:
    field = override.partition("=")[0].split(".")[1].strip()
    assert getattr(load_preset("paper", [override]).training, field) == value


def test_values_are_words_or_toml() -> None:
    settings = load_preset(
        "compact", ["model.classifier=resnet18", "data.flip=false", 'model.input_range="as-released"']
    )
    assert settings.model.classifier == "resnet18"
    assert settings.data.flip is False
    assert settings.model.input_range == "as-released"


def test_a_preset_is_read_from_a_file(tmp_path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        '[model]\nclassifier = "resnet18"\n[data]\nresize = 40\ncrop = 32\n[training]\ngenerator_epochs = 1\n'
        "generator_constant = 0\ngenerator_rate = 1e-3\ngenerator_batch = 4\njoint_epochs = 1\njoint_constant = 0\n"
        "joint_rate = 1e-3\njoint_generator_rate = 1e-3\njoint_batch = 4\nlambda_mask = 1\n"
        "lambda_class = 1\nbeta1 = 0.9\n"
    )
    settings = load_preset(path)
    assert settings.preset == "mine"
    assert settings.model.width == 64


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["joint_epochs=5"], "expected section.field=value"),
        (["training.joint_epochs"], "expected section.field=value"),
        (["training.epochs=5"], "training has no field 'epochs'; it has generator_epochs"),
        (["training.joint_epochs=0"], "training.joint_epochs = 0 is not allowed"),
        (["model.width=99999999"], "model.width = 99999999 is not allowed"),
        (["training.joint_epochs=3\ndata.crop=3"], "training.joint_epochs = .* is not allowed"),
        (["training.joint_rate=fast"], "training.joint_rate = 'fast' is not allowed"),
        (["data.crop=500"], "crop .500. must not be larger than resize .320."),
    ],
)
def test_a_wrong_field_is_one_clear_sentence(overrides: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_preset("paper", overrides)


def test_paper_says_what_it_takes_from_the_released_code() -> None:
    """Batch sizes, beta1 and initialisation are not in the paper (section 4.1)."""
    text = resources.files("facemotion.presets").joinpath("paper.toml").read_text(encoding="utf-8")
    lines = dict(line.split(" = ", 1) for line in text.splitlines() if " = " in line and not line.startswith("#"))
    for field in ("generator_batch", "joint_batch", "beta1"):
        assert lines[field].endswith("# released code")
    assert "Xavier normal weights of gain 0.02" in " ".join(text.replace("#", " ").split())


def test_an_unknown_preset_names_those_that_exist() -> None:
    with pytest.raises(ConfigError, match="unknown preset 'fast': expected one of compact, paper, released"):
        load_preset("fast")


def test_a_file_that_is_not_toml_is_named(tmp_path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("[model\n")
    with pytest.raises(ConfigError, match=r"broken\.toml cannot be read"):
        load_preset(path)


def test_no_path_of_weights_gets_into_an_artefact(tmp_path) -> None:
    path = tmp_path / "weights.pth"
    path.write_bytes(b"weights")
    written = load_preset("compact", [f"model.pretrained={path}"]).as_json()["model"]["pretrained"]
    assert written == {"name": "weights.pth", "sha256": digest_file(path)}


def test_weights_as_version_0_1_0_kept_them_are_read() -> None:
    settings = load_preset("compact", [f"model.pretrained=weights.pth sha256:{'0' * 64}"])
    assert settings.as_json()["model"]["pretrained"] == {"name": "weights.pth", "sha256": "0" * 64}
