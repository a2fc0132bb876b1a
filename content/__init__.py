"""The club's library as data: plans and papers, read through `importlib.resources`."""
