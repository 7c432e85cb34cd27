"""A checkout in miniature: no figures, three small notebooks, two editions. Every test of the reports runs on it."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from analysis.reports import sections

EDITION = """\
name: {name}
title: {{fr: édition d’essai, en: trial edition}}
outcomes: {outcomes}
territories: ["67", "2A", "974"]
languages: [fr]
vintages: 2025-11-30
"""


def markdown(source, *tags):
    return v4.new_markdown_cell(source, metadata={"tags": list(tags)})


def code(source, *tags):
    return v4.new_code_cell(source, metadata={"tags": list(tags)})


def parameters(source='territory = "67"\nedition = "2025"\nlang = "fr"'):
    return code(source, "parameters")


def notebook(*cells, title=True):
    opening = [markdown("# Essai", "fr"), markdown("# Trial", "en")] if title else []
    nb = v4.new_notebook(cells=[*opening, *cells])
    nb.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nb


SMALL = (
    parameters(),
    code("from IPython.display import HTML, display", "hide"),
    markdown("## Résultats\n\nDu texte **fort**.", "fr"),
    markdown("## Findings\n\nSome **strong** text.", "en"),
    code('print("<b>", territory, lang)\nHTML(f"<h3>Pour {territory}</h3>")'),
)

RICH = (
    *SMALL,
    code(
        "import warnings, sys\nprint('a')\nwarnings.warn('beware')\nprint('b', file=sys.stderr)\nprint('c')\n1 + 1"
    ),
    code(
        "import matplotlib.pyplot as plt\nfor title in ('un', 'deux'):\n"
        "    fig, ax = plt.subplots()\n    ax.plot([1, 3, 2])\n    ax.set_title(title)\n"
        "    display(fig, metadata={'alt': f'courbe {title}'})\n    plt.close(fig)"
    ),
    code(
        "import io, base64\nfig, ax = plt.subplots()\nax.bar(['é', 'b'], [1, 2])\nbuffer = io.BytesIO()\n"
        "fig.savefig(buffer, format='svg')\nplt.close(fig)\n"
        "display({'image/svg+xml': buffer.getvalue().decode()}, raw=True, metadata={'alt': 'barres'})"
    ),
    code("!echo shell\nobject()"),
    code("import asyncio\nawait asyncio.sleep(0)\nhandle = display('old', display_id='one')"),
    code(
        "handle.update('new')\nfrom IPython.display import clear_output\nprint('go' + 'ne')\nclear_output()\n{'b', 'a', 'c'}"
    ),
    code("%matplotlib inline\nimport pandas as pd\npd.DataFrame({'é': [1.5]}).to_dict()"),
    code("_ ; [len(str(_)), __name__, get_ipython().__class__.__name__]"),
)


def project_at(root: Path, **notebooks) -> Path:
    for folder in ("data/raw", "notebooks", "editions"):
        (root / folder).mkdir(parents=True)
    for name, nb in notebooks.items():
        nbformat.write(nb, root / "notebooks" / f"report_{name}.ipynb")
    outcomes = f"[{', '.join(notebooks)}]"
    (root / "editions" / "essai.yml").write_text(
        EDITION.format(name="essai", outcomes=outcomes), encoding="utf-8"
    )
    return root


@pytest.fixture
def make_project(tmp_path, monkeypatch):
    """`make_project(name=notebook, …)`: a checkout with those report notebooks and the edition `essai` of them all."""

    def make(**notebooks):
        root = project_at(tmp_path / "project", **notebooks)
        monkeypatch.setenv("PACTE_HOME", str(root))
        return root

    return make


@pytest.fixture
def small(make_project):
    """A checkout with one small notebook, `essai`."""
    return make_project(essai=notebook(*SMALL))


def sections_of(report):
    """What the calls of report notebooks show of any territory."""
    return [
        sections.key_figures(report, "rate_poverty_60", "count_population", caption="key_poverty"),
        sections.trend(report, "rate_unemployment", since="2003-Q1"),
        sections.position(report, "share_dpe_fg"),
        sections.funnel(report, "share_dpe_fg"),
        sections.tile_map(report, "rate_poverty_60", "2021"),
        sections.comparable(report),
        sections.breakdown(
            report, ["rate_poverty_60_owner", "rate_poverty_60_tenant"], "poverty_by_tenure", "2020"
        ),
        sections.evaluability(report),
        sections.local_figures(report),
        sections.policies(report),
        sections.reasons(report),
        sections.return_definitions(report),
        sections.national(report, "share_felt_cold", caption="national_energy"),
        sections.definitions(report),
        sections.sources(report),
    ]
