"""What is due when (plan.py, pure), and its delivery (runner.py)."""
