"""The parts of the networks, one file each, whose defaults are the published network; variants put them together."""
