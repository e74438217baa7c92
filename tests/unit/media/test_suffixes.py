import pytest

from facemotion import suffixes

PICTURES = "png jpg jpeg jpe jfif bmp gif ppm pgm pbm pnm tif tiff webp jp2 j2k avif".split()
VIDEOS = "3gp asf avi f4v flv m2ts m2v m4v mkv mov mp4 mpe mpeg mpg mts ogv ts vob webm wmv".split()


@pytest.mark.parametrize("ending", PICTURES)
def test_pictures_are_known_by_their_suffix(ending):
    for name in (f"a.{ending}", f"b/a.b.{ending.upper()}"):
        assert suffixes.is_image(name)
        assert not suffixes.is_video(name)
        assert suffixes.lacking(name) == ""


@pytest.mark.parametrize("ending", VIDEOS)
def test_videos_are_known_by_their_suffix(ending):
    for name in (f"a.{ending}", f"b/a.b.{ending.upper()}"):
        assert suffixes.is_video(name)
        assert not suffixes.is_image(name)
        assert suffixes.lacking(name) == ""


@pytest.mark.parametrize("name", ["png", ".png", "a/.png", "a.csv", "a.pdf", "a", "a.", "mp4/a"])
def test_other_files_are_neither_and_nothing_is_said_of_them(name):
    assert not suffixes.is_image(name)
    assert not suffixes.is_video(name)
    assert suffixes.lacking(name) == ""


@pytest.mark.parametrize("name", ["a.CR2", "a.psd", "a.jxl", "a.exr", "a.rmvb"])
def test_formats_that_are_not_read_are_told(name):
    assert not suffixes.is_image(name)
    assert "not read" in suffixes.lacking(name)
