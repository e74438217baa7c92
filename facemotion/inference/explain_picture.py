"""The picture of where a network looks: mean face, attention and prior of each class, and two curves."""

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from facemotion.evaluation.attention import mean_map
from facemotion.inference.explain import Explained
from facemotion.lettering import as_written, drawable
from facemotion.workspace import atomic_path

__all__ = ["draw"]

INK = "#20262e"
COLORS = {"attention": "#c4572b", "prior": "#2f6f9f", "random": "#9aa3ad"}


@as_written()
def draw(found: Explained, path: Path, *, title: str = "") -> None:
    """Draw what was found, under a title, and write it as PNG, atomically."""
    names = [name for name, row in found.content["classes"].items() if row["faces"]]
    places = [place for place, row in enumerate(found.content["classes"].values()) if row["faces"]]
    width = max(len(names), 4)
    figure = Figure(figsize=(1.25 * width + 0.6, 6.6), dpi=110, layout="constrained")
    if title:
        figure.suptitle(drawable(title), fontsize=9, color=INK)
    top, bottom = figure.subfigures(2, 1, squeeze=False, height_ratios=[1.55, 1])[:, 0]
    axes = top.subplots(3, len(names), squeeze=False)
    for column, (name, place) in enumerate(zip(names, places, strict=True)):
        mine = found.labels == place
        cosine = found.content["classes"][name]["cosine"]
        rows = (
            found.faces[mine].mean(axis=0).transpose(1, 2, 0),
            mean_map(found.maps[mine]),
            mean_map(found.priors[mine]),
        )
        for axis, values in zip(axes[:, column], rows, strict=True):
            axis.imshow(values.clip(0, 1), cmap="magma", vmin=0, vmax=1)
            axis.set_xticks([])
            axis.set_yticks([])
            axis.spines[:].set_visible(False)
        axes[0, column].set_title(name, fontsize=8, color=INK)
        axes[1, column].set_xlabel("-" if cosine is None else f"cosine {cosine:.2f}", fontsize=7, color=INK)
    for axis, label in zip(axes[:, 0], ("face", "attention", "prior"), strict=True):
        axis.set_ylabel(label, fontsize=8, color=INK)
    curves = found.content["curves"]
    for axis, name in zip(bottom.subplots(1, 2, sharey=True), ("deletion", "insertion"), strict=True):
        for order, values in curves[name].items():
            area = found.content["area"][name][order]
            axis.plot(curves["share"], values, color=COLORS[order], label=f"{order}, area {area:.2f}")
        axis.set_title(name, fontsize=8, color=INK)
        axis.set_xlabel("share of the pixels", fontsize=7, color=INK)
        axis.set_ylim(0, 1)
        axis.tick_params(labelsize=7)
        axis.legend(fontsize=6.5, frameon=False)
        axis.spines[["top", "right"]].set_visible(False)
    with atomic_path(path) as temporary:
        FigureCanvasAgg(figure).print_png(str(temporary), metadata={"Software": None})
