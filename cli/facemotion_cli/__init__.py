"""The command line of facemotion: one file per command, no logic in it."""
