"""Training: compile, fit, evaluate and predict, and the compiled step behind them."""
