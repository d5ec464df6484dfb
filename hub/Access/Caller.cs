using System.Collections.Immutable;
using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;
using Federation.Kubernetes;

namespace Federation.Hub;

/// <summary>Who asks, as far as it was proved.</summary>
sealed record Caller(string Name, IReadOnlyList<string> Groups, string? Uid = null, ImmutableSortedDictionary<string, IReadOnlyList<string>>? Extra = null)
{
    const string CommonName = "2.5.4.3";
    const string Organization = "2.5.4.10";

    /// <summary>As Kubernetes reads certificates: the common name is the user, the organizations are the groups. Null without a name.</summary>
    public static Caller? Of(X509Certificate2 certificate)
    {
        string? name = null;
        List<string> groups = [];
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames().Where(static part => !part.HasMultipleElements))
        {
            if (part.GetSingleElementValue() is not { Length: > 0 } value) continue;
            if (part.GetSingleElementType().Value is CommonName) name ??= value;
            if (part.GetSingleElementType().Value is Organization) groups.Add(value);
        }

        return name is null ? null : new(name, groups);
    }

    public static Caller? Of(ReviewedUser user) => user.Username is { Length: > 0 } name ? new(name, user.Groups ?? [], user.Uid, user.Extra) : null;

    public ClaimsPrincipal ToPrincipal() => new(new ClaimsIdentity([new Claim(ClaimTypes.Name, Name)], authenticationType: "federation"));

    /// <summary>Names the caller in a cache: two with one key have the same rights.</summary>
    public string Key => string.Join('\n', [Name, .. Groups, .. (Extra ?? ImmutableSortedDictionary<string, IReadOnlyList<string>>.Empty).Select(static pair => $"{pair.Key}={string.Join(',', pair.Value)}")]);
}
