import pytest

from facemotion.config import FoldSettings
from facemotion.errors import ConfigError
from facemotion.folds import build_folds, deal

MMI_SEQUENCES = {
    "S001": 12, "S002": 11, "S003": 3, "S005": 3, "S006": 1, "S015": 1, "S016": 1, "S028": 4, "S030": 4, "S031": 7,
    "S032": 7, "S033": 10, "S034": 6, "S035": 5, "S036": 5, "S037": 7, "S038": 7, "S039": 6, "S040": 8, "S041": 5,
    "S042": 4, "S043": 4, "S044": 4, "S045": 12, "S046": 14, "S047": 11, "S048": 8, "S049": 17, "S050": 13, "S053": 6,
    "S054": 2,
}  # fmt: skip
"""Published: labelled frontal sequences of each subject of MMI."""


class TestPublishedFolds:
    def test_sizes_of_ckplus(self):
        subjects = [f"S{number:03d}" for number in range(118)]
        dealt = deal(subjects, 10)
        assert [len(chunk) for chunk in reversed(dealt)] == [12, 12, 11, 12, 12, 12, 12, 11, 12, 12]
        assert dealt[9][0] == "S000"
        assert dealt[0][-1] == "S117"

    def test_sizes_of_mmi_and_oulu(self):
        assert [len(chunk) for chunk in reversed(deal(list(MMI_SEQUENCES), 10))] == [3, 3, 3, 3, 4, 3, 3, 3, 3, 3]
        assert [len(chunk) for chunk in deal([f"P{n:03d}" for n in range(1, 81)], 10)] == [8] * 10

    def test_images_of_mmi_are_the_published_ones(self, manifest_of):
        manifest = manifest_of({subject: 3 * number for subject, number in MMI_SEQUENCES.items()})
        folds = build_folds(manifest, FoldSettings())
        assert [len(fold.test_samples) for fold in folds.folds] == [63, 108, 90, 39, 63, 69, 72, 27, 15, 78]

    def test_halves_are_rounded_to_even(self):
        assert [len(chunk) for chunk in reversed(deal(list("abcde"), 2))] == [2, 3]
        assert [len(chunk) for chunk in reversed(deal(list("abcdefg"), 2))] == [4, 3]


class TestSchemes:
    def test_round_robin(self):
        assert deal(list("gfedcba"), 3, scheme="round-robin") == [["a", "d", "g"], ["b", "e"], ["c", "f"]]

    def test_stratified_spreads_classes(self, manifest_of):
        images = {f"S{number:02d}": 4 for number in range(12)}
        manifest = manifest_of(images, expressions=("anger", "fear", "sadness", "surprise"))
        folds = build_folds(manifest, FoldSettings(scheme="stratified", folds=4))
        by_sample = manifest.set_index("sample_id")["expression"]
        for fold in folds.folds:
            assert by_sample[list(fold.test_samples)].value_counts().to_dict() == dict.fromkeys(
                ("anger", "fear", "sadness", "surprise"), 3
            )

    def test_stratified_depends_on_the_seed(self, manifest_of):
        manifest = manifest_of({f"S{number:02d}": 4 for number in range(12)})
        first, again, other = (
            build_folds(manifest, FoldSettings(scheme="stratified", folds=4, seed=seed)) for seed in (0, 0, 1)
        )
        assert first == again
        assert first.folds != other.folds

    def test_a_rare_class_is_no_obstacle(self, manifest_of):
        manifest = manifest_of({f"S{number:02d}": 3 for number in range(8)})
        manifest.loc[manifest.index[1], "expression"] = "contempt"
        assert len(build_folds(manifest, FoldSettings(scheme="stratified", folds=4))) == 4

    @pytest.mark.parametrize("scheme", ["fmpn", "round-robin", "stratified"])
    def test_fewer_subjects_than_folds(self, scheme, manifest):
        advice = "10 folds need at least 10 subjects, but there are 7: `facemotion folds --dataset mmi --folds 7`"
        with pytest.raises(ConfigError, match=advice):
            build_folds(manifest, FoldSettings(scheme=scheme, fewer=False))
        folds = build_folds(manifest, FoldSettings(scheme=scheme))
        assert [len(fold.subjects) for fold in folds.folds] == [1] * 7

    def test_one_subject_cannot_be_dealt(self, manifest):
        with pytest.raises(ConfigError, match="need at least 2 subjects, but mmi has 1"):
            build_folds(manifest[manifest["subject"] == "S003"], FoldSettings())

    def test_fewer_images_of_every_class_than_folds(self, manifest_of):
        manifest = manifest_of({f"S{number}": 1 for number in range(4)}, expressions=("anger",))
        manifest.loc[manifest["role"] == "expressive", "expression"] = ["anger", "fear", "sadness", "surprise"]
        with pytest.raises(ConfigError, match="4 stratified folds are not possible"):
            build_folds(manifest, FoldSettings(scheme="stratified", folds=4))

    def test_unknown_scheme(self):
        with pytest.raises(ConfigError, match="does not go by names alone"):
            deal(["a", "b"], 2, scheme="random")
