using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;

namespace Federation.Hub;

/// <summary>
/// A cluster's API server in front of the hub: it has asked who is there, and says so in headers. Only whoever shows its
/// certificate is believed.
/// </summary>
sealed class FrontProxy
{
    const string UserHeader = "X-Remote-User";
    const string GroupHeader = "X-Remote-Group";
    const string UidHeader = "X-Remote-Uid";
    const string ExtraPrefix = "X-Remote-Extra-";

    readonly X509Certificate2Collection authority = [];
    readonly IReadOnlyList<string> names;

    /// <param name="names">Common names its certificate may have; none for any.</param>
    public FrontProxy(string authorityPath, IReadOnlyList<string> names)
    {
        authority.ImportFromPemFile(authorityPath);
        this.names = names;
    }

    public bool IsOf(X509Certificate2 certificate)
    {
        if (names.Count > 0 && !names.Contains(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false))) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    /// <summary>Whom the proxy speaks for; null when it does not say.</summary>
    public static Caller? CallerIn(IHeaderDictionary headers)
    {
        if (headers[UserHeader].ToString() is not { Length: > 0 } name) return null;
        var extra = headers.Where(static header => header.Key.StartsWith(ExtraPrefix, StringComparison.OrdinalIgnoreCase))
            .ToImmutableSortedDictionary(
                static header => Uri.UnescapeDataString(header.Key[ExtraPrefix.Length..]).ToLowerInvariant(),
                static IReadOnlyList<string> (header) => [.. header.Value.OfType<string>()],
                StringComparer.Ordinal);
        return new(name, [.. headers[GroupHeader].OfType<string>()], headers[UidHeader].ToString() is { Length: > 0 } uid ? uid : null, extra.IsEmpty ? null : extra);
    }
}
