"""Facial expression research toolkit: ingestion, alignment, motion-mask priors and a compact FMPN trainer.

`import facemotion` is cheap: neither torch nor OpenCV is loaded until a module that needs it is imported.
"""

__version__ = "0.1.0"
