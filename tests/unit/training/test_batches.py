import numpy as np
import pytest
import torch
from torch.nn import functional

from facemotion.training import batches
from facemotion.training.augmentation import draw_looks
from facemotion.training.batches import Faces, cuts
from facemotion.training.data import TrainingData
from facemotion.training.distributed import Group
from facemotion.training.settings import DataSettings
from facemotion.training.views import Views, centre_views, draw_views, resample

CPU = torch.device("cpu")


def make_data(number: int = 12, size: tuple[int, int] = (20, 20)) -> TrainingData:
    random = np.random.default_rng(number)
    names = np.array([f"S{index:03d}" for index in range(number)])
    return TrainingData(
        crops=random.integers(0, 256, (number + 5, *size, 3), dtype=np.uint8),
        rows=random.permutation(number + 5)[:number],
        labels=np.arange(number) % 3,
        sample_ids=names,
        subjects=names,
        splits=np.array([""] * number),
        classes=("anger", "fear", "surprise"),
        dataset="demo",
        alignment="a" * 16,
        manifest_digest="",
    )


def make_faces(data: TrainingData, settings: DataSettings, known=(True, True, True), **options) -> Faces:
    masks = np.random.default_rng(5).random((3, *data.crops.shape[1:3]), dtype=np.float32)
    return Faces(data, masks, np.array(known), settings, CPU, **options)


@pytest.mark.parametrize(("size", "resize", "crop"), [(70, 320, 299), (20, 32, 27), (20, 20, 16), (20, 33, 33)])
@pytest.mark.parametrize("mirrored", [False, True])
def test_resampling_is_enlarging_then_cutting_then_mirroring(size: int, resize: int, crop: int, mirrored: bool) -> None:
    settings = DataSettings(resize=resize, crop=crop)
    rest = resize - crop
    places = [(0, 0), (rest, 0), (0, rest), (rest, rest), (round(rest / 2), round(rest / 2))]
    planes = torch.rand(5, 2, size, size)
    left, top = torch.tensor(places).unbind(dim=1)
    own = resample(planes, Views(left, top, torch.full((5,), mirrored)), settings)
    large = functional.interpolate(planes, (resize, resize), mode="bilinear", align_corners=False)
    for picture, (x, y), result in zip(large, places, own, strict=True):
        window = picture[:, y : y + crop, x : x + crop]
        torch.testing.assert_close(result, window.flip(-1) if mirrored else window, atol=2e-4, rtol=0)


def test_an_epoch_uses_the_five_positions_and_mirrors_half() -> None:
    views = draw_views(2000, DataSettings(resize=320, crop=299), torch.Generator().manual_seed(0))
    places, counts = np.unique(np.stack([views.left, views.top]), axis=1, return_counts=True)
    assert sorted(map(tuple, places.T.tolist())) == [(0, 0), (0, 21), (10, 10), (21, 0), (21, 21)]
    assert counts.min() > 330
    assert 0.45 < views.mirrored.float().mean() < 0.55


def test_nothing_is_mirrored_where_that_is_not_wanted() -> None:
    settings = DataSettings(resize=320, crop=299, flip=False)
    assert not draw_views(50, settings, torch.Generator()).mirrored.any()
    assert not centre_views(50, DataSettings(resize=320, crop=299)).mirrored.any()


def test_a_test_face_is_cut_out_at_the_centre() -> None:
    views = centre_views(3, DataSettings(resize=320, crop=299))
    assert views.left.tolist() == views.top.tolist() == [10, 10, 10]


def test_a_batch_holds_colour_luma_prior_and_label_of_each_face() -> None:
    data = make_data()
    settings = DataSettings(resize=20, crop=20)  # a crop as it is
    faces = make_faces(data, settings)
    order = torch.tensor([3, 8, 1])
    (batch,) = faces.batches(order, centre_views(3, settings), 10)
    for place, position in enumerate(order.tolist()):
        pixels = data.crops[data.rows[position]] / 255
        np.testing.assert_allclose(batch.color[place].permute(1, 2, 0), pixels, atol=1e-6)
        np.testing.assert_allclose(batch.gray[place, 0], pixels @ [0.299, 0.587, 0.114], atol=1e-6)
        mask = np.random.default_rng(5).random((3, 20, 20), dtype=np.float32)[data.labels[position]]
        np.testing.assert_allclose(batch.prior[place, 0], mask, atol=1e-6)
    assert batch.labels.tolist() == data.labels[order].tolist()


@pytest.mark.parametrize("resident", [1 << 30, 0])
def test_colour_is_channels_last(resident: int) -> None:
    settings = DataSettings(resize=25, crop=20)
    faces = make_faces(make_data(), settings, resident_bytes=resident)
    for batch in faces.batches(torch.arange(12), centre_views(12, settings), 5):
        assert batch.color.is_contiguous(memory_format=torch.channels_last)
        assert not batch.color.is_contiguous()


def test_a_class_without_a_prior_has_no_weight_in_the_mask_loss() -> None:
    data = make_data()
    settings = DataSettings(resize=20, crop=16)
    faces = make_faces(data, settings, known=(True, False, True))
    order = torch.arange(6)  # labels 0 1 2 0 1 2
    (batch,) = faces.batches(order, centre_views(6, settings), 6)
    assert batch.mask_weight.tolist() == [0.25, 0, 0.25, 0.25, 0, 0.25]
    assert batch.class_weight.sum().item() == pytest.approx(1)
    (unguided,) = faces.batches(torch.tensor([1, 4]), centre_views(2, settings), 6)
    assert unguided.mask_weight.tolist() == [0, 0]


@pytest.mark.parametrize("at_a_time", [2, 1024])
def test_faces_read_batch_by_batch_are_those_that_lie_on_the_device(
    at_a_time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "AT_A_TIME", at_a_time)
    data = make_data(number=9)
    settings = DataSettings(resize=25, crop=20)
    views = draw_views(9, settings, torch.Generator().manual_seed(1))
    order = torch.randperm(9)
    pairs = zip(
        make_faces(data, settings).batches(order, views, 4),
        make_faces(data, settings, resident_bytes=0).batches(order, views, 4),
        strict=True,
    )
    for resident, streamed in pairs:
        assert torch.equal(resident.color, streamed.color)
        assert torch.equal(resident.prior, streamed.prior)


@pytest.mark.parametrize(
    ("number", "size", "least", "lengths"),
    [(7, 3, 2, [3, 4]), (8, 3, 2, [3, 3, 2]), (1, 3, 2, [1]), (10, 4, 4, [4, 6])],
)
def test_no_batch_is_too_small_for_batch_norm(number: int, size: int, least: int, lengths: list[int]) -> None:
    parts = cuts(number, size, least=least)
    assert [part.stop - part.start for part in parts] == lengths
    assert [index for part in parts for index in range(number)[part]] == list(range(number))


@pytest.mark.parametrize("processes", [2, 3])
def test_processes_share_a_batch_without_gap_or_overlap(processes: int) -> None:
    data = make_data(number=12)
    settings = DataSettings(resize=25, crop=20)
    views = draw_views(12, settings, torch.Generator().manual_seed(1))
    faces = make_faces(data, settings, known=(True, False, True))
    whole = list(faces.batches(torch.arange(12), views, 6))
    shares = [list(faces.batches(torch.arange(12), views, 6, Group(rank, processes))) for rank in range(processes)]
    for number, batch in enumerate(whole):
        parts = [share[number] for share in shares]
        for name in ("color", "prior", "labels", "mask_weight", "class_weight"):
            assert torch.equal(torch.cat([getattr(part, name) for part in parts]), getattr(batch, name))


def test_mixed_faces_have_a_prior_only_where_both_classes_do_and_shares_copy_what_was_drawn() -> None:
    settings = DataSettings(resize=20, crop=16, mixing=0.5, erasing=1.0)
    data = make_data()
    faces = make_faces(data, settings, known=(True, True, False))
    generator = torch.Generator().manual_seed(0)
    positions, views = torch.arange(6), centre_views(6, settings)
    looks = draw_looks(6, settings, generator)
    (share,) = faces.shares(positions, views, 6, looks=looks)
    batch, copied = faces.show(share), faces.show(share.clone(CPU))
    assert torch.equal(batch.color, copied.color)
    assert batch.labels.tolist() == [0, 1, 2, 0, 1, 2]
    assert batch.other_labels is not None
    assert batch.other_labels.tolist() == [1, 2, 0, 1, 2, 0]
    assert torch.equal(batch.other_share, looks[7])
    assert (batch.mask_weight > 0).tolist() == [True, False, False, True, False, False]
