"""Motion-mask priors: Eq. 1 of the paper, the portable bank of masks, its figure, transfer and comparison."""
