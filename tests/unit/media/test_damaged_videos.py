"""Videos that are damaged inside: the row is at the frame where it is, and what decodes is used."""

import builtins
import errno
from pathlib import Path

import av
import numpy as np
import pytest

from facemotion import media


def frames_of(path: Path) -> dict[int, np.ndarray | str]:
    """Every frame by its number; of failed ones the reason."""
    found = {}
    for index, picture in media.every_frame(path):
        assert index == len(found)
        try:
            found[index] = picture()
        except media.Unreadable as error:
            found[index] = str(error)
    return found


def number_of(image: np.ndarray) -> int:
    """The number that a frame shows, by the level of its upper left corner."""
    return round((float(image[4:12, 2:6].mean()) - 20 - 60 * 4 / image.shape[1]) / 15)


class TestDamage:
    @pytest.mark.parametrize(
        ("name", "codec", "options"),
        [("a.avi", "mpeg4", {}), ("a.avi", "mjpeg", {}), ("a.mp4", "mpeg4", {"bf": "2"}), ("a.mp4", "libx264", {})],
    )
    def test_a_bad_packet_is_a_failure_at_its_frame_and_the_others_are_used(
        self, make_video, overwrite, name, codec, options
    ):
        path = make_video(name, frames=12, codec=codec, options={**options, "g": "1" if codec == "mjpeg" else "12"})
        good = frames_of(path)
        assert [number_of(image) for image in good.values()] == list(range(12))
        overwrite(path, 6)
        found = frames_of(path)
        assert list(found) == list(range(12))
        failed = [index for index, image in found.items() if isinstance(image, str)]
        assert len(failed) == 1
        assert media.count_frames(path) == 11
        assert found[failed[0]].startswith(f"frame {failed[0]} cannot be decoded: ")
        if not options:
            assert failed == [6] or codec == "libx264"
        for index in set(found) - set(failed):
            if codec == "mjpeg" or index < failed[0]:
                np.testing.assert_array_equal(found[index], good[index])

    def test_frames_that_are_asked_for_come_with_their_failures(self, make_video, overwrite):
        path = make_video("a.avi", frames=8, codec="mjpeg")
        overwrite(path, 3)
        found = dict(media.read_frames(path, [5, 3, 2, 20]))
        assert list(found) == [2, 3, 5]
        assert isinstance(found[3], media.Unreadable)
        assert [number_of(found[index]) for index in (2, 5)] == [2, 5]
        with pytest.raises(media.Unreadable, match="frame 3 cannot be decoded"):
            media.load(path, 3)

    def test_a_first_frame_that_fails_is_a_failure_of_its_own(self, make_video, overwrite):
        path = make_video("a.avi", frames=5, codec="mjpeg")
        overwrite(path, 0)
        found = frames_of(path)
        assert [isinstance(image, str) for image in found.values()] == [True, False, False, False, False]

    def test_a_video_without_a_good_frame_fails_as_a_whole(self, make_video, overwrite):
        path = make_video("a.avi", frames=4, codec="mjpeg")
        for number in range(4):
            overwrite(path, number)
        with pytest.raises(media.Unreadable, match="no frame of the video can be decoded: Invalid data"):
            list(media.every_frame(path))

    def test_a_frame_that_the_decoder_patched_up_is_no_good_one(self, make_video, overwrite):
        path = make_video("a.avi", frames=8, size=(240, 320))
        overwrite(path, 4, part=slice(200, 220), by=b"\x55")
        found = frames_of(path)
        assert [index for index, image in found.items() if isinstance(image, str)] == [4]
        assert "could only patch it up" in found[4]

    def test_a_video_that_was_cut_off_tells_it_at_the_cut(self, make_video):
        path = make_video("a.avi", frames=8, codec="mjpeg")
        with av.open(str(path)) as container:
            packet = [each for each in container.demux(container.streams.video[0]) if each.size][5]
        path.write_bytes(path.read_bytes()[: packet.pos + packet.size // 2])
        found = frames_of(path)
        assert list(found) == list(range(6))
        assert isinstance(found[5], str)
        assert not any(isinstance(found[index], str) for index in range(5))

    @pytest.mark.parametrize("trouble", [OSError(errno.EIO, "Input/output error"), MemoryError("none left")])
    def test_the_machines_trouble_is_not_the_files(self, make_video, monkeypatch, trouble):
        path = make_video(frames=6)

        class Failing:
            def __init__(self, file):
                self.file, self.left = file, 2

            def __getattr__(self, name):
                return getattr(self.file, name)

            def __enter__(self):
                return self

            def __exit__(self, *_):
                self.file.close()

            def read(self, size=-1):
                self.left -= 1
                if self.left < 0:
                    raise trouble
                return self.file.read(min(size, 512))

        real = Path.open
        monkeypatch.setattr(Path, "open", lambda self, *a, **k: Failing(real(self, *a, **k)))
        with pytest.raises(type(trouble)) as raised:
            list(media.every_frame(path))
        assert not isinstance(raised.value, media.Unreadable)
        assert media.is_machine_trouble(raised.value)

    @pytest.mark.parametrize(("left", "whose"), [(True, media.Unreadable), (False, MemoryError)])
    def test_more_memory_than_any_machine_has_is_the_files_claim(self, make_video, monkeypatch, left, whose):
        path = make_video()

        def fails(*_, **__):
            raise av.error.MemoryError(errno.ENOMEM, "Cannot allocate memory", "video.mp4")

        def none(size):
            raise MemoryError

        monkeypatch.setattr("av.open", fails)
        if not left:
            monkeypatch.setattr("facemotion.media.decoding.bytearray", none, raising=False)
        with pytest.raises(whose) as raised:
            list(media.every_frame(path))
        assert isinstance(raised.value, media.Unreadable) == left

    def test_any_error_of_a_decoder_is_the_files(self, make_video, monkeypatch):
        path = make_video()
        for error in (AttributeError("none"), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), builtins.ValueError()):

            def fails(*_, error=error, **__):
                raise error

            monkeypatch.setattr(av, "open", fails)
            with pytest.raises(media.Unreadable, match="the video cannot be decoded"):
                media.count_frames(path)
