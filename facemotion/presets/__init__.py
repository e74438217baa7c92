"""Presets of training, one TOML file each; see `facemotion.training.settings`."""
