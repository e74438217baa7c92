"""The registry of variants: names without torch, one place to ask what a variant does."""

import subprocess
import sys

import pytest

from facemotion.errors import ConfigError
from facemotion.models import variants
from facemotion.models.settings import ModelSettings


def test_the_papers_three_come_first_and_then_others_by_name() -> None:
    assert variants.names()[:3] == ("fmpn", "no-mask-loss", "cnn") == variants.PUBLISHED
    assert list(variants.names()[3:]) == sorted(variants.names()[3:])
    assert variants.ordered({"zebra", "cnn", "fmpn", "ant"}) == ["fmpn", "cnn", "ant", "zebra"]


@pytest.mark.parametrize("name", variants.names())
def test_a_variant_is_called_as_its_file_is(name: str) -> None:
    variant = variants.load(name)
    assert variant.name == name
    assert len(variant.summary) > 10
    assert variant.parts(ModelSettings())[0] == "classifier"


def test_of_the_published_ones_only_fmpn_sees_the_prior() -> None:
    found = {name: variants.load(name) for name in variants.PUBLISHED}
    assert [name for name, variant in found.items() if variant.uses_prior] == ["fmpn"]
    assert [name for name, variant in found.items() if variant.generator_first(ModelSettings())] == ["fmpn"]
    assert [name for name, variant in found.items() if variant.has_masks] == ["fmpn", "no-mask-loss"]


@pytest.mark.parametrize("name", variants.names())
def test_a_variant_that_gives_masks_says_what_they_are(name: str) -> None:
    found = variants.load(name)
    assert bool(found.mask_words) == found.has_masks
    assert not found.has_masks or found.mask_words.endswith(".")


def test_variants_and_controls_are_crossed_where_a_prior_guides() -> None:
    assert variants.crossed(["guided", "cnn"], ["au", "flipped"]) == ["cnn", "guided", "guided@au", "guided@flipped"]
    with pytest.raises(ConfigError, match="unknown variant"):
        variants.crossed(["fmnp"], [])


def test_an_unknown_one_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"'fmnp' \(did you mean fmpn\?\): expected one of fmpn, no-mask-loss, cnn"):
        variants.load("fmnp")


def test_asking_what_a_variant_does_loads_no_torch() -> None:
    code = "; ".join(
        [
            "import sys",
            "from facemotion.models import variants",
            "[variants.load(name).uses_prior for name in variants.names()]",
            "print([name for name in ('torch', 'timm', 'cv2', 'pandas') if name in sys.modules])",
        ]
    )
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert shown.strip() == "[]"
