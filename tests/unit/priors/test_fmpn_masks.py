import cv2
import numpy as np
import pytest

from facemotion.errors import PriorError
from facemotion.folds import Fold, Folds
from facemotion.priors.fmpn_masks import import_masks


@pytest.fixture
def checkout(tmp_path):
    """Return a folder laid out as FMPN-FER's datasets/CKPlus, with three folds."""
    folder = tmp_path / "CKPlus"
    for fold in range(3):
        (folder / "imgs_res" / str(fold)).mkdir(parents=True)
        for kind in range(7):
            image = np.random.default_rng([fold, kind]).integers(0, 256, (70, 70), dtype=np.uint8)
            cv2.imwrite(str(folder / "imgs_res" / str(fold) / f"{kind}.png"), image)
        (folder / f"test_ids_{fold}.csv").write_text(f"S{fold:03d}_001_00000009.png\nS{fold:03d}_002_00000010.png\n")
    return folder


def test_masks_without_means(checkout):
    bank = import_masks(checkout)
    assert (bank.folds, bank.size, len(bank.classes)) == (3, (70, 70), 7)
    assert bank.meta.dataset == "ckplus"
    assert bank.meta.masks_only
    tested = tuple(Fold((f"S{n:03d}",), (f"S{n:03d}_001_00000009", f"S{n:03d}_002_00000010")) for n in range(3))
    assert bank.meta.folds_digest == Folds("fmpn", "ckplus", "", tested).digest
    assert bank.meta.left_out == (("S000",), ("S001",), ("S002",))
    image = cv2.imread(str(checkout / "imgs_res" / "1" / "4.png"), cv2.IMREAD_GRAYSCALE)
    np.testing.assert_array_equal(bank.mask[1, 4], (image / 255).astype(np.float32))
    np.testing.assert_allclose(bank.mask[3], bank.mask[:3].mean(axis=0), atol=1e-6)
    assert bank.missing() == ()
    assert not bank.count.any()


def test_it_can_be_saved_read_and_found_from_imgs_res(checkout, tmp_path):
    bank = import_masks(checkout / "imgs_res")
    bank.save(tmp_path / "p.npz")
    assert type(bank).load(tmp_path / "p.npz").digest() == import_masks(checkout).digest()


def test_six_classes_are_mmi(checkout):
    for fold in range(3):
        (checkout / "imgs_res" / str(fold) / "6.png").unlink()
    bank = import_masks(checkout)
    assert bank.meta.dataset == "mmi"
    assert "contempt" not in bank.classes


def test_faults(checkout, tmp_path):
    with pytest.raises(PriorError, match="holds no masks of FMPN-FER"):
        import_masks(tmp_path)
    path = checkout / "imgs_res" / "1" / "2.png"
    content = path.read_bytes()
    path.unlink()
    with pytest.raises(PriorError, match=r"1/2\.png is missing"):
        import_masks(checkout)
    path.write_bytes(b"no picture")
    with pytest.raises(PriorError, match="cannot be read as a picture"):
        import_masks(checkout)
    cv2.imwrite(str(path), np.zeros((81, 81), np.uint8))
    with pytest.raises(PriorError, match="masks differ in size"):
        import_masks(checkout)
    path.write_bytes(content)
    (checkout / "test_ids_2.csv").write_text("nonsense\n")
    with pytest.raises(PriorError, match="is not a list of images"):
        import_masks(checkout)
    (checkout / "test_ids_2.csv").unlink()
    with pytest.raises(PriorError, match="whom the fold's masks leave out"):
        import_masks(checkout)


def test_a_subject_in_two_test_lists(checkout):
    (checkout / "test_ids_2.csv").write_text("S002_001_00000009.png\nS000_001_00000009.png\n")
    with pytest.raises(PriorError, match=r"subject S000 is in test_ids_0\.csv and test_ids_2\.csv"):
        import_masks(checkout)


def test_another_number_of_classes(checkout):
    for fold in range(3):
        for kind in (5, 6):
            (checkout / "imgs_res" / str(fold) / f"{kind}.png").unlink()
    with pytest.raises(PriorError, match="has 5 masks a fold"):
        import_masks(checkout)
