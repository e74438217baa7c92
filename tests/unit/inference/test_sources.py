"""What predict looks at, and that ingestion of the dataset `folder` and alignment see and say the same."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facemotion import manifest, suffixes
from facemotion.alignment.settings import AlignSettings
from facemotion.alignment.worker import align_frame, align_shard
from facemotion.datasets.folder.info import INFO
from facemotion.datasets.folder.options import Options
from facemotion.datasets.folder.selection import ingest
from facemotion.errors import ConfigError, Status
from facemotion.inference.sources import find_sources
from facemotion.ingestion import verify
from facemotion.ingestion.tree import Tree
from facemotion.landmarks.faces import Failure, LandmarkSource

PILLOW = {
    **{"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "jpe": "JPEG", "jfif": "JPEG", "bmp": "BMP", "gif": "GIF"},
    **{"ppm": "PPM", "pgm": "PPM", "pbm": "PPM", "pnm": "PPM", "tif": "TIFF", "tiff": "TIFF", "webp": "WEBP"},
    **{"jp2": "JPEG2000", "j2k": "JPEG2000"},
    **({"avif": "AVIF"} if suffixes.is_image("a.avif") else {}),
}
HEIF = {"heic", "heif"}
VIDEOS = sorted(suffixes._VIDEOS)
SETTINGS = AlignSettings()


class Nobody(LandmarkSource):
    """Finds no face anywhere."""

    name = "nobody"
    absent = Failure(Status.NO_FACE, "no face was found")

    def detect(self, image, *, source, frame, region=None):
        return []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures of every suffix, good and broken, odd names, links of every kind, junk and unknown formats."""
    root = tmp_path / "root"
    inside = root / "happy" / "ann"
    inside.mkdir(parents=True)
    picture = Image.fromarray(np.random.default_rng(1).integers(0, 256, (24, 32, 3), dtype=np.uint8))
    for ending, kind in PILLOW.items():
        picture.save(inside / f"good.{ending}", kind)
        data = (inside / f"good.{ending}").read_bytes()
        (inside / f"cut.{ending.upper()}").write_bytes(data[: len(data) // 2])
        (inside / f"empty.{ending}").touch()
        (inside / f"text.{ending}").write_text("no picture")
    good = inside / "good.png"
    for name in ("cost_$5.png", "12:30:05.png", "a%03d.png", "王小明.png", ".hidden.png", "e\u0301.png"):
        (inside / name).write_bytes(good.read_bytes())
    for name in ("caf\udce9.png", "back\\slash.png"):
        (inside / name).write_bytes(good.read_bytes())
    (inside / "linked.png").symlink_to(good)
    (inside / "lost.png").symlink_to(inside / "nothing.png")
    (inside / "itself.png").symlink_to(inside / "itself.png")
    (inside / "up").symlink_to(root)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "there.png").write_bytes(good.read_bytes())
    (root / "happy" / "bob").symlink_to(outside)
    (inside / "twice.png").symlink_to(inside / "linked.png")
    (inside / "beside").symlink_to(outside / "none")
    damaged = bytearray(good.read_bytes())
    damaged[-20] ^= 0xFF
    (inside / "checksum.png").write_bytes(damaged)
    for name in ("._good.png", "Thumbs.db", "notes.txt", "raw.CR2", "drawing.psd"):
        (inside / name).write_bytes(b"anything")
    for ending in VIDEOS:
        (inside / f"clip.{ending}").write_bytes(b"anything")
    (inside / "__MACOSX").mkdir()
    (inside / "__MACOSX" / "good.png").write_bytes(good.read_bytes())
    os.mkfifo(inside / "pipe.png")
    return root


def test_predict_and_align_see_the_same_files_and_say_the_same(folder):
    source = Nobody()
    made = ingest(Tree.read(folder, "pictures"), Options())
    rows = made.manifest
    aligned = {record["sample_id"]: (record["status"], record["message"]) for record in shard(rows, folder, source)}
    sources = find_sources(folder)
    predicted = {}
    for name, frame, image in sources.frames():
        row = {"sample_id": name, "source": name, "frame": frame, "region": None}
        record, _ = align_frame(row, image, source, SETTINGS)
        predicted[name] = record["status"], record["message"]
    assert set(PILLOW) | HEIF | {"avif"} == suffixes._PICTURES
    for ending in VIDEOS:  # which align takes from datasets of videos
        assert predicted.pop(f"happy/ann/clip.{ending}")[0] == "unreadable"
    assert {row.source: aligned[row.sample_id] for row in rows.itertuples()} == predicted
    statuses = {name.rpartition("/")[2]: status for name, (status, _) in predicted.items()}
    for ending in PILLOW:
        assert statuses[f"good.{ending}"] == "no_face"
        assert {statuses[f"{name}.{ending}"] for name in ("empty", "text")} == {"unreadable"}
    odd = (
        "cost_$5.png",
        "12:30:05.png",
        "a%03d.png",
        "王小明.png",
        ".hidden.png",
        "e\u0301.png",
        "linked.png",
        "twice.png",
    )
    assert statuses["checksum.png"] == "unreadable"
    assert {statuses[name] for name in (*odd, "there.png")} == {"no_face"}
    assert not {"._good.png", "lost.png", "itself.png", "pipe.png", "back\\slash.png"} & set(statuses)
    told = {(each.item.rpartition("/")[2], each.reason) for each in made.exclusions}
    assert told == {
        ("caf\\xe9.png", "odd_name"),
        ("back\\slash.png", "odd_name"),
        ("lost.png", "dangling_link"),
        ("beside", "dangling_link"),
        ("itself.png", "dangling_link"),
        ("up", "link_back"),
        ("pipe.png", "no_file"),
        ("raw.CR2", "unsupported_format"),
        ("drawing.psd", "unsupported_format"),
        *((f"clip.{ending}", "video") for ending in VIDEOS),
    }
    for reason in {reason for _, reason in told} - {"video"}:
        assert any(note.startswith(f"left out, {reason}: ") for note in sources.notes)
    assert sum("dangling_link" in note for note in sources.notes) == 1


def shard(rows, root, source):
    return align_shard(rows, root, source, SETTINGS).records


@pytest.mark.parametrize("number", [30, 1200])
def test_links_to_nothing_are_told_each_and_thousands_are_one(tmp_path, number):
    (tmp_path / "happy").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "happy" / "a.png")
    for place in range(number):
        (tmp_path / "happy" / f"{place:04}.png").symlink_to(tmp_path / "nothing")
    found = ingest(Tree.read(tmp_path, "pictures"), Options())
    assert len(found.exclusions) == (number if number < 1000 else 1)
    assert sum(each.number for each in found.exclusions) == number
    assert (found.exclusions[0].item, found.exclusions[0].reason) == ("happy/0000.png", "dangling_link")
    content = verify.as_json(found, manifest.summarise(found.batches), INFO)
    assert f"excluded, dangling_link: {number}" in verify.as_text(content)
    (note,) = find_sources(tmp_path).notes
    assert note == (
        f"left out, dangling_link: happy/0000.png and {number - 1} more: it is a link that leads to nothing"
    )


def test_what_predict_wrote_is_no_input(tmp_path):
    for name in ("a.png", "predictions.png", "out/predictions.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    (tmp_path / "out" / "predictions.json").write_text("{}")
    assert list(find_sources(tmp_path).names()) == ["a.png", "predictions.png"]


def test_damage_in_a_video_is_a_row_at_its_frame_and_other_files_follow(tmp_path):
    import av

    path = tmp_path / "a.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 32, 24, "yuvj420p"
        for level in range(12):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((24, 32, 3), 20 * level, np.uint8))))
        container.mux(stream.encode())
    with av.open(str(path)) as container:
        packet = [each for each in container.demux(container.streams.video[0]) if each.size][4]
    assert packet.pos is not None
    data = bytearray(path.read_bytes())
    data[packet.pos : packet.pos + packet.size] = b"\xff" * packet.size
    path.write_bytes(data)
    (tmp_path / "b.mp4").write_bytes(b"nothing")
    Image.new("RGB", (8, 8)).save(tmp_path / "c.png")
    found = [(name, frame, image) for name, frame, image in find_sources(tmp_path).frames(every=2)]
    assert [(name, frame) for name, frame, _ in found] == [
        *(("a.avi", frame) for frame in range(0, 12, 2)),
        ("b.mp4", 0),
        ("c.png", 0),
    ]
    failed = [(name, frame) for name, frame, image in found if isinstance(image, Failure)]
    assert failed == [("a.avi", 4), ("b.mp4", 0)]


def test_memory_that_does_not_suffice_for_a_file_is_its_row_and_others_follow(folder, monkeypatch):
    from facemotion import media
    from facemotion.inference.sources import find_sources

    real = media.read_source

    def fails(path):
        if path.name == "good.bmp":
            raise MemoryError
        return real(path)

    monkeypatch.setattr(media, "read_source", fails)
    found = {name: image for name, _, image in find_sources(folder / "happy", workspace=folder / "work").frames()}
    (failed,) = [image for name, image in found.items() if name.endswith("good.bmp")]
    assert failed.status == "out_of_memory"
    assert not isinstance(next(image for name, image in found.items() if name.endswith("good.png")), type(failed))


def test_a_folder_without_anything_says_what_was_left_out(tmp_path):
    (tmp_path / "a.cr2").touch()
    with pytest.raises(ConfigError, match=r"holds no picture and no video\. left out, unsupported_format: a\.cr2: raw"):
        find_sources(tmp_path)
    with pytest.raises(ConfigError, match="does not exist; give a picture, a video or a folder"):
        find_sources(tmp_path / "none")
