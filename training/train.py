#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the model with a number of tokens, on a CPU or one GPU.

    training/train.py --million-tokens 20                              from nothing, with OUT/tokenizer.json
    training/train.py --million-tokens 20 --resume                     goes on with OUT/checkpoint.pt to 20 in all
    training/train.py --million-tokens 5 --from models/starter.gguf    goes on with a model, with its vocabulary

Writes OUT/checkpoint.pt (the last), OUT/best.pt (the one with the lowest held-out loss) and a line for each measurement in
OUT/loss.csv. The learning rate falls to nothing at the last token, and rows grow longer towards it. To end earlier than was
planned, stop the run and --resume it with fewer tokens.
"""
import argparse
import csv
import json
import os
import pathlib
import sys
import time


def choose_instructions():
    """PyTorch of Debian does not choose AVX-512 by itself; it has to be told before it is loaded. A tenth faster."""
    try:
        flags = pathlib.Path("/proc/cpuinfo").read_text().partition("flags")[2].partition("\n")[0].split()
    except OSError:
        return
    if {"avx512f", "avx512bw", "avx512dq", "avx512vl", "fma"} <= set(flags):
        os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx512")


choose_instructions()

import numpy  # noqa: E402
import torch  # noqa: E402

import gguf  # noqa: E402
import samples  # noqa: E402
from head_loss import head_loss  # noqa: E402
from model import Model, Shape  # noqa: E402
from tokenizer import Tokenizer  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
MIX = {"code": 0.3, "fim": 0.45, "pairs": 0.25}
STEP_TOKENS = 4096
# Tokens of a row, by how much is done. Attention to many tokens costs most and is soon learned by who can attend to few.
LENGTHS = ((0.55, (512,)), (0.85, (512, 1024)), (1.0, (512, 1024, 2048, 2048)))
WARM_UP_STEPS = 40
FALL_FROM = 0.4  # of the tokens
MATRIX_RATE, OTHER_RATE = 0.02, 0.003  # from nothing; --rate scales both
MEASURED_ROWS, MEASURED_LENGTH = 24, 512


def orthogonalised(gradients):
    """Muon's step: for each of some matrices of one shape the nearest one all of whose singular values are about one
    (five Newton-Schulz iterations)."""
    x = gradients.bfloat16()
    is_tall = x.shape[1] > x.shape[2]
    x = x.transpose(1, 2) if is_tall else x
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        a = x @ x.transpose(1, 2)
        x = torch.baddbmm(x, torch.baddbmm(a, a, a, beta=-4.775, alpha=2.0315), x, beta=3.4445)
    return (x.transpose(1, 2) if is_tall else x).float()


class Optimizer:
    """Muon for the matrices, AdamW for the embedding, norms and biases."""

    def __init__(self, model, scale):
        self.scale = scale
        self.matrices, others = {}, []
        for name, parameter in model.named_parameters():
            if parameter.dim() == 2 and not name.startswith("token_embd"):
                self.matrices.setdefault(tuple(parameter.shape), []).append(parameter)
            else:
                others.append(parameter)
        self.momenta = [torch.zeros(len(group), *shape, device=group[0].device) for shape, group in self.matrices.items()]
        self.adam = torch.optim.AdamW(others, OTHER_RATE, betas=(0.9, 0.98), weight_decay=0.0)

    @torch.no_grad()
    def step(self, factor):
        rate = MATRIX_RATE * self.scale * factor
        for (shape, group), momentum in zip(self.matrices.items(), self.momenta):
            gradients = torch.stack([parameter.grad for parameter in group])
            momentum.mul_(0.95).add_(gradients, alpha=0.05)
            updates = orthogonalised(gradients * 0.05 + momentum * 0.95)
            for parameter, update in zip(group, updates):
                parameter.mul_(1 - 0.01 * rate)
                parameter.add_(update, alpha=-rate * max(1, shape[0] / shape[1]) ** 0.5)
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
        hidden = model.hidden(ids[:, :-1])
    return head_loss(hidden, model.token_embd.weight, ids[:, 1:], weights)


@torch.no_grad()
def held_out_losses(model, kinds, device):
    """Of what is wanted (the middle, the answer; of whole files everything), on the same rows each time."""
    losses = {}
    for name, rows in kinds.items():
        random = numpy.random.default_rng(7)
        ids, weights = samples.make_batch({name: rows}, {name: 1.0}, MEASURED_ROWS, MEASURED_LENGTH, random)
        losses[name] = weighted_loss(model, ids, (weights > 0.5).float(), device).item()
    return losses


def save(path, **state):
    torch.save(state, f"{path}.part")
    os.replace(f"{path}.part", path)


def rate_factor(step, done):
    fall = 1.0 if done < FALL_FROM else max(0.0, (1 - done) / (1 - FALL_FROM))
    return min(1.0, (step + 1) / WARM_UP_STEPS) * fall


class Run:
    """A model, what changes it, and how far that has come."""

    def __init__(self, options):
        self.options = options
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        checkpoint = torch.load(options.out / "checkpoint.pt", map_location=self.device) if options.resume else None
        tensors = None
        if checkpoint:
            shape = Shape(*checkpoint["shape"])
        elif options.model:
            metadata, tensors = gguf.read(options.model)
            shape = Shape.from_metadata(metadata)
        else:
            shape = Shape(len(Tokenizer.load(options.out / "tokenizer.json")), **options.shape)
        self.model = Model(shape)
        if tensors:
            self.model.load_tensors(tensors)
        self.model.to(self.device)
        self.optimizer = Optimizer(self.model, options.rate or (0.25 if options.model else 1.0))
        self.step, self.tokens, self.minutes, self.best, self.smooth = 0, 0, 0.0, float("inf"), None
        if checkpoint:
            self.model.load_state_dict(checkpoint["model"])
            self.optimizer.load(checkpoint["optimizer"])
            self.step, self.tokens, self.minutes, self.best, self.smooth = checkpoint["progress"]
        self.is_new = checkpoint is None

    def done(self):
        return self.tokens / (self.options.million_tokens * 1e6)

    def train_step(self, kinds):
        random = numpy.random.default_rng(self.step)
        length = int(random.choice(next(lengths for until, lengths in LENGTHS if self.done() < until)))
        ids, weights = samples.make_batch(kinds, MIX, STEP_TOKENS // length, length, random)
        begin = time.monotonic()
        loss = weighted_loss(self.model, ids, weights, self.device)
        loss.backward()
        self.optimizer.step(rate_factor(self.step, self.done()))
        self.model.zero_grad(set_to_none=True)
        self.step, self.tokens = self.step + 1, self.tokens + weights.numel()
        self.smooth = loss.item() if self.smooth is None else 0.95 * self.smooth + 0.05 * loss.item()
        self.minutes += (time.monotonic() - begin) / 60

    def measure(self, kinds, table):
        """Writes a line, and the checkpoint."""
        losses = held_out_losses(self.model, kinds, self.device)
        figures = [f"{self.smooth or 0:.3f}", *(f"{losses[name]:.3f}" for name in sorted(losses))]
        table.writerow([self.step, f"{self.tokens / 1e6:.2f}", f"{self.minutes:.1f}", *figures])
        print(f"step {self.step}, {self.tokens / 1e6:.2f} million tokens, {self.minutes:.1f} minutes, loss", *figures, flush=True)
        mean = sum(MIX[name] * loss for name, loss in losses.items())
        is_best, self.best = mean < self.best, min(mean, self.best)
        state = dict(model=self.model.state_dict(), optimizer=self.optimizer.state(), shape=tuple(self.model.shape),
                     progress=(self.step, self.tokens, self.minutes, self.best, self.smooth))
        save(self.options.out / "checkpoint.pt", **state)
        if is_best:
            save(self.options.out / "best.pt", **state)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/training")
    parser.add_argument("--million-tokens", type=float, required=True, help="in all, what was done before --resume included")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--from", dest="model", type=pathlib.Path)
    source.add_argument("--resume", action="store_true")
    parser.add_argument("--rate", type=float, help="times the usual learning rate (default: 1; going on with a model: 0.25)")
    parser.add_argument("--threads", type=int, default=1, help="more only on a machine of its own: they wait for each other")
    parser.add_argument("--shape", type=json.loads, default={}, help='for example {"width": 320, "layers": 8}')
    parser.add_argument("--measure-every", type=int, default=200, metavar="STEPS")
    return parser.parse_args()


def main():
    options = parse()
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    run = Run(options)
    print(f"{sum(p.numel() for p in run.model.parameters()) / 1e6:.2f} million parameters on {run.device}", flush=True)
    train, held_out = (samples.load(options.out, MIX, split) for split in ("train", "held-out"))
    with open(options.out / "loss.csv", "w" if run.is_new else "a", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        if run.is_new:
            table.writerow(["step", "million tokens", "minutes", "training loss", *(f"held-out {name}" for name in sorted(MIX))])
        while run.done() < 1:
            if run.step % options.measure_every == 0:
                run.measure(held_out, table)
                file.flush()
            run.train_step(train)
        run.measure(held_out, table)


if __name__ == "__main__":
    sys.exit(main())
