namespace Federation.Tests;

/// <summary>No test waits for ever.</summary>
static class Limits
{
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    public static CancellationToken Cancel => new CancellationTokenSource(Longest, TimeProvider.System).Token;

    public static Task Within(this Task task) => task.WaitAsync(Longest, TimeProvider.System);

    public static Task<T> Within<T>(this Task<T> task) => task.WaitAsync(Longest, TimeProvider.System);

    public static Task<T> Within<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(Longest, TimeProvider.System);
}
