#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the trained model as GGUF: F16, and beside it the file that is shipped.

    training/export.py                          OUT/best.pt → OUT/starter-f16.gguf and OUT/starter.gguf in Q8_0

For other types: `offline-coder model optimize OUT/starter-f16.gguf --type Q4_K`, or llama-quantize.
"""
import argparse
import pathlib

import torch

import gguf
from model import Model, Shape
from tokenizer import Tokenizer

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEMPLATE = ("{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' + "
            "message.content + '<|im_end|>\\n' }}{%- endfor %}"
            "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}")


# llama.cpp's numbers of file types.
FILE_TYPES = {gguf.F16: 1, gguf.Q8_0: 7}


def metadata(shape, tokenizer, matrices):
    return {
        "general.architecture": "qwen2",
        "general.name": "offline-coder starter",
        "general.license": "apache-2.0",
        "general.description": "small code model trained from scratch for offline-coder: completion of lines, demonstrations "
                               "and tests",
        "general.file_type": FILE_TYPES[matrices],
        "general.quantization_version": 2,
        **shape.metadata(),
        **tokenizer.metadata(),
        "tokenizer.chat_template": TEMPLATE,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/training")
    parser.add_argument("--checkpoint", default="best.pt", help="a file of OUT (default: the best by held-out loss)")
    options = parser.parse_args()
    state = torch.load(options.out / options.checkpoint, map_location="cpu")
    shape = Shape(*state["shape"])
    model = Model(shape)
    model.load_state_dict(state["model"])
    tokenizer, tensors = Tokenizer.load(options.out / "tokenizer.json"), model.tensors()
    shipped = options.out / "starter.gguf"
    for path, matrices in ((options.out / "starter-f16.gguf", gguf.F16), (shipped, gguf.Q8_0)):
        gguf.write(path, metadata(shape, tokenizer, matrices), tensors, matrices)
    step, tokens = state["progress"][:2]
    print(f"step {step}, {tokens / 1e6:.2f} million tokens: {shipped.stat().st_size / 1e6:.2f} MB in {shipped}")


if __name__ == "__main__":
    main()
