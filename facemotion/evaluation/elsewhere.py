"""What figures on another dataset than that of the training are about: which faces, in which classes, how aligned."""

from collections.abc import Mapping
from typing import Any

__all__ = ["scored_elsewhere"]


def scored_elsewhere(content: Mapping[str, Any]) -> list[str]:
    """Return what stands beside the figures, a sentence a line.

    Parameters
    ----------
    content : mapping
        The ``metrics.json`` of an evaluation; what an older version does not tell is left out.
    """
    lines = [*_part(content), f"classes in common: {', '.join(content['classes'])}"]
    if crops := content.get("crops_as_given"):
        other = content["trained_on"] if crops == content["dataset"] else content["dataset"]
        told = f"pictures of {crops} are crops, taken as given, while faces of {other} are aligned"
        lines.append(f"{told}: that difference is part of the figure")
    if left_out := content.get("left_out"):
        lost = ", ".join(f"{name} {number}" for name, number in left_out.items())
        lines.append(f"left out, as the models do not know them: {lost}")
    if lacking := content.get("not_in_dataset"):
        outside = content.get("answers_outside", {})
        shares = ", ".join(f"{name} {100 * share:.1f} %" for name, share in outside.items())
        such = f"; such an answer was the most probable for {shares} of faces" if shares else ""
        lines.append(f"not in {content['dataset']}: {', '.join(lacking)}{such}")
    return lines


def _part(content: Mapping[str, Any]) -> list[str]:
    """Say which faces were scored and why; nothing of figures of an older version, which do not tell."""
    scored = content.get("scored")
    if not scored:
        return []
    number, of = scored["faces"], scored["of"]
    if not scored["split"]:
        return [f"scored: all {of} faces in these classes, as {content['dataset']} has no official split"]
    if number == of:
        return [f"scored: all {of} faces in these classes, training and test part"]
    why = f"the test part of its official split, {number} of {of} faces, as other people's figures are about that part"
    return [f"scored: {why}; --part all scores every face, since the models were trained on another dataset"]
