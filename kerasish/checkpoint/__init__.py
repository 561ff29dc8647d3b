"""Checkpoints of training runs: folders by step that appear whole or not at all."""

from kerasish.checkpoint.manager import CheckpointManager

__all__ = ["CheckpointManager"]
