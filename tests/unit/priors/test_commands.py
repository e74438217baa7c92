import pytest
from click.testing import CliRunner

from facemotion.alignment.geometry import alignment_id
from facemotion.alignment.store import FACES
from facemotion.config import AlignSettings
from facemotion.errors import PriorError
from facemotion.manifest import write_table
from facemotion.priors.bank import PriorBank
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
    assert run("show", "demo.npz", "-o", "figure.jpg").exit_code == 2


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
    assert (banks / "matrix.png").is_file()
    assert "fold 1" in run("compare", "demo.npz", "--folds").output
    assert run("compare", "demo.npz", "mmi.npz", "--folds").exit_code == 2
    assert "between halves" in run("stability", "demo.npz").output


def test_errors_are_the_projects_own(banks):
    assert isinstance(run("show", "none.npz").exception, PriorError)
    assert isinstance(run("import-fmpn", ".", "-o", "p.npz").exception, PriorError)
