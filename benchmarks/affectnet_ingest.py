"""Measures how long `facemotion ingest` takes over AffectNet's lists, and how its memory grows with them.

Writes a tree with lists of release A (68 points a row, as the real ones have) and an empty file for every picture, then
runs the whole command in a process of its own, at several sizes. Run
``python benchmarks/affectnet_ingest.py [--rows 450000] [--output results/affectnet_ingest.json]``.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import record

HEADER = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal\n"
SHARES = np.array([74874, 134415, 25459, 14090, 6378, 3803, 24882, 3750, 33088, 11645, 82415], float)
"""The published numbers of each code in training.csv."""


def write_tree(root: Path, rows: int) -> None:
    """Write lists of `rows` faces in all, one in 80 for validation, and their empty picture files."""
    rng = np.random.default_rng(0)
    codes = rng.choice(len(SHARES), rows, p=SHARES / SHARES.sum())
    lists = root / "Manually_Annotated_file_lists"
    lists.mkdir(parents=True)
    points = ";".join(f"{value:.2f}" for value in rng.uniform(10, 400, 136))
    files = {name: (lists / f"{name}.csv").open("w", newline="\n") for name in ("training", "validation")}
    for file in files.values():
        file.write(HEADER)
    for number, code in enumerate(codes.tolist()):
        folder = root / "Manually_Annotated_Images" / str(1 + number % 1381)
        if number < 1381:
            folder.mkdir(parents=True)
        name = f"{number:056x}.jpg"
        (folder / name).touch()
        part = "validation" if number % 80 == 0 else "training"
        files[part].write(f"{folder.name}/{name},{number % 90}.0,20.0,150.0,160.0,{points},{code},0.1,-0.2\n")
    for file in files.values():
        file.close()


def ingest(root: Path, work: Path, *options: str) -> dict[str, float]:
    """Return seconds and peak resident memory in MB of the whole command."""
    script = (
        "import resource, sys; from facemotion_cli.root import main; sys.argv[0] = 'facemotion'\n"
        "try: main()\n"
        "finally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )
    command = ["ingest", "--dataset", "affectnet", "--root", str(root), "--work", str(work), "--quiet", *options]
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", script, *command], capture_output=True, text=True, check=True)
    kilobytes = int(done.stderr.split()[-1])
    return {"seconds": round(time.perf_counter() - start, 2), "peak_memory_mb": round(kilobytes / 1024)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=450_000, help="csv rows at the largest size")
    parser.add_argument("--output", type=Path, default=record.RESULTS / "affectnet_ingest.json")
    arguments = parser.parse_args()
    sizes = [arguments.rows // 10, arguments.rows // 3, arguments.rows]
    measured = {}
    with tempfile.TemporaryDirectory() as folder:
        for rows in sizes:
            root = Path(folder) / str(rows)
            write_tree(root, rows)
            megabytes = sum(path.stat().st_size for path in root.rglob("*.csv")) / 1e6
            measured[str(rows)] = {
                "csv_mb": round(megabytes),
                "paper": ingest(root, Path(folder) / f"paper-{rows}"),
                "official": ingest(root, Path(folder) / f"official-{rows}", "--protocol", "official"),
            }
    growth = {
        protocol: round(
            (measured[str(sizes[-1])][protocol]["peak_memory_mb"] - measured[str(sizes[0])][protocol]["peak_memory_mb"])
            * 2**20
            / (sizes[-1] - sizes[0])
        )
        for protocol in ("paper", "official")
    }
    record.write(
        arguments.output,
        question="seconds and peak memory of `facemotion ingest --dataset affectnet` by csv rows, both protocols",
        command=f"python benchmarks/affectnet_ingest.py --rows {arguments.rows}",
        packages=("pandas", "pyarrow"),
        by_rows=measured,
        more_bytes_a_row=growth,
    )


if __name__ == "__main__":
    main()
