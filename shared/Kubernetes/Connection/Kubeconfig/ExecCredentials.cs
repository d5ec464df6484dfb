namespace Federation.Kubernetes;

/// <summary>
/// Credentials from a plugin. However many requests want some, the plugin runs once; again when what it gave is about to
/// expire or has been refused.
/// </summary>
sealed class ExecCredentials(IExecPlugin plugin, TimeProvider time) : ICredentials
{
    static readonly TimeSpan RenewBefore = TimeSpan.FromSeconds(10);

    readonly Lock gate = new();
    Task<ExecAnswer>? current;

    public async ValueTask<Credential> CurrentAsync(CancellationToken cancel)
    {
        Task<ExecAnswer> answer;
        lock (gate) answer = current is { } known && IsGood(known) ? known : current = plugin.RunAsync(time);

        return (await answer.WaitAsync(cancel)).Credential;
    }

    public void Refused(Credential credential)
    {
        lock (gate)
        {
            if (current is { IsCompletedSuccessfully: true } known && known.GetAwaiter().GetResult().Credential == credential) current = null;
        }
    }

    /// <summary>Whether it is still on its way, or here and good for a while.</summary>
    bool IsGood(Task<ExecAnswer> answer)
    {
        if (!answer.IsCompleted) return true;
        if (!answer.IsCompletedSuccessfully) return false;
        return answer.GetAwaiter().GetResult().ExpiresAt is not { } end || time.GetUtcNow() < end - RenewBefore;
    }
}

/// <summary>What a plugin gave, and until when it is good; null for ever.</summary>
sealed record ExecAnswer(Credential Credential, DateTimeOffset? ExpiresAt);

/// <summary>Something that gives credentials when asked.</summary>
interface IExecPlugin
{
    /// <exception cref="HttpRequestException">It gave none.</exception>
    Task<ExecAnswer> RunAsync(TimeProvider time);
}
