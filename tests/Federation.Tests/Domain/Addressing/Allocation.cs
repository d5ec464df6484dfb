namespace Federation.Tests.Domain.Addressing;

/// <summary>How many bytes an action allocates.</summary>
static class Allocation
{
    const int Runs = 5;

    /// <summary>The least of several runs: a collection for another test's sake counts the rest of this thread's buffer as allocated.</summary>
    public static long Of(Action action)
    {
        var least = long.MaxValue;
        for (var run = 0; run < Runs; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
