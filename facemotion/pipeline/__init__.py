"""The stages, one file each: what each needs, reads and writes, and how it is made; see `facemotion.pipeline.stage`.

The public names are imported when they are first used, so that a command's help costs nothing.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
