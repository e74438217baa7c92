"""The parts of FMPN, one file each; the defaults of each are the published network."""
