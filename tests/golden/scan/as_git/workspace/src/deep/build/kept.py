src/deep/build/kept.py
