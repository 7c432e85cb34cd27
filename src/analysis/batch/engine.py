"""A papermill engine that runs a notebook in the process it is called in, with the outputs that a kernel would give.

``papermill report_x.ipynb out.ipynb --engine pacte`` uses it alone; the batch calls it in a process made for each report
(``pool``), so that nothing passes from one report to the next. It isolates nothing by itself.

papermill imports every registered engine whenever it starts: this module stays thin and loads the rest when it runs.
"""

from __future__ import annotations

from papermill.engines import Engine, NotebookExecutionManager

NAME = "pacte"


class InProcessEngine(Engine):  # type: ignore[misc] # papermill says no types
    """Runs the cells in a shell of this process instead of starting a kernel."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        log_output: bool = False,
        execution_timeout: float | None = None,
        **kwargs: object,
    ) -> None:
        """Execute the notebook that papermill prepared.

        Args:
            nb_man: papermill's record of the execution, which holds the notebook.
            kernel_name: must be a Python kernel; there is no other language here.
            log_output: accepted for papermill, without effect.
            execution_timeout: seconds after which a cell is stopped, as with papermill's own engine.
            kwargs: options of papermill's own engine that have no meaning without a kernel.
        """
        from analysis.batch.inprocess import InProcessClient

        if not str(kernel_name).startswith("python"):
            raise ValueError(
                f"engine {NAME} runs Python notebooks only, not kernel {kernel_name!r}; use --engine kernel"
            )
        InProcessClient(nb_man, timeout=execution_timeout, kernel_name=kernel_name).execute()
