src/deep/gen10.py
