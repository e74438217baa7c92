import json

import pytest
from click.testing import CliRunner

from facemotion.alignment.geometry import alignment_id
from facemotion.alignment.settings import AlignSettings
from facemotion.alignment.store import FACES
from facemotion.errors import PriorError
from facemotion.priors.bank import PriorBank
from facemotion.tables import write_table
from facemotion_cli.priors import command


@pytest.fixture
def banks(study, new_study, tmp_path):
    """Save a bank of demo and one of mmi in the current folder."""
    own = AlignSettings(crop_size=(16, 16))
    for name, seed in (("demo", 0), ("mmi", 1)):
        made = new_study(size=(16, 16), seed=seed).bank(alignment=alignment_id(own), alignment_settings=own.as_json())
        made.with_meta(dataset=name).save(tmp_path / f"{name}.npz")
    return tmp_path


def run(*words):
    return CliRunner().invoke(command, list(words), catch_exceptions=True)


def test_show(banks):
    result = run("show", "demo.npz", "-o", "figure.png", "--folds")
    assert result.exit_code == 0, result.output
    assert "demo (synthetic faces)" in result.output
    assert (banks / "figure.png").is_file()
    assert run("show", "demo.npz", "--raw").exit_code == 2
    refused = run("show", "demo.npz", "-o", "figure.jpg")
    assert refused.exit_code == 2
    assert "dataset" not in refused.output


def test_transfer_to_a_label_space_and_size(banks):
    result = run("transfer", "demo.npz", "--to", "affectnet7", "--crop-size", "20", "24", "-o", "p.npz")
    assert result.exit_code == 0, result.output
    bank = PriorBank.load(banks / "p.npz")
    assert bank.classes[0] == "neutral"
    assert bank.size == (20, 24)
    assert bank.meta.alignment == alignment_id(AlignSettings(crop_size=(20, 24)))


def test_transfer_to_the_alignment_of_a_dataset(banks, study):
    settings = AlignSettings(crop_size=(18, 18), fit="eyes-nose")
    faces = FACES.empty_table().to_pandas()
    header = {"settings": settings.as_json()}
    write_table(banks / "work" / "mmi" / "faces.parquet", faces, schema=FACES, header=header)
    result = run("transfer", "demo.npz", "--align-to", "mmi", "--work", "work", "-o", "p.npz")
    assert result.exit_code == 0, result.output
    assert PriorBank.load(banks / "p.npz").meta.alignment == alignment_id(settings)


def test_transfer_to_the_alignment_of_another_bank(banks):
    assert run("transfer", "demo.npz", "--crop-size", "20", "24", "-o", "large.npz").exit_code == 0
    result = run("transfer", "mmi.npz", "--align-to", "large.npz", "-o", "p.npz")
    assert result.exit_code == 0, result.output
    assert "crop_size 16 x 16 to 20 x 24" in result.output
    large, bank = (PriorBank.load(banks / name) for name in ("large.npz", "p.npz"))
    assert (bank.meta.alignment, bank.size) == (large.meta.alignment, (20, 24))
    assert run("merge", "large.npz", "p.npz", "-o", "both.npz").exit_code == 0


def test_transfer_to_an_alignment_that_nobody_knows(banks, study):
    assert "run `facemotion align --dataset mmi` first" in str(
        run("transfer", "demo.npz", "--align-to", "mmi", "-o", "p.npz").exception
    )
    assert "unknown dataset 'mmj'" in str(run("transfer", "demo.npz", "--align-to", "mmj", "-o", "p.npz").exception)
    study.bank().save(banks / "bare.npz")
    wrong = run("transfer", "demo.npz", "--align-to", "bare.npz", "-o", "p.npz")
    assert "does not say how its faces were aligned" in str(wrong.exception)
    assert not (banks / "p.npz").exists()


def test_transfer_without_a_target(banks):
    assert "nothing to do" in run("transfer", "demo.npz", "-o", "p.npz").output
    words = ("transfer", "demo.npz", "--align-to", "mmi", "--crop-size", "9", "9", "-o", "p.npz")
    assert run(*words).exit_code == 2
    assert run("transfer", "demo.npz", "--to", "basic6", "-o", "p.txt").exit_code == 2
    assert not (banks / "p.npz").exists()


def test_merge(banks):
    result = run("merge", "demo.npz", "mmi.npz", "-o", "both.npz")
    assert result.exit_code == 0, result.output
    assert PriorBank.load(banks / "both.npz").meta.sources == ("demo", "mmi")


def test_compare_and_stability(banks):
    result = run("compare", "demo.npz", "mmi.npz", "-o", "matrix.png")
    assert result.exit_code == 0, result.output
    assert "structural similarity" in result.output
    assert "classes whose closest mask" in result.output
    assert "note" not in result.output
    assert (banks / "matrix.png").is_file()
    assert "fold 1" in run("compare", "demo.npz", "--folds").output
    assert run("compare", "demo.npz", "mmi.npz", "--folds").exit_code == 2
    assert "least like all subjects' mask" in run("compare", "demo.npz", "--folds").output
    assert "most alike" in run("compare", "demo.npz").output
    result = run("stability", "demo.npz", "-o", "stability.png")
    assert result.exit_code == 0, result.output
    assert "of the whole: what follows for the masks of all subjects" in result.output
    assert (banks / "stability.png").is_file()
    assert run("stability", "demo.npz", "-o", "stability.jpg").exit_code == 2


def test_compare_in_one_geometry(banks):
    result = run("compare", "demo.npz", "demo.npz", "--fit", "-o", "matrix.png")
    assert result.exit_code == 0, result.output
    assert "in the geometry of" in result.output
    assert "scale 1.000, 0.00 pixels right and 0.00 down" in result.output
    assert "agreement: correlation on the central 12 x 14 of 16 x 16 pixels" in result.output
    assert (banks / "matrix.png").is_file()
    assert run("transfer", "demo.npz", "--crop-size", "20", "20", "-o", "wide.npz").exit_code == 0
    assert "give --fit" in str(run("compare", "demo.npz", "wide.npz").exception)
    result = run("compare", "demo.npz", "wide.npz", "--fit")
    assert result.exit_code == 0, result.output
    assert "correlation of the mean masks of 3 common classes 1.000" in result.output
    assert run("compare", "demo.npz", "--fit").exit_code == 2


def test_atlas(banks):
    result = run("atlas", "demo.npz", "mmi.npz", "--fit")
    assert result.exit_code == 0, result.output
    assert "demo - mmi" in result.output
    assert (banks / "atlas.png").is_file()
    content = json.loads((banks / "atlas.json").read_text(encoding="utf-8"))
    assert content["sources"] == ["demo", "mmi"]
    assert content["provenance"]["settings"] == {"fit": True}
    (banks / "other").mkdir()
    PriorBank.load(banks / "mmi.npz").save(banks / "other" / "demo.npz")
    result = run("atlas", "demo.npz", "other/demo.npz", "-o", "two.png")
    assert f"{banks.name}/demo - other/demo" in result.output
    assert run("atlas", "demo.npz", "demo.npz").exit_code == 2
    assert run("atlas", "demo.npz", "mmi.npz", "-o", "atlas.jpg").exit_code == 2
    assert "at least two" in str(run("atlas", "demo.npz").exception)


def test_compare_says_what_else_differs(banks):
    bank = PriorBank.load(banks / "mmi.npz")
    bank.with_meta(neutral="sequence", phi="none").save(banks / "other.npz")
    assert "neutral subject and sequence; phi ranks and none" in run("compare", "demo.npz", "other.npz").output


def test_errors_are_the_projects_own(banks):
    assert isinstance(run("show", "none.npz").exception, PriorError)
    assert isinstance(run("import-fmpn", ".", "-o", "p.npz").exception, PriorError)
