"""Failures that lie outside a file pass: the next run tries such rows again and ends in an undisturbed run's bytes."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skimage.data
from PIL import Image

from facemotion import manifest
from facemotion.alignment import shards, store
from facemotion.alignment.aligning import align_manifest
from facemotion.alignment.job import Job
from facemotion.alignment.settings import AlignSettings
from facemotion.alignment.trouble import failure_of
from facemotion.alignment.worker import align_frame
from facemotion.errors import DataError, EnvironmentProblem, Status, WorkspaceError
from facemotion.landmarks.faces import Failure, LandmarkSource
from facemotion.media import Unreadable

ASTRONAUT = skimage.data.astronaut()[40:240, 130:310]
SETTINGS = AlignSettings(shard_size=3)
FRAMES = 8


@pytest.fixture
def whole(tmp_path: Path) -> Job:
    """Return the job of eight good pictures, in shards of three."""
    root = tmp_path / "root"
    root.mkdir()
    rows = []
    for number in range(FRAMES):
        Image.fromarray(np.roll(ASTRONAUT, number, axis=1)).save(root / f"{number}.bmp")
        row = {"sample_id": f"{number}", "dataset": "folder", "subject": f"S{number}", "sequence": "a", "frame": 0}
        row |= {"role": "expressive", "expression": "happiness", "source": f"{number}.bmp", "rotate": 0, "split": ""}
        rows.append({**row, "region": None})
    return Job(manifest.validate(pd.DataFrame(rows)), root, tmp_path / "work", SETTINGS, header={"stage": "align"})


def arrays(out: Path) -> dict[str, bytes]:
    """Return the bytes of what alignment made, without the record of how failed files were found."""
    names = ("faces.parquet", "contact-sheet.png", "aligned/*.npy", "crops/*.npy")
    return {path.relative_to(out).as_posix(): path.read_bytes() for name in names for path in out.glob(name)}


def undisturbed(job: Job, tmp_path: Path) -> dict[str, bytes]:
    out = tmp_path / "undisturbed"
    align_manifest(Job(job.rows, job.root, out, job.settings, header=job.header))
    return arrays(out)


def written(job: Job) -> dict[str, int]:
    """Return when each part was written."""
    return {path.stem: path.stat().st_mtime_ns for path in (job.out / "parts").iterdir()}


@contextmanager
def no_more_files() -> Iterator[None]:
    """Let this process open no further file."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_file_that_is_back_is_aligned_by_the_next_run(whole: Job, tmp_path: Path) -> None:
    expected = undisturbed(whole, tmp_path)
    for name in ("1.bmp", "2.bmp", "7.bmp"):
        (whole.root / name).rename(tmp_path / name)
    assert align_manifest(whole) == {"missing_source": 3, "ok": 5}
    assert shards.pending(whole.out, whole.root) == []  # still away: nothing to do
    for name in ("1.bmp", "7.bmp"):
        (tmp_path / name).rename(whole.root / name)
    assert shards.pending(whole.out, whole.root) == ["1", "7"]
    before = written(whole)
    assert align_manifest(whole) == {"missing_source": 1, "ok": 7}
    assert [part for part, time in written(whole).items() if time != before[part]] == ["00000", "00002"]
    (tmp_path / "2.bmp").rename(whole.root / "2.bmp")
    assert align_manifest(whole, workers=2) == {"ok": 8}
    assert arrays(whole.out) == expected
    assert shards.pending(whole.out, whole.root) == []


def test_a_file_that_is_mended_at_the_same_size_is_aligned_by_the_next_run(whole: Job, tmp_path: Path) -> None:
    expected = undisturbed(whole, tmp_path)
    good = (whole.root / "4.bmp").read_bytes()
    (whole.root / "4.bmp").write_bytes(b"XX" + good[2:])
    assert align_manifest(whole) == {"ok": 7, "unreadable": 1}
    assert shards.pending(whole.out, whole.root) == []
    status = (whole.root / "4.bmp").stat()
    (whole.root / "4.bmp").write_bytes(good)
    os.utime(whole.root / "4.bmp", ns=(status.st_atime_ns, status.st_mtime_ns + 1))  # whatever the clock's grain
    assert shards.pending(whole.out, whole.root) == ["4"]
    assert align_manifest(whole) == {"ok": 8}
    assert arrays(whole.out) == expected


def test_too_many_open_files_are_not_the_files_fault(whole: Job, tmp_path: Path) -> None:
    expected = undisturbed(whole, tmp_path)
    source = whole.source()
    path = whole.root / "0.bmp"
    with no_more_files():
        try:
            path.read_bytes()
        except OSError as error:
            failure = failure_of(error)
    assert failure.status == Status.IO_ERROR
    assert "Too many open files" in failure.message
    assert "tried again by the next run" in failure.message

    # a row that failed so is kept as such, and tried again although its file has not changed
    align_manifest(whole)
    shard = shards.read_shard(whole.out, 0)
    record, _ = align_frame(whole.rows.iloc[0].to_dict(), failure, source, SETTINGS)
    lost = shards.Shard(
        [{**record, "sha256": ""}], shard.aligned[:0], shard.crops[:0], {"0": shards.origin_of(whole.root, "0.bmp")}
    )
    shards.write_shard(whole.out, 0, shards.mended(shard, lost), key=next(whole.shards()).key)
    assert shards.pending(whole.out, whole.root) == ["0"]
    assert align_manifest(whole) == {"ok": 8}
    assert arrays(whole.out) == expected


class Short(LandmarkSource):
    """A source for which something does not suffice."""

    name, absent = "short", Failure(Status.NO_FACE, "no face was found")

    def __init__(self, error: Exception) -> None:
        self.error = error

    def detect(self, image: np.ndarray, **_: object) -> list:
        raise self.error


def opencv_memory() -> Exception:
    """Return what OpenCV raises when it is asked for more memory than there can be."""
    import cv2

    try:
        cv2.resize(np.zeros((2, 2), np.uint8), (2**31 - 1, 2**31 - 1))
    except cv2.error as error:
        return error
    raise AssertionError("it sufficed")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (MemoryError(), Status.OUT_OF_MEMORY),
        (opencv_memory(), Status.OUT_OF_MEMORY),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), Status.OUT_OF_MEMORY),
        (OSError(errno.EIO, "Input/output error"), Status.IO_ERROR),
        (OSError(errno.ESTALE, "Stale file handle"), Status.IO_ERROR),
        (PermissionError(errno.EACCES, "Permission denied"), Status.IO_ERROR),
        (FileNotFoundError(errno.ENOENT, "No such file", "/a/b.png"), Status.MISSING_SOURCE),
        (OSError("image file is truncated"), Status.UNREADABLE),
        (IsADirectoryError(errno.EISDIR, "Is a directory"), Status.UNREADABLE),
        (RuntimeError("odd tensor"), Status.UNREADABLE),
        (Unreadable("the file is empty (0 bytes)"), Status.UNREADABLE),
    ],
)
def test_whose_fault_it_is(error: Exception, status: Status) -> None:
    row = {"sample_id": "a", "source": "a.png", "frame": 0, "region": None}
    for raised in (error, caused(error)):
        record, pictures = align_frame(row, ASTRONAUT, Short(raised), SETTINGS)
        assert record["status"] == status
        assert record["message"]
        assert pictures is None


def caused(error: Exception) -> Exception:
    """Return what readers of files make of an error."""
    if isinstance(error, FileNotFoundError | RuntimeError):
        return error
    try:
        raise Unreadable("a.png cannot be read") from error
    except Unreadable as made:
        return made


def test_what_a_decoder_says_about_a_damaged_video_is_the_files_fault() -> None:
    import av.error

    assert failure_of(av.error.OSError(errno.EIO, "Input/output error")).status == Status.UNREADABLE
    assert failure_of(av.error.OSError(errno.EMFILE, "Too many open files")).status == Status.IO_ERROR
    assert failure_of(av.error.MemoryError(errno.ENOMEM, "Cannot allocate memory")).status == Status.OUT_OF_MEMORY


def test_a_source_that_cannot_work_stops_the_run() -> None:
    row = {"sample_id": "a", "source": "a.png", "frame": 0, "region": None}
    with pytest.raises(EnvironmentProblem):
        align_frame(row, ASTRONAUT, Short(EnvironmentProblem("no weights")), SETTINGS)


@pytest.mark.parametrize(("workers", "empty"), [(1, False), (1, True), (2, True)])
def test_a_root_that_goes_during_the_run_stops_it(whole: Job, tmp_path: Path, workers: int, empty: bool) -> None:
    expected = undisturbed(whole, tmp_path)
    away = tmp_path / "away"

    def progress(items, label, /, *, total=None):
        for number, item in enumerate(items):
            if number == 0:
                whole.root.rename(away)
                if empty:  # as where a disk is no longer mounted
                    whole.root.mkdir()
            yield item

    with pytest.raises(DataError, match="is gone or empty; bring it back and run it again"):
        # with two workers the three shards of these files may be done by then: these are not
        align_manifest(
            Job(longer(whole), whole.root, whole.out, SETTINGS, header={}), progress=progress, workers=workers
        )
    assert not (whole.out / "faces.parquet").exists()
    shutil.rmtree(whole.root, ignore_errors=True)
    away.rename(whole.root)
    assert align_manifest(whole) == {"ok": 8}
    assert arrays(whole.out) == expected


def longer(job: Job) -> pd.DataFrame:
    """Return the frames ten times over."""
    parts = [job.rows.assign(sample_id=job.rows["sample_id"] + f"-{number}") for number in range(10)]
    return manifest.validate(pd.concat(parts, ignore_index=True))


def test_a_full_disk_is_not_the_files_fault(whole: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        with pytest.raises(WorkspaceError, match="No space left on device"):
            align_manifest(whole)
    assert align_manifest(whole) == {"ok": 8}
    assert len(store.open_crops(whole.out, verify=True)) == FRAMES


def test_a_command_that_is_up_to_date_tries_a_mended_picture_again(run, tmp_path: Path) -> None:
    for number, name in enumerate(("happy/a", "happy/b", "angry/a", "angry/b")):
        folder = tmp_path / "tree" / name
        folder.mkdir(parents=True)
        Image.fromarray(np.roll(ASTRONAUT, number, axis=1)).save(folder / f"{number}.bmp")
    victim = tmp_path / "tree" / "happy" / "b" / "1.bmp"
    good, times = victim.read_bytes(), victim.stat()
    victim.write_bytes(b"XX" + good[2:])
    command = ("align", "--dataset", "folder", "--root", tmp_path / "tree", "--workers", 1)
    assert "aligned 3 of 4 frames" in run(*command).output
    assert "align is up to date" in run(*command).output
    victim.write_bytes(good)
    os.utime(victim, ns=(times.st_atime_ns, times.st_mtime_ns + 1_000_000))
    assert "aligned 4 of 4 frames" in run(*command).output
    assert "align is up to date" in run(*command).output
