"""Words for readers, in French and in English: numbers as each language writes them, and sentences from results.

``messages`` holds every sentence and its typography, ``formats`` writes numbers, dates and states, ``sentences`` turns
results into sentences that are never stronger than their interval. It stands above ``estimation`` in the way of the
data and below ``tables``, ``figures`` and ``reports``. It computes no figure, reads no data and writes no HTML.
"""
