namespace Federation.Domain.Addressing;

/// <summary>Small values in one array, by index from 1 on. Slots given back are used again before the array grows.</summary>
sealed class Slots<T>
    where T : struct
{
    T[] items = new T[8];
    int[] returned = [];
    int returnedCount;
    int used = 1;

    /// <summary>Good until the next <see cref="Rent"/>, which may move the array.</summary>
    public ref T this[int index] => ref items[index];

    public int Rent(T item)
    {
        if (returnedCount == 0 && used == items.Length) Array.Resize(ref items, used * 2);
        var index = returnedCount > 0 ? returned[--returnedCount] : used++;
        items[index] = item;
        return index;
    }

    public void Return(int index)
    {
        if (returnedCount == returned.Length) Array.Resize(ref returned, Math.Max(8, returnedCount * 2));
        returned[returnedCount++] = index;
    }
}
