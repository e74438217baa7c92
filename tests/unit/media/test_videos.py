from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facemotion import media
from facemotion.media import orientation

ONE = 1 << 16
END = [0, 0, 0, 1 << 30]
SHOWN = {
    # the first two rows of the matrix, and what a player makes of the stored picture
    (1, 0, 0, 1): lambda image: image,
    (-1, 0, 0, 1): lambda image: image[:, ::-1],
    (1, 0, 0, -1): lambda image: image[::-1],
    (-1, 0, 0, -1): lambda image: image[::-1, ::-1],
    (0, 1, 1, 0): lambda image: image.swapaxes(0, 1),
    (0, 1, -1, 0): lambda image: np.rot90(image, -1),
    (0, -1, 1, 0): lambda image: np.rot90(image, 1),
    (0, -1, -1, 0): lambda image: np.rot90(image, 2).swapaxes(0, 1),
}


@pytest.mark.parametrize("numbers", SHOWN)
def test_a_display_matrix_is_applied_as_a_player_does(make_video, numbers):
    a, b, c, d = (ONE * number for number in numbers)
    plain = media.load(make_video("plain.mp4"), 1)
    shown = media.load(make_video("shown.mp4", matrix=[a, b, 0, c, d, *END]), 1)
    np.testing.assert_array_equal(shown, SHOWN[numbers](plain))
    assert shown.flags.c_contiguous


def test_rotate_comes_on_top_of_the_display_matrix(make_video):
    plain = media.load(make_video("plain.mp4"), 0)
    path = make_video("turned.mp4", matrix=[0, ONE, 0, ONE, 0, *END])
    np.testing.assert_array_equal(media.load(path, 0, rotate=90), np.rot90(plain.swapaxes(0, 1), -1))


@pytest.mark.parametrize(
    ("degrees", "expected"), [(0, 1), (44, 1), (46, 8), (90, 8), (-50, 6), (-90, 6), (170, 3), (225.1, 6)]
)
def test_a_turn_that_is_no_quarter_turn_counts_as_the_nearest(degrees, expected):
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    assert orientation.of_matrix([round(ONE * v) for v in (cosine, -sine, 0, sine, cosine)] + END) == expected


def test_a_matrix_of_zeros_turns_nothing():
    assert orientation.of_matrix([0] * 9) == 1


@pytest.mark.parametrize(
    ("aspect", "shape"),
    [
        (Fraction(16, 11), (244, 320)),
        (Fraction(8, 9), (274, 220)),
        (Fraction(1), (244, 220)),
        (Fraction(100, 1), (244, 220)),
    ],
)
def test_frames_have_the_shape_that_a_player_shows(make_video, aspect, shape):
    path = make_video(size=(244, 220), aspect=aspect, frames=2)
    image = media.load(path, 1)
    assert image.shape == (*shape, 3)
    plain = media.load(make_video("plain.mp4", size=(244, 220), frames=2), 1)
    assert abs(float(image.mean()) - float(plain.mean())) < 0.5


def test_the_sides_are_those_before_the_display_matrix(make_video):
    path = make_video(size=(244, 220), aspect=Fraction(16, 11), matrix=[0, ONE, 0, -ONE, 0, *END], frames=1)
    assert media.load(path, 0).shape == (320, 244, 3)


class TestPaths:
    @pytest.mark.parametrize(
        "name", ["12:30:05.mp4", "2024-01-05T12:30/a.mp4", "http://a.mp4", "a%03d.mp4", "concat:a|b.mp4", "-i.mp4"]
    )
    def test_a_path_is_a_path(self, make_video, tmp_path, monkeypatch, name):
        make_video(name, frames=2)
        monkeypatch.chdir(tmp_path)
        assert media.count_frames(Path(name)) == 2

    def test_a_name_that_is_not_utf_8_is_opened(self, make_video):
        path = make_video(frames=2)
        odd = path.rename(path.with_name("caf\udce9.mp4"))
        assert media.count_frames(odd) == 2
        with pytest.raises(media.MissingSource, match=r"caf\\xe8\.mp4 does not exist"):
            media.count_frames(path.with_name("caf\udce8.mp4"))

    def test_a_playlist_opens_nothing(self, make_video, tmp_path):
        make_video("a.ts", frames=4, codec="libx264")
        text = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\na.ts\n#EXT-X-ENDLIST\n"
        for name in ("list.ts", "list.mp4"):
            (tmp_path / name).write_text(text)
            with pytest.raises(media.Unreadable):
                media.count_frames(tmp_path / name)


@pytest.mark.usefixtures("usual_collector")
@pytest.mark.parametrize("most", [1, 60])
def test_memory_does_not_grow_with_videos_or_frames(make_video, most):
    resource = pytest.importorskip("resource")
    path = make_video(frames=60, size=(480, 640))

    def peak_after(frames: int) -> int:
        for _ in range(frames // most):
            for index, picture in media.every_frame(path):
                picture()
                if index + 1 == most:
                    break
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    first = peak_after(60)
    assert peak_after(120) - first < 20_000  # kB; the frames are 55 MB as they are decoded


def test_the_frames_that_a_header_names_are_told_though_fewer_decode(video: Path) -> None:
    data = video.read_bytes()
    video.write_bytes(data[: data.rindex(b"00dc", 0, data.index(b"idx1"))])  # without the last frame
    assert media.declared_frames(video) == 10
    assert media.count_frames(video) == 9


def test_frames_come_by_their_number(video: Path) -> None:
    assert media.count_frames(video) == 10
    frames = dict(media.read_frames(video, [7, 2, 2, 30]))
    assert list(frames) == [2, 7]
    for number, image in frames.items():
        assert image.shape == (48, 64, 3)
        assert abs(int(image[40].mean()) - 20 * number) <= 3
        assert image[:20].max() <= 8


def test_load_takes_images_and_video_frames(video: Path, tmp_path: Path) -> None:
    turned = media.load(video, 9, rotate=180)
    assert abs(int(turned[5].mean()) - 180) <= 3
    with pytest.raises(media.Unreadable, match="only 10 frames"):
        media.load(video, 10)
    Image.fromarray(turned).save(tmp_path / "a.png")
    np.testing.assert_array_equal(media.load(tmp_path / "a.png", 5), turned)


def test_broken_videos_are_unreadable(video: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "noise.avi").write_bytes(b"RIFF" + bytes(200))
    (tmp_path / "empty.mpg").touch()
    (tmp_path / "head.avi").write_bytes(video.read_bytes()[:300])
    for name in ("noise.avi", "empty.mpg", "head.avi"):
        with pytest.raises(media.Unreadable):
            media.load(tmp_path / name, 3)
    assert capfd.readouterr() == ("", "")
