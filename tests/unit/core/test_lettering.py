"""Names in figures are drawn as they are written, without formulas, boxes or warnings."""

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from facemotion import lettering


def drawn(text: str, **options) -> np.ndarray:
    figure = Figure(figsize=(4, 1), dpi=80)
    figure.text(0.02, 0.4, text, **options)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).copy()


@pytest.mark.parametrize("name", ["cost_$5.png", "cost_$5_and_$6.png", "$x^2$.png", "a\\frac{$"])
def test_a_dollar_sign_is_a_dollar_sign(name):
    with lettering.as_written():
        shown = drawn(lettering.drawable(name))
    np.testing.assert_array_equal(shown, drawn(name, parse_math=False))
    assert matplotlib.rcParams["text.parse_math"]


@pytest.mark.parametrize("name", ["王小明.png", "한글", "ねこ", "שלום", "José Дмитрий", "\U0001f600", "a\nb\x1b[31m"])
def test_every_name_is_drawn_without_a_warning(name):
    with lettering.as_written():
        text = lettering.drawable(name)
        assert drawn(text).min() < 255  # warnings are errors here
    assert "\n" not in text
    assert "\x1b" not in text


def test_letters_of_the_first_font_stay_and_others_are_escaped():
    assert lettering.drawable("José Дмитрий") == "José Дмитрий"
    assert lettering.drawable("a\U0010fffdb") == "a\\U0010fffdb"
