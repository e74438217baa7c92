import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from facemotion.errors import PriorError, WorkspaceError
from facemotion.priors.bank import PriorBank, PriorMeta


@pytest.fixture
def bank(study):
    return study.bank(header={"stage": "priors"})


@pytest.fixture
def saved(bank, tmp_path):
    bank.save(tmp_path / "demo.npz")
    return tmp_path / "demo.npz"


def rewrite(path, **members):
    """Replace members of an npz file as somebody with numpy would."""
    with np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    arrays.update({name: value for name, value in members.items() if value is not None})
    np.savez(path, **{name: value for name, value in arrays.items() if members.get(name, 0) is not None})


class TestFile:
    def test_round_trip(self, bank, saved):
        loaded = PriorBank.load(saved)
        for name in ("mean", "mask", "count"):
            np.testing.assert_array_equal(getattr(loaded, name), getattr(bank, name))
            assert getattr(loaded, name).dtype == getattr(bank, name).dtype
        assert loaded.meta.model_copy(update={"content_digest": ""}) == bank.meta
        assert loaded.meta.content_digest == bank.digest()

    def test_saving_a_loaded_bank_gives_the_same_bytes(self, saved, tmp_path):
        PriorBank.load(saved).save(tmp_path / "again.npz")
        assert (tmp_path / "again.npz").read_bytes() == saved.read_bytes()

    def test_numpy_alone_can_read_it(self, saved):
        with np.load(saved, allow_pickle=False) as archive:
            assert sorted(archive.files) == ["count", "mask", "mean", "meta"]
            meta = json.loads(str(archive["meta"]))
        assert meta["schema_version"] == 1
        assert meta["classes"] == ["anger", "happiness", "surprise"]
        assert meta["dataset"] == "demo"
        assert meta["left_out"] == [["S00", "S02", "S04"], ["S01", "S03"]]

    def test_no_dates_in_it(self, saved):
        assert {item.date_time for item in zipfile.ZipFile(saved).infolist()} == {(1980, 1, 1, 0, 0, 0)}

    def test_unwritable_place(self, bank, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(WorkspaceError):
            bank.save(tmp_path / "file" / "demo.npz")


class TestFaults:
    def test_missing_file(self, tmp_path):
        with pytest.raises(PriorError, match=r"there is no prior bank .*build-priors"):
            PriorBank.load(tmp_path / "none.npz")

    def test_folder(self, tmp_path):
        with pytest.raises(PriorError, match="is a folder"):
            PriorBank.load(tmp_path)

    def test_a_folder_that_may_not_be_entered(self, saved):
        with pytest.raises(WorkspaceError, match=r"cannot read .*Not a directory"):
            PriorBank.load(saved / "inside.npz")

    @pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.7, 0.999])
    def test_cut_off(self, saved, share):
        content = saved.read_bytes()
        saved.write_bytes(content[: int(len(content) * share)])
        with pytest.raises(PriorError, match="cut off or is something else"):
            PriorBank.load(saved)

    def test_flipped_bit(self, saved):
        content = bytearray(saved.read_bytes())
        content[len(content) // 3] ^= 1
        saved.write_bytes(bytes(content))
        with pytest.raises(PriorError):
            PriorBank.load(saved)

    def test_text_instead(self, tmp_path):
        (tmp_path / "a.npz").write_text("subject,expression\nS005,anger\n")
        with pytest.raises(PriorError, match=r"is no \.npz file, whatever its name says") as caught:
            PriorBank.load(tmp_path / "a.npz")
        assert "pickle" not in str(caught.value)

    @pytest.mark.parametrize("name", ["mean.npy", "count.npy", "meta.npy"])
    def test_a_member_that_is_no_array(self, saved, name):
        with zipfile.ZipFile(saved) as archive:
            members = {item: archive.read(item) for item in archive.namelist()}
        with zipfile.ZipFile(saved, "w") as archive:
            for item, content in {**members, name: b"something else"}.items():
                archive.writestr(item, content)
        with pytest.raises(PriorError, match=f"its {name[:-4]} is not an array"):
            PriorBank.load(saved)

    def test_npy_instead(self, tmp_path):
        np.save(tmp_path / "a.npy", np.zeros(3))
        with pytest.raises(PriorError, match="single array"):
            PriorBank.load(tmp_path / "a.npy")

    def test_foreign_npz(self, tmp_path):
        np.savez(tmp_path / "a.npz", weights=np.zeros(3))
        with pytest.raises(PriorError, match="has no mean, mask, count, meta"):
            PriorBank.load(tmp_path / "a.npz")

    def test_pickled_content_is_never_opened(self, saved):
        rewrite(saved, meta=np.array({"schema_version": 1}, dtype=object))
        with pytest.raises(PriorError, match="cannot be read as a prior bank"):
            PriorBank.load(saved)

    @pytest.mark.parametrize("meta", ["[]", "{}", "nonsense", '"text"', "[" * 100_000])
    def test_foreign_meta(self, saved, meta):
        rewrite(saved, meta=np.array(meta))
        with pytest.raises(PriorError, match="its meta is not the record of one"):
            PriorBank.load(saved)

    def test_later_schema(self, saved):
        rewrite(saved, meta=np.array('{"schema_version": 9}'))
        with pytest.raises(PriorError, match="prior schema 9, but this facemotion reads 1"):
            PriorBank.load(saved)

    def test_meta_with_unknown_field(self, saved, bank):
        meta = {**bank.meta.model_dump(mode="json"), "colour": "blue"}
        rewrite(saved, meta=np.array(json.dumps(meta)))
        with pytest.raises(PriorError, match="meta colour"):
            PriorBank.load(saved)

    @pytest.mark.parametrize("name", ["mean", "mask", "count"])
    def test_changed_values(self, saved, bank, name):
        changed = getattr(bank, name).copy()
        changed[0, 0] = changed[0, 0] * 0 + 1
        rewrite(saved, **{name: changed})
        with pytest.raises(PriorError, match="was changed after it was written"):
            PriorBank.load(saved)

    def test_changed_meta(self, saved, bank):
        meta = {**bank.meta.model_dump(mode="json"), "content_digest": bank.digest(), "dataset": "ckplus"}
        rewrite(saved, meta=np.array(json.dumps(meta)))
        with pytest.raises(PriorError, match="was changed after it was written"):
            PriorBank.load(saved)

    @pytest.mark.parametrize(
        ("name", "change", "sentence"),
        [
            ("mean", lambda a: a.astype(np.float64), "mean is float64, expected float32"),
            ("count", lambda a: a.astype(np.int32), "count is int32, expected int64"),
            ("mask", lambda a: a[:, :2], "mask has shape"),
            ("mean", lambda a: a[..., :3], "do not fit mask"),
            ("count", lambda a: a[:1], "do not fit mask"),
            ("mask", lambda a: a + 1, "mask has values that are not finite or not between 0 and 1"),
            ("mean", lambda a: a * np.float32("nan"), "mean has values that are not finite"),
            ("count", lambda a: -a, "negative value"),
            ("count", lambda a: a * 0, "count 0"),
        ],
    )
    def test_wrong_arrays(self, saved, bank, name, change, sentence):
        rewrite(saved, **{name: change(getattr(bank, name))})
        with pytest.raises(PriorError, match=sentence):
            PriorBank.load(saved)


class TestBank:
    def test_index_of_folds(self, bank):
        assert bank.folds == 2
        assert [bank.index(fold) for fold in (0, 1, None)] == [0, 1, 2]
        for fold in (-1, 2):
            with pytest.raises(PriorError, match="it has 2 folds"):
                bank.index(fold)

    @pytest.mark.parametrize("classes", [(), ("anger", "anger"), ("Angry",), ("joy",)])
    def test_classes_are_canonical_and_distinct(self, bank, classes):
        with pytest.raises(ValueError, match="distinct canonical"):
            PriorMeta.model_validate({**bank.meta.model_dump(), "classes": classes})

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"dataset": ""}, "must be a name"),
            ({"dataset": "ckplus+"}, "must be a name"),
            ({"dataset": "a b"}, "must be a name"),
            ({"left_out": (("S00", "S02"), ("S02",))}, "left out twice"),
            ({"origins": ()}, "at least one step"),
            ({"origins": ({"source": "x"},)}, "must name its operation"),
        ],
    )
    def test_metadata_that_says_nothing_is_refused(self, bank, changes, sentence):
        with pytest.raises(ValueError, match=sentence):
            bank.with_meta(**changes)

    def test_sources_of_a_merged_bank(self, bank):
        assert bank.with_meta(dataset="mmi+ckplus").meta.sources == ("ckplus", "mmi")

    def test_masks_without_means(self, bank):
        alone = replace(
            bank,
            mean=bank.mean * 0,
            count=bank.count * 0,
            meta=bank.meta.model_copy(update={"masks_only": True}),
        )
        assert alone.missing() == ()
        with pytest.raises(PriorError, match="only masks are known"):
            replace(alone, mean=bank.mean)

    def test_provenance_is_kept(self, saved):
        assert PriorBank.load(saved).meta.provenance == {"stage": "priors"}
