using System.Globalization;

namespace Federation.Domain.Addressing;

/// <summary>Reads and writes blocks as text, and says what is wrong with text that is none.</summary>
public static class CidrText
{
    /// <summary>Nothing longer is looked at.</summary>
    public const int InputMax = 64;

    /// <summary>Why <paramref name="text"/> is no canonical CIDR, and what would be. Only for text that was refused.</summary>
    public static string Explain(ReadOnlySpan<char> text) => CidrParse.Of(text) switch
    {
        CidrParse.Refused refused => refused.Message,
        _ => throw new ArgumentException("is a canonical CIDR", nameof(text)),
    };

    internal static bool IsCanonical(ReadOnlySpan<char> text, Cidr block)
    {
        Span<char> canonical = stackalloc char[Cidr.TextMax];
        return TryWrite(block, canonical, out var length) && text.SequenceEqual(canonical[..length]);
    }

    /// <summary>
    /// Reads any spelling of an address that can mean one thing only, with a prefix length; host bits are kept. IPv4 with
    /// leading zeros or fewer than four parts is none: readers disagree on it.
    /// </summary>
    internal static bool TryRead(ReadOnlySpan<char> text, out UInt128 address, out int length, out int width)
    {
        (address, length, width) = (0, 0, 0);
        if (text.Length > InputMax) return false;
        var slash = text.IndexOf('/');
        if (slash <= 0 || !TryReadNumber(text[(slash + 1)..], out length)) return false;

        width = text[..slash].Contains(':') ? 128 : 32;
        return length <= width && (width == 32 ? TryReadFour(text[..slash], out address) : TryReadSix(text[..slash], out address));
    }

    /// <summary>Four numbers of 0 to 255.</summary>
    static bool TryReadFour(ReadOnlySpan<char> text, out UInt128 value)
    {
        value = 0;
        for (var part = 0; part < 4; part++)
        {
            var end = part < 3 ? text.IndexOf('.') : text.Length;
            if (end < 0 || !TryReadNumber(text[..end], out var octet) || octet > 255 || (end > 1 && text[0] == '0')) return false;
            value = (value << 8) | (uint)octet;
            text = part < 3 ? text[(end + 1)..] : [];
        }

        return true;
    }

    /// <summary>Eight groups, or fewer with one "::" for at least one group of zeros.</summary>
    static bool TryReadSix(ReadOnlySpan<char> text, out UInt128 value)
    {
        var gap = text.IndexOf("::");
        if (gap < 0) return TryReadGroups(text, out value, out var all) && all == 8;

        value = 0;
        var head = text[..gap];
        if (head.Contains('.') || !TryReadGroups(head, out var high, out var before)) return false;
        if (!TryReadGroups(text[(gap + 2)..], out var low, out var after) || before + after > 7) return false;
        value = before == 0 ? low : (high << (128 - (16 * before))) | low;
        return true;
    }

    /// <summary>Groups of one to four hexadecimal digits; the last two may be written as an IPv4 address (RFC 4291, 2.2).</summary>
    static bool TryReadGroups(ReadOnlySpan<char> text, out UInt128 value, out int count)
    {
        (value, count) = (0, 0);
        while (text.Length > 0 && count < 8)
        {
            var end = text.IndexOf(':');
            if (end < 0 && text.Contains('.'))
            {
                if (!TryReadFour(text, out var four)) return false;
                (value, count) = ((value << 32) | four, count + 2);
                return true;
            }

            if (end == text.Length - 1 || !TryReadGroup(end < 0 ? text : text[..end], out var group)) return false;
            (value, count) = ((value << 16) | group, count + 1);
            text = end < 0 ? [] : text[(end + 1)..];
        }

        return text.Length == 0;
    }

    static bool TryReadGroup(ReadOnlySpan<char> text, out ushort group)
    {
        group = 0;
        return text.Length is > 0 and <= 4 && ushort.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out group);
    }

    /// <summary>One to three decimal digits and nothing else.</summary>
    static bool TryReadNumber(ReadOnlySpan<char> text, out int number)
    {
        number = 0;
        return text.Length is > 0 and <= 3 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
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
