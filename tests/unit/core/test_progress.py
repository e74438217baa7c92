from facemotion import progress


def test_both_give_every_item_in_order(capsys):
    assert list(progress.silent(range(3), "work")) == [0, 1, 2]
    assert list(progress.shown(range(3), "work")) == [0, 1, 2]
    assert capsys.readouterr().out == ""


def test_plain_lines_come_every_ten_seconds(capsys):
    clock = iter([0.0, 4.0, 11.0, 12.0]).__next__
    assert list(progress._lines(range(3), "work", 3, clock)) == [0, 1, 2]
    assert capsys.readouterr().err == "work: 2 of 3 after 11 s\n"
