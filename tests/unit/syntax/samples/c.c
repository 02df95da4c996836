/*
 * Licence.
 */
#include <stdio.h>
#include "queue.h"

#ifndef QUEUE_LIMIT
#define QUEUE_LIMIT 64
#endif
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define SAMPLE_H

/* An item of a queue. */
typedef struct item {
  int weight;          /* in grams */
  struct item *next, **before;
  int (*compare)(const struct item *, const struct item *);
} item_t, *item_ref;

typedef struct {
  unsigned flags : 3;
} options;

typedef int (*visitor)(item_t *item, void *state);

enum colour { RED, GREEN = 2, BLUE };
union value { int i; double d; };

extern int queue_count;
static const char *const names[] = {"a", "b"};
int first = 1, second;

// Puts an item in.
// Returns its place.
int queue_put(queue_t *queue, item_t *item);
static char *(name_of)(int index);

/**
 * Takes the first item.
 *
 * @param queue where from
 */
static inline item_t *queue_take(queue_t *queue, int (*filter)(item_t *)) {
  item_t *found = queue->head;
  struct item local = {.weight = QUEUE_LIMIT};
  for (int i = 0; i < queue_count; ++i)
    if (filter(found) && MIN(i, first)) found = found->next;
  log_line("taken", local.weight, sizeof(options));
  return found;
}

#if defined(_WIN32)
int only_there(void) { return 0; }
#else
int only_here(void) { return queue_take(NULL, NULL) != 0; }
#endif
