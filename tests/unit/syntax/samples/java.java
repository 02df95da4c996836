package org.shop.stock;

import java.util.List;
import java.util.*;
import static org.shop.Prices.total;

/**
 * A box.
 * @author nobody
 */
@Entity(name = "box")
public abstract class Box<T extends Item> extends Base<T> implements Openable, Sized {
  private static final int LIMIT = 10;
  /** How many. */
  protected int size = 0, spare;
  private List<T> items;

  public Box(int size) {
    super(size);
    this.size = size;
  }

  @Override
  public int size() throws StockError {
    int sum = 0;
    for (T item : items) sum += item.weigh(LIMIT);
    items.forEach(other -> Prices.add(other, sum));
    try (Reader reader = open()) { return total(sum); } catch (IOException error) { throw new StockError(error); }
  }

  abstract void open(Key key);

  enum State { OPEN, CLOSED { void hook() {} } }
  interface Lid { int WEIGHT = 1; void lift(); default void drop() { lift(); } }
  record Point(int x, int y) { }
  @interface Marked { String value() default ""; }
}
