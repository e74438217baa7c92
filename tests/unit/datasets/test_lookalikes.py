import pytest

from facemotion.ingestion.lookalikes import recognise
from facemotion.ingestion.tree import TreeFile


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        (["CK+48/happy/S010_004_00000017.png"], "CK+48"),
        (["data/ckextended.csv"], "ckextended.csv"),
        (["Sessions/5/S001-001.avi", "Sessions/5/S001-001_mic.wav"], "MAHNOB"),
        (["Sessions/10/Part_1_S_Trial5_emotion.bdf"], "MAHNOB"),
        (["Train_files/1_1_01_1.avi", "Train_files/1_1_01_1.txt"], "Oulu-NPU"),
        (["s1/VIS_128x128/00001/001.bmp"], "CASIA NIR-VIS 2.0"),
        (["s2/NIR/00001/001.bmp"], "CASIA NIR-VIS 2.0"),
    ],
)
def test_each_look_alike_is_named_with_what_was_meant(paths, words):
    sentence = recognise([TreeFile(path, 1) for path in paths])
    assert sentence is not None
    assert words in sentence
    assert "not " in sentence or "impossible" in sentence


@pytest.mark.parametrize(
    "path",
    [
        "cohn-kanade-images/S005/001/S005_001_00000001.png",
        "Sessions/1841/S035-004.avi",
        "OriginalImg/VL/Strong/P001/Anger/000.jpeg",
        "Manually_Annotated_Images/689/abc.jpg",
    ],
)
def test_the_datasets_themselves_are_not_taken_for_others(path):
    assert recognise([TreeFile(path, 1)]) is None
