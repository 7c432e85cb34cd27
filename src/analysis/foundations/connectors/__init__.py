"""One module for each grammar of addresses: how a producer's machine is asked for a resource, and what is newest there.

A connector knows no dataset, no indicator and no territory: it brings whole files, as they were published or as a CSV with
the producer's own names of columns. Datasets declare one (``data.sources.remote``); what arrived is checked after it.
"""
