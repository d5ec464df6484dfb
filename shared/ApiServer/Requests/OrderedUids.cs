namespace Federation.ApiServer;

/// <summary>
/// UUIDs of version 7 (RFC 9562, 5.7) that never go back within a process: milliseconds, then a counter, then chance. So
/// objects sort by creation even within one second, whichever way the wall clock jumps.
/// </summary>
public sealed class OrderedUids(TimeProvider time, Func<ulong> draw)
{
    readonly Lock gate = new();
    long milliseconds;
    int counter;

    public Guid Next()
    {
        lock (gate)
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            if (now > milliseconds) (milliseconds, counter) = (now, 0);
            else if (++counter > 0xFFF) (milliseconds, counter) = (milliseconds + 1, 0);

            var high = ((ulong)milliseconds << 16) | 0x7000UL | (uint)counter;
            var low = (draw() >> 2) | 0x8000_0000_0000_0000UL;
            return new Guid((uint)(high >> 32), (ushort)(high >> 16), (ushort)high,
                (byte)(low >> 56), (byte)(low >> 48), (byte)(low >> 40), (byte)(low >> 32), (byte)(low >> 24), (byte)(low >> 16), (byte)(low >> 8), (byte)low);
        }
    }
}
