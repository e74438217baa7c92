"""A run whose networks were asked where they look."""

from pathlib import Path

import numpy as np

from facemotion.evaluation import predictions
from facemotion.expressions import EXPRESSIONS
from facemotion.provenance import provenance
from facemotion.workspace import write_json


def explain_run(run: Path, variant: str, *, fold: int = 0, model: str = "") -> Path:
    """Write where a training's network looks, as `facemotion explain` does; return the file."""
    place = run / variant / f"fold-{fold}" / "seed-0"
    table = predictions.read(run / "predictions.parquet")[0]
    table = table[(table["variant"] == variant) & (table["fold"] == fold)]
    rows = {
        name: {
            "faces": int((table["expression"] == name).sum()),
            "cosine": None if name == "contempt" else round(0.11 * number - 0.2, 3),
            "cosine_others": 0.05,
            "attention": np.linspace(0, 1, 16).reshape(4, 4).round(3).tolist(),
        }
        for number, name in enumerate(EXPRESSIONS)
    }
    share = [step / 10 for step in range(11)]
    fall = [round(0.9 - 0.07 * step, 3) for step in range(11)]
    lines = {"attention": fall, "prior": fall, "random": [0.5] * 11}
    areas = {"attention": 0.55, "prior": 0.54, "random": 0.5}
    content = {
        "run": run.name,
        "variant": variant,
        "fold": fold,
        "seed": 0,
        "dataset": "demo",
        "samples": table["sample_id"].tolist(),
        "stage": 4,
        "method": "mean",
        "faces": len(table),
        "classes": rows,
        "cosine": 0.13,
        "cosine_others": 0.05,
        "curves": {"share": share, "deletion": lines, "insertion": lines},
        "area": {"deletion": areas, "insertion": areas},
        "provenance": provenance("explain", settings={}, inputs={"model": model} if model else {}),
    }
    write_json(place / "explained.json", content)
    return place / "explained.json"
