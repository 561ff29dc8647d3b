"""Stages of data pipelines: what a Dataset is made of, one transformation each."""
