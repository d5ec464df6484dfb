namespace Federation.E2E;

/// <summary>Looks again until something is so; after the limit it says what did not happen.</summary>
sealed class Patience(TimeProvider time, CancellationToken cancel)
{
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    public CancellationToken Cancel => cancel;

    public async Task<T> UntilAsync<T>(Func<Task<T>> look, Func<T, bool> isSo, Func<T, string> otherwise)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var seen = await look();
            if (isSo(seen)) return seen;
            if (time.GetElapsedTime(started) > Longest) throw new CaseFailure($"after {Longest.TotalSeconds} s {otherwise(seen)}");
            await Task.Delay(LookEvery, time, cancel);
        }
    }
}
