"""What of a dataset may be given to others: manifests without pictures or gated labels, and descriptions."""

from facemotion.sharing.compare import Comparison
from facemotion.sharing.export import share
from facemotion.sharing.reading import read_shared
from facemotion.sharing.table import SUFFIXES, Shared, write_shared

__all__ = ["SUFFIXES", "Comparison", "Shared", "read_shared", "share", "write_shared"]
