"""Tasks for workers, which find them by import."""
import os
import signal
import time
from pathlib import Path

import torch


def write(task):
    """Write a file after some time; what the file is called may say that something else happens."""
    file, seconds = Path(task[0]), task[1]
    if file.name == "bad":
        raise ValueError("a bad task")
    if file.name == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(seconds)
    file.write_text(f"{os.getpid()} {torch.get_num_threads()}")
    return file.name


def free(_):
    from stylelib.engine.machine import free_memory
    return free_memory()


def spoken(_):
    from stylelib.engine.language import language
    return language()
