import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before the first import of Qt; window stories bring their Xvfb
