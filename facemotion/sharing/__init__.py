"""What of a dataset may be given to others: manifests without pictures or gated labels, and descriptions."""

from facemotion.sharing.compare import Comparison, verify
from facemotion.sharing.export import export
from facemotion.sharing.table import SUFFIXES, Shared, read_shared, write_shared

__all__ = ["SUFFIXES", "Comparison", "Shared", "export", "read_shared", "verify", "write_shared"]
