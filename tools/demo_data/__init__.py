"""The lives of the demo family, written as plain Python: read `mina.py` to see how a life is told."""
