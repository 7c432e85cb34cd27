"""DREES: solidarity benefits, minimum incomes, orientation of RSA recipients, social aid of the départements.

One module for each subject, and ``sheets`` for how all of them are read.
"""
