using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Federation.Edge;

/// <summary>A certificate in files that somebody else renews: read again when they have changed, looked at once a minute.</summary>
sealed class RenewedCertificate(string certificate, string key, TimeProvider time)
{
    static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);

    readonly Lock gate = new();
    X509Certificate2 current = X509Certificate2.CreateFromPemFile(certificate, key);
    DateTime writtenAt = File.GetLastWriteTimeUtc(certificate);
    long lookedAt = time.GetTimestamp();

    public X509Certificate2 Current
    {
        get
        {
            lock (gate)
            {
                if (time.GetElapsedTime(lookedAt) >= LookEvery) Look();
                return current;
            }
        }
    }

    /// <summary>Files that are just being replaced are no reason to serve none.</summary>
    void Look()
    {
        lookedAt = time.GetTimestamp();
        try
        {
            var at = File.GetLastWriteTimeUtc(certificate);
            if (at == writtenAt) return;
            (current, writtenAt) = (X509Certificate2.CreateFromPemFile(certificate, key), at);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            // The last one goes on being served; the next look finds the new one.
        }
    }
}
