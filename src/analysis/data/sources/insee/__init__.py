"""INSEE: unemployment, incomes and poverty, census, population, employment, energy spending.

One module per source, and ``wide`` for how several of them are read. Régions and France are carried where a file publishes
them and never added up here.
"""
