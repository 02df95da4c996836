src/only_here.py
