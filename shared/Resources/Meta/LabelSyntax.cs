using System.Text.RegularExpressions;

namespace Federation.Resources;

/// <summary>The spelling rules of Kubernetes names, label keys and label values.</summary>
public static partial class LabelSyntax
{
    public const string KeyRule =
        "a label key is an optional DNS prefix and '/', then 1 to 63 letters, digits, '-', '_' or '.', with a letter or digit at both ends";

    public const string ValueRule =
        "a label value is empty or 1 to 63 letters, digits, '-', '_' or '.', with a letter or digit at both ends";

    public const string DnsLabelRule =
        "must be a lowercase RFC 1123 label: 1 to 63 of a-z, 0-9 and '-', with a letter or digit at both ends";

    public const string DnsSubdomainRule =
        "must be a lowercase RFC 1123 subdomain: labels of a-z, 0-9 and '-' joined by '.', at most 253 characters";

    public static bool IsKey(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? IsQualified(key) : IsDnsSubdomain(key[..slash]) && IsQualified(key[(slash + 1)..]);
    }

    public static bool IsValue(string value) => value.Length == 0 || IsQualified(value);

    public static bool IsDnsLabel(string name) => name.Length <= 63 && DnsLabel().IsMatch(name);

    public static bool IsDnsSubdomain(string name) => name.Length <= 253 && DnsSubdomain().IsMatch(name);

    static bool IsQualified(string text) => text.Length <= 63 && Qualified().IsMatch(text);

    [GeneratedRegex(@"\A[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?\z")]
    private static partial Regex Qualified();

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]*[a-z0-9])?\z")]
    private static partial Regex DnsLabel();

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\z")]
    private static partial Regex DnsSubdomain();
}
