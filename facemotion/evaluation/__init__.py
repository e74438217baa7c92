"""Predictions as the artefact, metrics derived from them, and the published figures to set beside them."""
