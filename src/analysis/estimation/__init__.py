"""Estimation: arrays and tidy frames in, frozen results out. Nothing here reads a file, draws or words a result.

Probabilities are asked of ``confidence``, or of ``scipy.special``: what ``scipy.stats`` calls, without the 0.3 s and the
22 MB that importing it costs a report.
"""
