"""The `kerasish` command: train, evaluate, predict and more, from small TOML configs."""
