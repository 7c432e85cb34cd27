"""Estimation: arrays and tidy frames in, frozen results out. Nothing here reads a file, draws or words a result.

Probabilities are asked of ``scipy.special`` (``ndtr`` and ``ndtri`` of the normal law, ``stdtr`` and ``stdtrit`` of
Student's, ``chdtrc`` of χ²): what ``scipy.stats`` calls, without the 0.3 s and the 22 MB that importing it costs a report.
"""
