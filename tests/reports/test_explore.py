"""The researchers' notebooks run from top to bottom in a kernel, as JupyterLab would run them."""

import nbformat
import pytest
from nbclient import NotebookClient


@pytest.mark.slow
@pytest.mark.parametrize("name", ["explore_indicators", "explore_compare", "explore_effects"])
def test_a_notebook_for_researchers_runs_top_to_bottom(project, name):
    notebook = nbformat.read(project / "notebooks" / f"{name}.ipynb", as_version=4)
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": project}}
    ).execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    silent = [cell.source.splitlines()[0] for cell in cells if not cell.outputs]
    shown = [output for cell in cells for output in cell.outputs]
    assert len(silent) <= 4, silent
    assert any("text/html" in output.get("data", {}) for output in shown)
    assert not any(output.output_type == "stream" and output.name == "stderr" for output in shown)
