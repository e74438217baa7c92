"""A new user's first hour, command by command: from a clone in an empty folder to two runs compared, with its times.

The user's own pictures are stood in for by frames of the demo, sorted into folders as a person would sort them, with
two files that hold no face. All happens in a new folder; what the commands print is kept there, in ``said.txt``.

    .venv/bin/python benchmarks/new_user.py                  # in a temporary folder, which is removed
    .venv/bin/python benchmarks/new_user.py --keep FOLDER    # in a new folder, which stays
"""

import argparse
import json
import os
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image
from record import RESULTS, write

ROOT = Path(__file__).parents[1]
CODES = {1: "angry", 2: "contempt", 3: "disgust", 4: "fear", 5: "happy", 6: "sad", 7: "surprise"}
"""The labels of CK+, and how a person would name a folder."""
PAGE, BEGIN, END = ROOT / "docs/first-hour.md", "<!-- steps -->", "<!-- end of steps -->"
PICTURE = "faces/happy/ann/smile.png"

STEPS: list[tuple[str, str]] = [
    ("clone", "git clone {repository} facemotion"),
    ("demo", "make demo DEMO=--quick"),
    ("datasets", "facemotion datasets set folder faces"),
    ("ingest", "facemotion ingest --dataset folder"),
    ("align", "facemotion align --dataset folder"),
    ("view", "facemotion view align --dataset folder --status no_face"),
    ("priors", "facemotion build-priors --source folder"),
    ("plan", "facemotion train --priors folder.npz --fold 0 --dry-run"),
    ("train", "facemotion train --priors folder.npz --preset compact --fold 0"),
    ("predict", f"facemotion predict folder-compact {PICTURE}"),
    ("runs", "facemotion runs"),
    ("report", "facemotion report demo-compact folder-compact"),
]
"""Name and command, in the order in which somebody types them; the first in the folder above the clone."""


def sort_pictures(clone: Path) -> None:
    """Make ``faces/EXPRESSION/PERSON/`` of the demo's frames, and two files without a face."""
    frames = clone / "facemotion-work/demo/frames"
    people = iter(("ann", "bo", "cy", "di", "ed", "fay", "gus", "hal", "ida", "jo", "kim", "lee"))
    named: dict[str, str] = {}
    for label in sorted(frames.glob("Emotion/*/*/*.txt")):
        subject, session = label.parts[-3], label.parts[-2]
        person = named.setdefault(subject, next(people) if subject not in named else "")
        kind = CODES[int(float(label.read_text(encoding="utf-8")))]
        pictures = sorted((frames / "cohn-kanade-images" / subject / session).glob("*.png"))
        for name, source in (("neutral", pictures[0]), (kind, pictures[-2]), (kind, pictures[-1])):
            place = clone / "faces" / name / person
            place.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, place / source.name)
    happy = clone / "faces/happy/ann"
    shutil.copyfile(max(happy.glob("*.png")), clone / PICTURE)
    Image.new("RGB", (320, 240), (60, 120, 60)).save(happy / "garden.png")
    (happy / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut off")


def timed(command: str, folder: Path, said: Path) -> dict[str, Any]:
    """Run a command as it is typed; return what it took. Raise SystemExit if it fails."""
    environment = {**os.environ, "PATH": f"{folder / '.venv/bin'}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "80"}
    for name in [name for name in environment if name.startswith(("FACEMOTION_", "PYTHON", "VIRTUAL_ENV"))]:
        del environment[name]
    print(f"$ {command}", flush=True)
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with said.open("a", encoding="utf-8") as file:
        file.write(f"\n$ {command}\n")
        file.flush()
        code = subprocess.run(
            shlex.split(command), cwd=folder, env=environment, stdout=file, stderr=subprocess.STDOUT, check=False
        ).returncode
    seconds, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if code:
        raise SystemExit(f"{command}: exit code {code}; what it said is in {said}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"  {cpu:.1f} s of CPU time, {seconds:.1f} s", flush=True)
    return {"cpu_seconds": round(cpu, 1), "seconds": round(seconds, 1)}


def as_table(content: Mapping[str, Any]) -> str:
    """Return the steps as the table of docs/first-hour.md; wall times only where little else was running."""
    quiet = content["load_average"]["before"] < 1
    rows = [("typed", "CPU time, s", "s"), ("---", "--:", "--:")]
    steps = [*content["steps"].values(), {"command": "", **content["total"]}]
    rows += [
        (f"`{each['command']}`" if each["command"] else "all", each["cpu_seconds"], each["seconds"]) for each in steps
    ]
    return "\n".join("| " + " | ".join(str(cell) for cell in (row if quiet else row[:2])) + " |" for row in rows)


def put_into_page(content: Mapping[str, Any]) -> None:
    """Replace the table of docs/first-hour.md."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{as_table(content)}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, help="a new folder to work in, which stays")
    parser.add_argument("--output", type=Path, default=RESULTS / "new_user.json")
    given = parser.parse_args()
    work = given.keep or Path(tempfile.mkdtemp(prefix="new-user-"))
    work.mkdir(parents=True, exist_ok=True)
    said, clone = work.resolve() / "said.txt", work.resolve() / "facemotion"
    load, found = os.getloadavg()[0], {}
    for name, command in STEPS:
        typed = command.format(repository=shlex.quote(str(ROOT)))
        if name == "datasets":
            sort_pictures(clone)
        shown = command.format(repository="REPOSITORY")
        found[name] = {"command": shown, **timed(typed, clone if name != "clone" else work, said)}
    pictures = sum(path.is_file() for path in (clone / "faces").rglob("*"))
    if given.keep is None:
        shutil.rmtree(work)
    write(
        given.output,
        question="What does the way of a new user take, from a clone to two runs compared?",
        command=shlex.join(["python", "benchmarks/new_user.py", *(["--keep", "FOLDER"] if given.keep else [])]),
        packages=("torch",),
        load_average={"before": round(load, 1), "after": round(os.getloadavg()[0], 1)},
        pictures=pictures,
        steps=found,
        total={kind: round(sum(step[kind] for step in found.values()), 1) for kind in ("cpu_seconds", "seconds")},
    )
    if given.output == RESULTS / "new_user.json":
        put_into_page(json.loads(given.output.read_text(encoding="utf-8")))


if __name__ == "__main__":
    sys.exit(main())
