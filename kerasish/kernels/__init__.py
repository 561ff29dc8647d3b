"""Fast implementations for devices; deleting this folder changes speed, never results."""
