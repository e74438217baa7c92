"""Digests of the published lists: computed as they are published, where a selection is as large as the real one."""

import hashlib
import io

from PIL import Image

from facemotion.datasets.ckplus import DATASET as CKPLUS
from facemotion.datasets.mmi import DATASET as MMI
from facemotion.ingestion.findings import Check
from facemotion.ingestion.tree import Tree, TreeFile


def of_lines(lines: list[str]) -> str:
    """Return a digest as the facts define it: of the sorted lines joined by newlines, with one at the end."""
    return hashlib.sha256(("\n".join(sorted(lines)) + "\n").encode()).hexdigest()


def digests(checks: list[Check]) -> dict[str, str | int]:
    return {check.name: check.found for check in checks if check.name.startswith("digest of ")}


def sequences_of(counts: dict[str, int], codes: dict[str, int]) -> dict[str, int]:
    """Return as many sequences of each class as are published, ``S010_001`` and so on, with their codes."""
    found = {}
    for expression, number in counts.items():
        found |= {f"S{10 + len(found) + at:03d}_001": codes[expression] for at in range(number)}
    return found


def test_ckplus_has_four(tmp_path):
    codes = {expression: code for code, expression in enumerate(CKPLUS.info.classes, start=1)}
    labels = sequences_of(dict(CKPLUS.info.sequences), codes)
    assert len(labels) == 327
    files = []
    for name, code in labels.items():
        files += [f"images/{name}_{number:08d}.png" for number in range(1, 7)]
        files.append(f"labels/{name}_00000006_emotion.txt")
        (tmp_path / "labels").mkdir(exist_ok=True)
        (tmp_path / files[-1]).write_text(f"   {code:.7e}\n")
    files += [f"images/S900_001_{number:08d}.png" for number in range(1, 5)]  # without a label
    result = CKPLUS.ingest(Tree(tmp_path, tuple(TreeFile(path, 1) for path in files)), CKPLUS.choose({}))
    assert digests(result.checks) == {
        "digest of image names": of_lines([f"{name}_0000000{n}.png" for name in labels for n in (4, 5, 6)]),
        "digest of sequences": of_lines([*labels]),
        "digest of labels": of_lines([f"{name}\t{code}" for name, code in labels.items()]),
        "digest of last frames of all sequences": of_lines([*(f"{name}\t6" for name in labels), "S900_001\t4"]),
    }
    published = {check.name: check.expected for check in result.checks if check.name.startswith("digest of ")}
    assert published == {f"digest of {what}": digest for what, digest in CKPLUS.info.digests.items()}
    assert {check.ok for check in result.checks if check.name.startswith(("sequences, all", "images, "))} == {True}
    assert {check.ok for check in result.checks if check.name.startswith("digest of ")} == {False}  # other people


def test_mmi_has_three(tmp_path):
    codes = {expression: code for code, expression in enumerate(MMI.info.classes, start=1)}
    labels = sequences_of(dict(MMI.info.sequences), codes)
    labels = {name.replace("S021", "S300"): code for name, code in labels.items()}  # S021 is filmed in profile
    assert len(labels) == 208
    buffer = io.BytesIO()
    Image.new("L", (12, 16), 90).save(buffer, "PNG")
    for name in labels:
        for number in range(20, 25):
            (tmp_path / f"{name}_{number:03d}.png").write_bytes(buffer.getvalue())
    table = tmp_path / "labels.csv"
    table.write_text("\n".join(["sequence,expression", *(f"{name},{code}" for name, code in labels.items())]))
    result = MMI.ingest(Tree.read(tmp_path, "MMI"), MMI.choose({"labels": str(table)}))
    assert digests(result.checks) == {
        "digest of sequences": of_lines([*labels]),
        "digest of labels": of_lines([f"{name}\t{code}" for name, code in labels.items()]),
        "digest of image names": of_lines([f"{name}_0{n}.png" for name in labels for n in (21, 22, 23)]),
    }
    published = {check.name: check.expected for check in result.checks if check.name.startswith("digest of ")}
    assert published == {f"digest of {what}": digest for what, digest in MMI.info.digests.items()}


def test_a_smaller_selection_is_not_compared(ck_tree):
    result = CKPLUS.ingest(Tree.read(ck_tree({"S005_001": (3.0, 11)}), "CK+"), CKPLUS.choose({}))
    assert digests(result.checks) == {}


def test_the_published_values_are_those_of_the_facts():
    """The values that the authors' lists have, so that nobody changes them unawares."""
    assert {what: digest[:8] for what, digest in CKPLUS.info.digests.items()} == {
        "image names": "283bfbf9",
        "sequences": "1cc6b7ee",
        "labels": "221969c9",
        "last frames of all sequences": "6522a577",
    }
    assert {what: digest[:8] for what, digest in MMI.info.digests.items()} == {
        "image names": "bc9f42d6",
        "sequences": "7be49fa4",
        "labels": "d3d408c0",
    }
    for digest in (*CKPLUS.info.digests.values(), *MMI.info.digests.values()):
        assert len(bytes.fromhex(digest)) == 32
