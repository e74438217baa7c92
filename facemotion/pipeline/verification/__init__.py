"""``facemotion verify``: a workspace against itself and its sources; nothing is changed."""

from dataclasses import replace

from facemotion import leftovers
from facemotion.pipeline.context import Context
from facemotion.pipeline.verification.finding import Finding, Findings

__all__ = ["Finding", "Findings", "verify"]


def verify(context: Context, *, sources: bool = False) -> Findings:
    """See whether a workspace's artefacts are whole, belong together, and follow from their sources; say what does not.

    Of every selection: the manifest's checksum and digest, ``ingest.json``, the folds, whether the root still holds
    what was ingested, and the selected files. Of every alignment: the table's checksum, the SHA-256 of every shard,
    samples and rows. Of every run: the prior, the weights, predictions and curves of each training, what follows from
    them, and whether the faces are still there.

    Parameters
    ----------
    context : Context
        The command; its workspace is looked at.
    sources : bool
        Read every source file too and compare its SHA-256 with that of the file that was aligned.

    Returns
    -------
    Findings
        What is wrong, each with the command that mends it.
    """
    from facemotion.pipeline.verification.alignments import alignments, check_alignment
    from facemotion.pipeline.verification.runs import check_run, runs
    from facemotion.pipeline.verification.selections import check_selection, selections
    from facemotion.workspace import is_held

    context = replace(context, dry=True)  # not even what was looked at is noted
    findings = Findings()
    root = context.workspace.root
    for selection in selections(context.workspace):
        if is_held(selection.folder):
            findings.notes.append(f"{selection}: another command is working on it, so it was not looked at")
            continue
        rows = check_selection(context, selection, findings)
        for place in alignments(selection):
            if place.name != "first" and is_held(place.folder):
                findings.notes.append(f"{place}: another command is working on it, so it was not looked at")
            else:
                check_alignment(context, place, rows, findings, sources=sources)
    for run in runs(context.workspace, findings):
        if is_held(run.folder):
            findings.notes.append(f"run {run.name}: it is being trained, so it was not looked at")
        else:
            check_run(context.workspace, run, findings)
    for path in leftovers.leftovers(root, below=True):
        what = f"{path.relative_to(root)} was left half-written by a command that was killed"
        findings.add("workspace", what, f"rm -r {path}" if path.is_dir() else f"rm {path}")
    context.say(findings.as_text())
    return findings
