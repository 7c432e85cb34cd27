"""The names of the files of an edition's data: those to take away, and the comparison that is kept beside them.

``datapackage`` writes the first, ``compare`` the second; whoever only asks whether they are there needs no more than this.
"""

FOLDER = "data"
FIGURES = "figures.parquet"
INPUTS = "inputs.json"
PACKAGE = "datapackage.json"
DIFFERENCES, RECORD = f"{FOLDER}/changes.csv", f"{FOLDER}/changes.json"
"""Where an edition keeps a comparison (``compare``): the differences, and what was compared."""
COMPRESSED = "figures.csv.gz"
TABLES = (COMPRESSED, "codebook.csv", "datasets.csv", "corrections.csv", "existing.csv", "territories.csv")
FILES = tuple(f"{FOLDER}/{name}" for name in (FIGURES, *TABLES, INPUTS, PACKAGE))
"""What is written there, by its path in the folder of the edition."""
