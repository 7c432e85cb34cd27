"""Published file, tidy figures, panel: every figure with its source, its state and what was put right."""
