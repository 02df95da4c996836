# SPDX-License-Identifier: Apache-2.0
"""The network of qwen2 in PyTorch, and how its weights are called in a GGUF."""
import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn


class Shape(NamedTuple):
    vocabulary: int = 8192
    width: int = 256
    layers: int = 6
    heads: int = 4
    kv_heads: int = 2
    inner: int = 768
    context: int = 2048
    rope_base: float = 10000.0
    epsilon: float = 1e-6

    @classmethod
    def from_metadata(cls, metadata):
        return cls(len(metadata["tokenizer.ggml.tokens"]), metadata["qwen2.embedding_length"], metadata["qwen2.block_count"],
                   metadata["qwen2.attention.head_count"], metadata["qwen2.attention.head_count_kv"],
                   metadata["qwen2.feed_forward_length"], metadata["qwen2.context_length"], metadata["qwen2.rope.freq_base"],
                   metadata["qwen2.attention.layer_norm_rms_epsilon"])

    def metadata(self):
        return {
            "qwen2.block_count": self.layers,
            "qwen2.context_length": self.context,
            "qwen2.embedding_length": self.width,
            "qwen2.feed_forward_length": self.inner,
            "qwen2.attention.head_count": self.heads,
            "qwen2.attention.head_count_kv": self.kv_heads,
            "qwen2.rope.freq_base": float(self.rope_base),
            "qwen2.attention.layer_norm_rms_epsilon": float(self.epsilon),
        }


class Norm(nn.Module):
    """Computes in float; what it gives has the type that the matrices compute with, cast once for all that read it."""

    def __init__(self, shape):
        super().__init__()
        self.weight, self.epsilon = nn.Parameter(torch.ones(shape.width)), shape.epsilon

    def forward(self, x, dtype):
        x = x.float()
        return (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon) * self.weight).to(dtype)


def rotated(x, cosine, sine):
    half = x.shape[-1] // 2
    return x * cosine + torch.cat([-x[..., half:], x[..., :half]], -1) * sine


class Block(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape, self.head = shape, shape.width // shape.heads
        width, kv, inner = shape.width, shape.kv_heads * self.head, shape.inner
        self.attn_norm, self.ffn_norm = Norm(shape), Norm(shape)
        self.attn_q, self.attn_k, self.attn_v = nn.Linear(width, width), nn.Linear(width, kv), nn.Linear(width, kv)
        self.attn_output = nn.Linear(width, width, bias=False)
        self.ffn_gate, self.ffn_up = nn.Linear(width, inner, bias=False), nn.Linear(width, inner, bias=False)
        self.ffn_down = nn.Linear(inner, width, bias=False)

    def attention(self, x, cosine, sine, mask):
        """`mask` [1, heads of a key * tokens, tokens]: the heads that share a key stand one below the other."""
        batch, length, _ = x.shape
        kv_heads, shared, dtype = self.shape.kv_heads, self.shape.heads // self.shape.kv_heads, mask.dtype
        q = rotated(self.attn_q(x).view(batch, length, self.shape.heads, self.head).transpose(1, 2).float(), cosine, sine).to(dtype)
        k = rotated(self.attn_k(x).view(batch, length, kv_heads, self.head).transpose(1, 2).float(), cosine, sine).to(dtype)
        v = self.attn_v(x).view(batch, length, kv_heads, self.head).transpose(1, 2).to(dtype)
        q = q.reshape(batch * kv_heads, shared * length, self.head)
        k, v = k.reshape(batch * kv_heads, length, self.head), v.reshape(batch * kv_heads, length, self.head)
        scores = torch.baddbmm(mask, q, k.transpose(1, 2), alpha=self.head ** -0.5)
        mixed = scores.softmax(-1) @ v
        return self.attn_output(mixed.view(batch, self.shape.heads, length, self.head).transpose(1, 2).reshape(batch, length, -1))

    def forward(self, x, cosine, sine, mask):
        x = x + self.attention(self.attn_norm(x, mask.dtype), cosine, sine, mask)
        h = self.ffn_norm(x, mask.dtype)
        return x + self.ffn_down(F.silu(self.ffn_gate(h)) * self.ffn_up(h))


class Model(nn.Module):
    """`dtype`: of what attention computes with; bfloat16 under autocast."""

    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.width)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = Norm(shape)
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)
            elif parameter.dim() == 2:
                is_last = name.endswith(("attn_output.weight", "ffn_down.weight"))
                nn.init.normal_(parameter, std=0.02 / (math.sqrt(2 * shape.layers) if is_last else 1))

    def forward(self, ids, dtype=torch.bfloat16):
        """The logits."""
        return F.linear(self.hidden(ids, dtype), self.token_embd.weight)

    def hidden(self, ids, dtype=torch.bfloat16):
        """What the output layer sees: [rows, tokens, width]."""
        length, head = ids.shape[1], self.shape.width // self.shape.heads
        frequencies = 1.0 / self.shape.rope_base ** (torch.arange(0, head, 2, device=ids.device).float() / head)
        angles = torch.outer(torch.arange(length, device=ids.device).float(), frequencies)
        angles = torch.cat([angles, angles], -1)
        mask = torch.full((length, length), -1e4, dtype=dtype, device=ids.device).triu(1)
        mask = mask.repeat(self.shape.heads // self.shape.kv_heads, 1)[None]
        x = self.token_embd(ids)
        for block in self.blk:
            x = block(x, angles.cos(), angles.sin(), mask)
        return self.output_norm(x, torch.float32)

    def load_tensors(self, tensors):
        """From a GGUF: its names are those of the parameters here."""
        self.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in tensors.items()})

    def tensors(self):
        return {name: tensor.detach().float().cpu().numpy() for name, tensor in self.state_dict().items()}
