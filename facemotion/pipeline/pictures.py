"""The digests of a dataset's pictures: what goes by two names is told by its files."""

from facemotion.pipeline.context import Context

__all__ = ["picture_digests"]


def picture_digests(context: Context, dataset: str) -> list[str]:
    """Return the SHA-256 of a dataset's pictures, of all its selections, as far as they are at hand."""
    from facemotion.training import leaks

    return leaks.picture_digests(context.workspace, dataset)
