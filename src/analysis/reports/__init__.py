"""From an edition to its HTML reports: parameters in, parameterised notebooks run by papermill, pages out.

``edition`` says what is asked, ``run`` carries the batch, ``pool`` isolates each report in a process of its own, ``build``
is what happens in there (``engine`` runs the notebook, ``render`` makes the page), ``site`` and ``manifest`` close the
edition. Only this package imports papermill or nbconvert. It computes no figure and words no result.

This file imports nothing, because papermill loads ``reports.engine`` through an entry point whenever it starts.
"""
