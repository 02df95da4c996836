using System;
using System.Collections.Generic;
using Alias = Shop.Prices;

namespace Shop.Stock
{
    /// <summary>A box.</summary>
    [Serializable]
    public class Box<T> : Base<T>, IOpen where T : Item, new()
    {
        public const int Limit = 10;
        private readonly List<T> items = new List<T>(), spare;
        /// <summary>
        /// How many.
        /// </summary>
        public int Size { get; private set; } = 0;
        public string Name => Prices.NameOf(this);
        public event EventHandler Opened;

        public Box(int size) : base(size) { Size = size; }

        public async Task<int> Put(T item, Func<T, int> weigh)
        {
            var total = 0;
            foreach (var other in items) total += weigh(other);
            int Local(int x) => x + total;
            if (item is Lid lid) lid?.Lift();
            return Local(Helper.Sum<int>(total)) + (int)Limit;
        }
        public static Box<T> operator +(Box<T> a, Box<T> b) => a;
    }
    public interface IOpen { void Open(Key key); }
    public struct Point { public int X; }
    public enum State { Open, Closed = 2 }
    public delegate int Weigher(Item item);
    public record Pair(int A, string B);
}
