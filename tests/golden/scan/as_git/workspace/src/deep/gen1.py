src/deep/gen1.py
