using System.Security.Cryptography;

namespace Federation.Kubernetes;

/// <summary>Credentials in files that someone else renews: read again every minute, and when the server refuses them.</summary>
sealed class RereadCredentials(Func<Credential> read, TimeProvider time) : ICredentials
{
    static readonly TimeSpan FreshFor = TimeSpan.FromMinutes(1);

    readonly Lock gate = new();
    Credential? current;
    long readAt;
    bool refused;

    public ValueTask<Credential> CurrentAsync(CancellationToken cancel)
    {
        lock (gate)
        {
            if (current is null || refused || time.GetElapsedTime(readAt) >= FreshFor) Reread();
            return ValueTask.FromResult(current!);
        }
    }

    public void Refused(Credential credential)
    {
        lock (gate) refused = true;
    }

    /// <summary>Files that are just being replaced are no reason to be nobody: the last ones go on being used.</summary>
    void Reread()
    {
        try
        {
            current = read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            if (current is null) throw new HttpRequestException(HttpRequestError.UserAuthenticationError, "The credentials cannot be read.", e);
        }

        readAt = time.GetTimestamp();
        refused = false;
    }
}
