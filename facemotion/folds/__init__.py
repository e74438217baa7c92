"""Person-independent folds: what they are, and the rules by which subjects are dealt into them."""

from facemotion.folds.dealing import build_folds, deal
from facemotion.folds.division import Fold, Folds, OfficialSplit, is_split

__all__ = ["Fold", "Folds", "OfficialSplit", "build_folds", "deal", "is_split"]
