"""A campaign of faults: kills, write errors, damaged media, edited artefacts; see `docs/reliability.md`.

Run ``python benchmarks/faults.py [--kills 500] [--media 10000] [--artefacts 200] [--minutes 20]``. The stages are
those of a small rendered tree. What a part finds replaces what the results file holds of that part.
"""

import argparse
import json
import shlex
import sys
import tempfile
import time
from pathlib import Path

import fault_artefacts
import fault_kills
import fault_media
import fault_stages
import fault_writes
import record

PARTS = ("kills", "writes", "media", "artefacts")


def prepared(folder: Path, *, subjects: int, only: list[str]) -> fault_stages.Prepared:
    tree, case = folder / "tree", fault_stages.Case(folder)
    faces = ("--subjects", str(subjects), "--frames", "4", "--size", "128x96")
    folder.mkdir(parents=True, exist_ok=True)
    if not tree.exists() and case.run(["demo", "render", str(tree), "--clean", *faces, "--quiet"]):
        raise SystemExit(case.output)
    return fault_stages.prepare(folder, tree, only=only)


def run_part(name: str, options: argparse.Namespace, made: fault_stages.Prepared) -> dict[str, object]:
    begun = time.monotonic()
    until = begun + 60 * options.minutes
    if name == "kills":
        found = fault_kills.kill_campaign(made, options.kills, seed=options.seed, lanes=options.lanes, until=until)
    elif name == "writes":
        chosen = {"kinds": options.writes, "most": options.calls, "seed": options.seed}
        found = fault_writes.write_campaign(made, **chosen, until=until)
    elif name == "media":
        found = fault_media.media_campaign(made, options.media, seed=options.seed, until=until)
    else:
        found = fault_artefacts.artefact_campaign(made, options.artefacts, seed=options.seed, until=until)
    return {"command": _typed(), **found, "seconds": round(time.monotonic() - begun)}


def _typed() -> str:
    return shlex.join(["python", "benchmarks/faults.py", *sys.argv[1:]])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--media", type=int, default=10_000)
    parser.add_argument("--artefacts", type=int, default=200)
    parser.add_argument("--writes", nargs="*", default=["fail", "kill", "full"], choices=("fail", "kill", "full"))
    parser.add_argument("--calls", type=int, default=sys.maxsize, help="write calls of a stage that are disturbed")
    parser.add_argument("--stages", nargs="*", default=[], help="all by default")
    parser.add_argument("--subjects", type=int, default=12, help="of the rendered tree; 12 make two shards")
    parser.add_argument("--parts", nargs="*", default=list(PARTS), choices=PARTS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lanes", type=int, default=2, help="commands at a time that are killed")
    parser.add_argument("--minutes", type=float, default=20, help="a part that takes longer stops")
    parser.add_argument("--folder", type=Path, help="keep the undisturbed stages there, or use those that are there")
    parser.add_argument("--output", type=Path, default=record.RESULTS / "faults.json")
    options = parser.parse_args()
    before = json.loads(options.output.read_text()) if options.output.exists() else {}
    found = {name: before[name] for name in PARTS if name in before}
    with tempfile.TemporaryDirectory() as folder:
        made = prepared((options.folder or Path(folder)).resolve(), subjects=options.subjects, only=options.stages)
        for name in options.parts:
            found[name] = run_part(name, options, made)
            print(name, json.dumps(found[name], indent=1), file=sys.stderr, flush=True)
    record.write(
        options.output,
        question="what of a command's work is lost, differs or is told badly when its machine or its files fail",
        command=_typed(),
        packages=("torch", "pyarrow", "filelock", "av", "pillow", "opencv-python"),
        **found,
    )


if __name__ == "__main__":
    main()
