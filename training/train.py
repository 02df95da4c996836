#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the model for a number of minutes, on a CPU or one GPU.

    training/train.py --minutes 60 --from models/starter.gguf    goes on with a model, with its vocabulary
    training/train.py --minutes 600                              from nothing, with OUT/tokenizer.json
    training/train.py --minutes 60 --resume                      goes on with OUT/checkpoint.pt

Writes OUT/checkpoint.pt (the last), OUT/best.pt (the one with the lowest held-out loss) and a line for each measurement in
OUT/loss.csv. The learning rate rises over the first steps and falls to nothing at the end of the time, so the time has
to be said before.
"""
import argparse
import csv
import json
import os
import pathlib
import time

import numpy
import torch
import torch.nn.functional as F

import gguf
from model import Model, Shape
from samples import Samples, make_batch
from tokenizer import Tokenizer

ROOT = pathlib.Path(__file__).resolve().parent.parent
MIX = {"code": 0.3, "fim": 0.45, "pairs": 0.25}
STEP_TOKENS = 4096
LENGTHS = (512, 512, 512, 1024, 1024, 2048)  # most of a completion's prompts are short; the window is 2048
WARM_UP_STEPS = 40
FALL_FROM = 0.4  # of the time
MATRIX_RATE, OTHER_RATE = 0.02, 0.003  # from nothing; --rate scales both
MEASURED_ROWS, MEASURED_LENGTH = 12, 1024


def orthogonalised(gradient):
    """Muon's step: the nearest matrix all of whose singular values are about one (five Newton-Schulz iterations)."""
    x = gradient.bfloat16()
    is_tall = x.shape[0] > x.shape[1]
    x = x.t() if is_tall else x
    x = x / (x.norm() + 1e-7)
    for _ in range(5):
        a = x @ x.t()
        x = 3.4445 * x + (-4.775 * a + 2.0315 * (a @ a)) @ x
    return (x.t() if is_tall else x).float()


class Optimizer:
    """Muon for the matrices, AdamW for the embedding, norms and biases."""

    def __init__(self, model, scale):
        self.scale = scale
        named = list(model.named_parameters())
        self.matrices = [p for name, p in named if p.dim() == 2 and not name.startswith("token_embd")]
        others = [p for name, p in named if p.dim() != 2 or name.startswith("token_embd")]
        self.momenta = [torch.zeros_like(p) for p in self.matrices]
        self.adam = torch.optim.AdamW(others, OTHER_RATE, betas=(0.9, 0.98), weight_decay=0.0)

    @torch.no_grad()
    def step(self, factor):
        rate = MATRIX_RATE * self.scale * factor
        for parameter, momentum in zip(self.matrices, self.momenta):
            momentum.mul_(0.95).add_(parameter.grad, alpha=0.05)
            update = orthogonalised(parameter.grad * 0.05 + momentum * 0.95)
            parameter.mul_(1 - 0.01 * rate)
            parameter.add_(update, alpha=-rate * max(1, parameter.shape[0] / parameter.shape[1]) ** 0.5)
        for group in self.adam.param_groups:
            group["lr"] = OTHER_RATE * self.scale * factor
        self.adam.step()

    def state(self):
        return {"momenta": self.momenta, "adam": self.adam.state_dict()}

    def load(self, state):
        for momentum, saved in zip(self.momenta, state["momenta"]):
            momentum.copy_(saved)
        self.adam.load_state_dict(state["adam"])


def weighted_loss(model, ids, weights, device):
    ids, weights = ids.to(device), weights.to(device)
    with torch.autocast(device.type, dtype=torch.bfloat16):
        logits = model(ids[:, :-1])
    losses = F.cross_entropy(logits.float().flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
    return (losses * weights.flatten()).sum() / weights.sum()


@torch.no_grad()
def held_out_losses(model, kinds, device):
    """Of what is wanted (the middle, the answer; of whole files everything), on the same rows each time."""
    losses = {}
    for name, samples in kinds.items():
        random = numpy.random.default_rng(7)
        total = 0.0
        for _ in range(MEASURED_ROWS // 4):
            ids, weights = make_batch({name: samples}, {name: 1.0}, 4, MEASURED_LENGTH, random)
            total += weighted_loss(model, ids, (weights > 0.5).float(), device).item()
        losses[name] = total / (MEASURED_ROWS // 4)
    return losses


def save(path, **state):
    torch.save(state, f"{path}.part")
    os.replace(f"{path}.part", path)


def rate_factor(step, done):
    """`done`: how much of the time has passed."""
    fall = 1.0 if done < FALL_FROM else max(0.0, (1 - done) / (1 - FALL_FROM))
    return min(1.0, (step + 1) / WARM_UP_STEPS) * fall


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/training")
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--from", dest="model", type=pathlib.Path)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--rate", type=float, help="times the usual learning rate (default: 1; going on with a model: 0.25)")
    parser.add_argument("--threads", type=int, default=1, help="more only on a machine of its own: they wait for each other")
    parser.add_argument("--shape", type=json.loads, default={}, help='for example {"width": 320, "layers": 8}')
    parser.add_argument("--measure-every", type=int, default=60, metavar="STEPS")
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    checkpoint = torch.load(options.out / "checkpoint.pt", map_location=device) if options.resume else None
    if checkpoint:
        shape, tensors = Shape(*checkpoint["shape"]), None
    elif options.model:
        metadata, tensors = gguf.read(options.model)
        shape = Shape.from_metadata(metadata)
    else:
        shape, tensors = Shape(len(Tokenizer.load(options.out / "tokenizer.json")), **options.shape), None
    model = Model(shape)
    if tensors:
        model.load_tensors(tensors)
    model.to(device)
    optimizer = Optimizer(model, options.rate or (0.25 if options.model else 1.0))
    step, tokens, best = 0, 0, float("inf")
    if checkpoint:
        model.load_state_dict(checkpoint["model"])
        optimizer.load(checkpoint["optimizer"])
        step, tokens, best = checkpoint["step"], checkpoint["tokens"], checkpoint["best"]
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} million parameters on {device}", flush=True)
    train = {name: Samples(options.out / f"{name}.train.npz") for name in MIX}
    held_out = {name: Samples(options.out / f"{name}.held-out.npz") for name in MIX}
    random = numpy.random.default_rng(step)
    begin, smooth = time.monotonic(), None
    with open(options.out / "loss.csv", "a" if checkpoint else "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        if not checkpoint:
            table.writerow(["step", "million tokens", "minutes", "training loss", *(f"held-out {name}" for name in sorted(MIX))])
        while True:
            done = (time.monotonic() - begin) / (options.minutes * 60)
            if step % options.measure_every == 0 or done >= 1:
                losses = held_out_losses(model, held_out, device)
                table.writerow([step, f"{tokens / 1e6:.2f}", f"{(time.monotonic() - begin) / 60:.1f}", f"{smooth or 0:.3f}",
                                *(f"{losses[name]:.3f}" for name in sorted(losses))])
                file.flush()
                print(f"step {step}, {tokens / 1e6:.2f} million tokens, loss {smooth or 0:.3f}, held out", losses, flush=True)
                state = dict(model=model.state_dict(), optimizer=optimizer.state(), shape=tuple(shape), step=step, tokens=tokens)
                mean = sum(MIX[name] * loss for name, loss in losses.items())
                if mean < best:
                    best = mean
                    save(options.out / "best.pt", **state, best=best)
                save(options.out / "checkpoint.pt", **state, best=best)
            if done >= 1:
                break
            length = int(random.choice(LENGTHS))
            ids, weights = make_batch(train, MIX, STEP_TOKENS // length, length, random)
            loss = weighted_loss(model, ids, weights, device)
            loss.backward()
            optimizer.step(rate_factor(step, done))
            model.zero_grad(set_to_none=True)
            step, tokens = step + 1, tokens + ids.numel()
            smooth = loss.item() if smooth is None else 0.95 * smooth + 0.05 * loss.item()


if __name__ == "__main__":
    main()
