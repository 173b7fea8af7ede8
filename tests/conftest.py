import os
import signal

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before the first import of Qt; window stories bring their Xvfb
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a background job, whose children inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)
