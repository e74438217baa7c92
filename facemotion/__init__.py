"""Facial expression research toolkit: ingestion, alignment, motion-mask priors and a compact FMPN trainer.

`import facemotion as fm` is cheap: a public name is imported when it is first used, and torch and OpenCV with it only
where it needs them. The names are listed in ``__init__.pyi``; `docs/python.md` shows them at work.
"""

import lazy_loader

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
