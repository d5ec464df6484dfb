using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Federation.Domain.Plans;

/// <summary>Name-based UUIDs, version 5 (RFC 9562, 5.5): the same name in the same space is always the same id.</summary>
public static class NameUuid
{
    /// <summary>The project's own name space.</summary>
    static readonly Guid Federation = new("8d0ffd3c-5a4e-5f0e-9d5c-3f1b6f0f2b7a");

    public static Guid Of(string name)
    {
        Span<byte> input = stackalloc byte[16 + Encoding.UTF8.GetMaxByteCount(Math.Min(name.Length, 1024))];
        Invariant.Holds(name.Length <= 1024);
        Federation.TryWriteBytes(input, bigEndian: true, out _);
        var length = Encoding.UTF8.GetBytes(name, input[16..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        Hash(input[..(16 + length)], hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    /// <summary>The id of a plan's task; also the request id the hub knows a lease by.</summary>
    public static string OfTask(string planId, TaskType type, int index) =>
        Of(string.Create(CultureInfo.InvariantCulture, $"{planId}/{type}/{index}")).ToString();

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "Version 5 UUIDs are defined over SHA-1; nothing secret depends on it.")]
    static void Hash(ReadOnlySpan<byte> input, Span<byte> hash) => SHA1.HashData(input, hash);
}
