namespace Federation.Tests;

/// <summary>No test waits for ever. That something did not happen is known late, and so also on a machine that has much else to do.</summary>
static class Limits
{
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    public static CancellationToken Cancel => new CancellationTokenSource(Longest, TimeProvider.System).Token;

    public static Task Within(this Task task) => task.WaitAsync(Longest, TimeProvider.System);

    public static Task<T> Within<T>(this Task<T> task) => task.WaitAsync(Longest, TimeProvider.System);

    public static Task<T> Within<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(Longest, TimeProvider.System);
}
