"""Execute docs/notebook.ipynb from top to bottom in an empty folder, and keep what it printed and drew in it.

Run by ``make notebook``; needs the group ``docs``. The test of the notebook compares what its cells print with this.
"""

import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

__all__ = ["execute"]

NOTEBOOK = Path(__file__).parents[1] / "docs" / "notebook.ipynb"


def execute(path: Path) -> None:
    """Execute a notebook and write it with its outputs.

    Parameters
    ----------
    path : Path
        The notebook; it is written only if every cell ran.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails.
    """
    book = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(book, record_timing=False, resources={"metadata": {"path": folder}})
        client.execute()
    for cell in book.cells:
        joined(cell)
    book.metadata["language_info"] = {"name": "python"}  # and not the version that happened to be there
    nbformat.write(book, path)


def joined(cell: nbformat.NotebookNode) -> None:
    """Join what a cell printed in pieces; leave out standard error, and of a picture's two forms the larger."""
    outputs = cell.get("outputs", [])
    printed = "".join(each.text for each in outputs if each.output_type == "stream" and each.name == "stdout")
    shown = [each for each in outputs if each.output_type != "stream"]
    for each in shown:
        if "image/jpeg" in each.data:
            each.data.pop("image/png", None)
    if "outputs" in cell:
        first = [nbformat.v4.new_output("stream", name="stdout", text=printed)] if printed else []
        cell.outputs = [*first, *shown]


if __name__ == "__main__":
    execute(NOTEBOOK)
