"""Many reports: run, each in a process of its own, here or on a cluster. Only this room imports papermill or Dask."""
