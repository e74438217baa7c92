"""Several selections of a dataset beside each other, and runs and priors that find their own."""

import json
from pathlib import Path

import pytest

from facemotion import manifest
from facemotion.places import Selection
from facemotion.priors.bank import PriorBank
from facemotion.runs import Run
from facemotion.workspace import Workspace

FACES = ("--subjects", 2, "--size", "96x96", "--workers", 1)


@pytest.fixture
def two_demos(run, tiny, cheaply):
    """Two demos with other people in one workspace, each trained on a fold of two."""
    sets = [option.removeprefix("--set=") for option in tiny if option.startswith("--set=")]
    Path("tiny.toml").write_text(_preset(sets))
    for seed in (0, 1):
        run("demo", *FACES, "--seed", seed, "--preset", "tiny.toml", "--folds", 0, "-o", f"report-{seed}.html")
        Path("demo.npz").rename(f"demo-{seed}.npz")
    return Selection(Workspace(), "demo").beside()


def _preset(fields):
    from facemotion.training.settings import load_preset

    values = load_preset("compact", fields).as_json()
    lines = []
    for section in ("model", "data", "training"):
        lines.append(f"[{section}]")
        lines += [f"{name} = {json.dumps(value)}" for name, value in values[section].items() if value is not None]
    return "\n".join(lines)


def test_a_second_demo_lies_beside_the_first(run, two_demos):
    first, second = two_demos
    assert first.folder == Path("facemotion-work/demo")
    assert second.folder.parent == first.folder / "selections"
    assert second.name.startswith("subjects-2-size-96x96-seed-1-")
    banks = [PriorBank.load(Path(f"demo-{seed}.npz")) for seed in (0, 1)]
    assert [bank.meta.manifest_digest for bank in banks] == [each.header["manifest_digest"] for each in (first, second)]
    assert banks[1].meta.provenance["selection"] == second.name
    runs = {each.name: each for each in Run.all(Workspace())}
    assert set(runs) == {"demo-tiny", f"demo-{second.name}-tiny"}
    assert runs["demo-tiny"].config.alignment.selection == "first"
    assert runs[f"demo-{second.name}-tiny"].config.alignment.selection == second.name
    for name, seed in (("demo-tiny", 0), (f"demo-{second.name}-tiny", 1)):
        output = run("train", "--priors", f"demo-{seed}.npz", "--preset", "tiny.toml", "--folds", 0).output
        assert f"{name}: every training is up to date" in output  # a prior finds the faces that it was built from


def test_a_second_label_space_of_affectnet_lies_beside_the_first(run, quirks):
    run("ingest", "--dataset", "affectnet", "--root", quirks("affectnet-a"))
    before = Path("facemotion-work/affectnet/manifest.parquet").read_bytes()
    run("align", "--dataset", "affectnet", "--label-space", "affectnet7", "--workers", 1)
    first, second = Selection(Workspace(), "affectnet").beside()
    assert first.manifest.read_bytes() == before
    assert second.name.startswith("label-space-affectnet7-")
    assert "neutral" in set(manifest.read(second.manifest)[0]["expression"])
    assert second.alignments()
    assert not first.alignments()
    assert "up to date" in run("align", "--dataset", "affectnet", "--label-space", "affectnet7").output
    output = run("folds", "--dataset", "affectnet", "--selection", "affectnet8", fails=True).output
    assert f"there are first, {second.name}" in " ".join(output.replace("│", " ").split())
