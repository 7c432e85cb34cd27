"""Estimation: arrays and tidy frames in, frozen results out. Nothing here reads a file, draws or words a result."""
