using System.Collections.Frozen;
using Federation.Proto.V1;

namespace Federation.Rpc;

/// <summary>The reasons by their names on the wire, such as <c>POOL_EXHAUSTED</c>.</summary>
public static class ErrorReasons
{
    /// <summary>Whose reasons these are.</summary>
    public const string Domain = "ipam.federation.io";

    const string Prefix = "ERROR_REASON_";

    static readonly FrozenDictionary<ErrorReason, string> Names = LeaseReflection.Descriptor.EnumTypes
        .Single(type => type.ClrType == typeof(ErrorReason)).Values
        .Where(value => value.Number != 0)
        .ToFrozenDictionary(value => (ErrorReason)value.Number, value => value.Name[Prefix.Length..]);

    static readonly FrozenDictionary<string, ErrorReason> Values =
        Names.ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

    extension(ErrorReason reason)
    {
        public string WireName => Names.TryGetValue(reason, out var name)
            ? name
            : throw new ArgumentOutOfRangeException(nameof(reason), reason, "There is no such reason.");
    }

    /// <summary>Null for a name of a later version.</summary>
    public static ErrorReason? Find(string wireName) => Values.TryGetValue(wireName, out var reason) ? reason : null;
}
