"""Layers at the entrance of sequence models: embeddings of ids, and masks of padding."""
