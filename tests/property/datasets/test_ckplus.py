"""Whatever the order of the directory, the case of the suffix or the depth of nesting: the same selection."""

import random
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from facemotion import manifest
from facemotion.datasets.ckplus.selection import select
from facemotion.ingestion.tree import Tree, TreeFile

sequences = st.dictionaries(
    st.tuples(st.integers(1, 999), st.integers(1, 13)),
    st.tuples(st.integers(1, 7), st.integers(4, 9)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=25, deadline=None)
@given(sequences=sequences, prefix=st.sampled_from(["", "CK+/", "a/b/"]), seed=st.integers(0, 99))
def test_order_and_nesting_do_not_change_the_selection(sequences, prefix, seed):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        files = []
        for (subject, session), (code, frames) in sequences.items():
            name = f"S{subject:03d}_{session:03d}"
            label = f"{prefix}Emotion/{name}_{frames:08d}_emotion.txt"
            (root / label).parent.mkdir(parents=True, exist_ok=True)
            (root / label).write_text(f"   {code:.7e}\n")
            files.append(label)
            files += [f"{prefix}images/{name}_{number:08d}.png" for number in range(1, frames + 1)]
        shuffled = random.Random(seed).sample(files, len(files))
        table = select(Tree(root, tuple(TreeFile(path, 1) for path in shuffled)), dataset="ckplus").manifest
        again = select(Tree(root, tuple(TreeFile(path, 1) for path in sorted(files))), dataset="ckplus").manifest
    assert manifest.digest(table) == manifest.digest(again)
    assert (table["role"] == "expressive").sum() == 3 * len(sequences)
    assert (table["role"] == "neutral").sum() == len(sequences)
