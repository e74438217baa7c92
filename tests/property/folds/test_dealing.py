from hypothesis import given
from hypothesis import strategies as st

from facemotion.folds import deal

names = st.lists(st.text("abcdef0123456789", min_size=1, max_size=4), min_size=2, max_size=60, unique=True)


@given(data=st.data(), subjects=names, scheme=st.sampled_from(["fmpn", "round-robin"]))
def test_every_subject_is_in_one_fold_and_no_fold_is_empty(data, subjects, scheme):
    folds = data.draw(st.integers(2, len(subjects)))
    dealt = deal(subjects, folds, scheme=scheme)
    assert len(dealt) == folds
    assert all(dealt)
    assert sorted(name for fold in dealt for name in fold) == sorted(subjects)
    sizes = [len(fold) for fold in dealt]
    assert max(sizes) - min(sizes) <= 2


@given(data=st.data(), subjects=names, scheme=st.sampled_from(["fmpn", "round-robin"]))
def test_order_of_the_subjects_does_not_matter(data, subjects, scheme):
    shuffled = data.draw(st.permutations(subjects))
    assert deal(shuffled, 2, scheme=scheme) == deal(subjects, 2, scheme=scheme)


@given(subjects=names)
def test_fmpn_folds_are_blocks_numbered_backwards(subjects):
    dealt = deal(subjects, 2)
    assert dealt[1] + dealt[0] == sorted(subjects)
