"""Training FMPN and its baselines: data on the device, schedule, loop, checkpoints, and the protocol over folds."""
