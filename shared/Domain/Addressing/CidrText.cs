using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Federation.Domain.Addressing;

/// <summary>Reads and writes blocks as text, and says what is wrong with text that is none.</summary>
public static class CidrText
{
    /// <summary>Nothing longer is looked at.</summary>
    public const int InputMax = 64;

    static readonly SearchValues<char> AddressCharacters = SearchValues.Create("0123456789abcdefABCDEF.:");

    /// <summary>Why <paramref name="text"/> is no canonical CIDR, and what would be. Only for text that was refused.</summary>
    public static string Explain(ReadOnlySpan<char> text)
    {
        if (!TryRead(text, out var read)) return "must be an IPv4 or IPv6 CIDR, as 10.0.0.0/16 or 2001:db8::/48";

        var canonical = Cidr.Of(read.Network, read.Length, read.Width);
        return canonical.Network == read.Network
            ? $"is not in canonical form; write {canonical}"
            : $"has host bits set; the canonical form is {canonical}";
    }

    /// <summary>Reads any spelling of an address with a prefix length; host bits are kept in <see cref="Cidr.Network"/>.</summary>
    internal static bool TryRead(ReadOnlySpan<char> text, out Cidr read)
    {
        read = default;
        if (text.Length > InputMax) return false;
        var slash = text.IndexOf('/');
        if (slash <= 0 || text[..slash].IndexOfAnyExcept(AddressCharacters) >= 0) return false;
        if (!IPAddress.TryParse(text[..slash], out var address)) return false;
        if (!byte.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var length)) return false;

        var width = address.AddressFamily is AddressFamily.InterNetwork ? 32 : 128;
        if (length > width) return false;

        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        if (!address.TryWriteBytes(bytes[(16 - (width / 8))..], out _)) return false;
        read = new(BinaryPrimitives.ReadUInt128BigEndian(bytes), length, (byte)width);
        return true;
    }

    internal static bool TryWrite(Cidr block, Span<char> destination, out int written)
    {
        var wrote = block.Width == 32 ? TryWriteFour(block, destination, out written) : TryWriteSix(block, destination, out written);
        if (!wrote || written >= destination.Length) return false;
        destination[written++] = '/';
        if (!block.Length.TryFormat(destination[written..], out var digits, default, CultureInfo.InvariantCulture)) return false;
        written += digits;
        return true;
    }

    static bool TryWriteFour(Cidr block, Span<char> destination, out int written)
    {
        written = 0;
        for (var shift = 24; shift >= 0; shift -= 8)
        {
            if (shift < 24 && !Append('.', destination, ref written)) return false;
            var octet = (byte)(uint)(block.Network >> shift);
            if (!octet.TryFormat(destination[written..], out var digits, default, CultureInfo.InvariantCulture)) return false;
            written += digits;
        }

        return true;
    }

    /// <summary>RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as "::", the first among equals.</summary>
    static bool TryWriteSix(Cidr block, Span<char> destination, out int written)
    {
        Span<ushort> groups = stackalloc ushort[8];
        for (var i = 0; i < 8; i++) groups[i] = (ushort)(uint)(block.Network >> (112 - (16 * i)));
        var (runStart, runLength) = LongestZeroRun(groups);

        written = 0;
        for (var i = 0; i < 8; i++)
        {
            if (i == runStart)
            {
                if (!Append(':', destination, ref written) || !Append(':', destination, ref written)) return false;
                i += runLength - 1;
                continue;
            }

            if (i > 0 && i != runStart + runLength && !Append(':', destination, ref written)) return false;
            if (!groups[i].TryFormat(destination[written..], out var digits, "x", CultureInfo.InvariantCulture)) return false;
            written += digits;
        }

        return true;
    }

    static (int Start, int Length) LongestZeroRun(ReadOnlySpan<ushort> groups)
    {
        var (start, length) = (-1, 1);
        for (var i = 0; i < groups.Length; i++)
        {
            var run = 0;
            while (i + run < groups.Length && groups[i + run] == 0) run++;
            if (run > length) (start, length) = (i, run);
            i += run;
        }

        return start < 0 ? (-2, 0) : (start, length);
    }

    static bool Append(char c, Span<char> destination, ref int written)
    {
        if (written >= destination.Length) return false;
        destination[written++] = c;
        return true;
    }
}
