"""The window: Qt Widgets. The only room, with app.py and __main__.py, that imports PySide6."""
