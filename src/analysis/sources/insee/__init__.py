"""INSEE: unemployment, incomes and poverty, census, population, employment, energy spending.

One module per source; this one only lists their datasets. Régions and France are carried where a file publishes them
and never added up here. First step of the way of the data: published file in, tidy figures out.
"""

from analysis.sources.base import Dataset
from analysis.sources.insee import (
    census,
    employment,
    energy,
    filosofi,
    population,
    poverty_2009,
    unemployment,
)

DATASETS: tuple[Dataset, ...] = (
    *unemployment.DATASETS,
    *poverty_2009.DATASETS,
    *filosofi.DATASETS,
    *census.DATASETS,
    *population.DATASETS,
    *employment.DATASETS,
    *energy.DATASETS,
)
