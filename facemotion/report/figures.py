"""Pictures of a report, self-contained: faces and masks as data URIs, charts as SVG that takes the page's colours."""

import base64
import re
from collections.abc import Sequence
from io import BytesIO

import matplotlib as mpl
import numpy as np
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

__all__ = [
    "FAINT",
    "GRID",
    "INK",
    "SERIES",
    "chart",
    "faces_grid",
    "image_uri",
    "inline_svg",
    "larger",
    "masked",
    "middle",
    "plain",
    "smaller",
]

INK, FAINT, GRID = "#010101", "#020202", "#030303"
SERIES = ("#040401", "#040402", "#040403", "#040404", "#040405", "#040406")
"""Colours that stand for variables of ``style.css``, so that charts follow the page from light to dark."""
_VARIABLES = {
    INK: "--ink",
    FAINT: "--muted",
    GRID: "--line",
    **{colour: f"--series-{number}" for number, colour in enumerate(SERIES, start=1)},
}
_JPEG_QUALITY = 88


def chart(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a figure of a size in inches with one pair of axes, on nothing: the page is its ground."""
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.patch.set_alpha(0)
    axis = figure.subplots()
    axis.patch.set_alpha(0)
    return figure, axis


def plain(axis: Axes, *, sides: Sequence[str] = ("left", "bottom")) -> None:
    """Draw what is around a chart as all charts of the page have it."""
    axis.tick_params(labelsize=9, colors=INK, length=3)
    axis.grid(color=GRID, linewidth=0.8)
    axis.set_axisbelow(True)
    for side, spine in axis.spines.items():
        spine.set_visible(side in sides)
        spine.set_color(FAINT)


def middle(image: np.ndarray, window: float) -> np.ndarray:
    """Return the part of a picture of shape (H, W, ...) at its middle that a network sees, see `RunContents.window`."""
    height, width = (max(1, round(side * window)) for side in image.shape[:2])
    top, left = (image.shape[0] - height) // 2, (image.shape[1] - width) // 2
    return image[top : top + height, left : left + width]


def larger(image: np.ndarray, side: int) -> np.ndarray:
    """Return a map of shape (h, w), bilinearly enlarged to a square of `side` pixels."""
    import cv2

    return cv2.resize(image.astype(np.float32), (side, side), interpolation=cv2.INTER_LINEAR)


def inline_svg(figure: Figure, *, label: str, key: str) -> Markup:
    """Return a figure as an SVG element for the page itself, drawn in its colours and letters.

    Parameters
    ----------
    figure : Figure
        Drawn in `INK`, `FAINT`, `GRID` and `SERIES` on nothing.
    label : str
        What it shows, for those who cannot see it.
    key : str
        Distinct for each figure of the page: names in an SVG element hold for the whole page.
    """
    buffer = BytesIO()
    with mpl.rc_context({"svg.hashsalt": key, "svg.fonttype": "none"}):
        FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None, "Creator": None})
    text = buffer.getvalue().decode()
    text = text[text.index("<svg") :]
    text = re.sub(r"\s*<(metadata|style)\b.*?</\1>", "", text, flags=re.DOTALL)
    text = re.sub(r'<(g|text) id="[^"]*"', r"<\1", text)
    text = re.sub(
        r'<svg [^>]*?viewBox="([^"]*)"[^>]*>', rf'<svg viewBox="\1" role="img" aria-label="{escape(label)}">', text
    )
    for colour, name in _VARIABLES.items():
        text = text.replace(colour, f"var({name})")
    return Markup(text.replace("xlink:href", "href").strip())


def image_uri(image: np.ndarray, *, lossy: bool = False) -> str:
    """Return a picture as a data URI: PNG, or JPEG where small files matter more than exact pixels.

    Parameters
    ----------
    image : ndarray
        uint8 RGB (H, W, 3), or float (H, W) in [0, 1].
    lossy : bool
        JPEG.
    """
    import cv2

    if image.dtype != np.uint8:
        image = np.rint(np.clip(np.nan_to_num(image), 0, 1) * 255).astype(np.uint8)
    suffix, kind, options = (
        (".jpg", "jpeg", [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]) if lossy else (".png", "png", [])
    )
    content = cv2.imencode(suffix, image[..., ::-1] if image.ndim == 3 else image, options)[1].tobytes()
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def smaller(image: np.ndarray, side: int) -> np.ndarray:
    """Return a picture shrunk so that its longer side is `side` at most; one that is smaller is left as it is."""
    import cv2

    scale = side / max(image.shape[:2])
    if scale >= 1:
        return image
    height, width = (max(1, round(length * scale)) for length in image.shape[:2])
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)


def masked(face: np.ndarray, mask: np.ndarray, *, window: float = 1.0) -> np.ndarray:
    """Return the face as the mask sees it: gray, weighted by the mask, as the fusion net gets it.

    Parameters
    ----------
    face : ndarray of uint8, shape (H, W, 3)
        An RGB crop.
    mask : ndarray of float, shape (h, w)
        A mask in [0, 1], resized to the face.
    window : float
        The part of the face's height and width, at its middle, that the network sees and the mask covers.

    Returns
    -------
    ndarray of float32, shape (H, W)
        Black where the mask does not reach.
    """
    import cv2

    gray = face.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32) / 255
    height, width = (round(side * window) for side in gray.shape)
    top, left = (gray.shape[0] - height) // 2, (gray.shape[1] - width) // 2
    weight = np.zeros_like(gray)
    weight[top : top + height, left : left + width] = cv2.resize(
        mask.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR
    )
    return gray * weight


def faces_grid(faces: np.ndarray, *, columns: int = 12) -> str:
    """Return faces side by side in rows as a JPEG data URI.

    Parameters
    ----------
    faces : ndarray of uint8, shape (n, H, W, 3)
        RGB faces.
    columns : int
        Faces in a row.
    """
    number, height, width = faces.shape[:3]
    columns = min(columns, number)
    rows = -(-number // columns)
    sheet = np.full((rows * height, columns * width, 3), 128, dtype=np.uint8)
    for index, face in enumerate(faces):
        top, left = index // columns * height, index % columns * width
        sheet[top : top + height, left : left + width] = face
    return image_uri(sheet, lossy=True)
