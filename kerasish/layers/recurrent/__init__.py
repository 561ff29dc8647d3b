"""Recurrent layers: cells, and the layers that run them over the steps of sequences."""
