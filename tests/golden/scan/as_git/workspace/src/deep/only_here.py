src/deep/only_here.py
