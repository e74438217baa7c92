"""One self-contained HTML page about training runs, drawn from their artefacts alone."""
