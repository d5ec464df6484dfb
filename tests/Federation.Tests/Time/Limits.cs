namespace Federation.Tests;

/// <summary>No test waits for ever. That something did not happen is known late, and so also on a machine that has much else to do.</summary>
static class Limits
{
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>Begins anew each time it is asked for.</summary>
    public static CancellationToken Cancel => new CancellationTokenSource(Longest, TimeProvider.System).Token;

    /// <summary>Looks again until something is so.</summary>
    public static Task UntilAsync(Func<bool> isSo) => UntilAsync(() => Task.FromResult(isSo()));

    public static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        var cancel = Cancel;
        while (!await isSo()) await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancel);
    }

    public static Task Within(this Task task) => task.WaitAsync(Longest, TimeProvider.System);

    public static Task<T> Within<T>(this Task<T> task) => task.WaitAsync(Longest, TimeProvider.System);

    public static Task<T> Within<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(Longest, TimeProvider.System);
}
