"""Distillation: a small model learns what a large one knows."""

from kerasish.distillation.distiller import Distiller
from kerasish.distillation.losses import (
    DistillationLoss,
    FeatureDistillation,
    LogitsDistillation,
)

__all__ = ["DistillationLoss", "Distiller", "FeatureDistillation", "LogitsDistillation"]
