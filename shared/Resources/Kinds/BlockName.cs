using System.Globalization;
using Federation.Domain.Addressing;

namespace Federation.Resources;

/// <summary>A block as one DNS label: <c>10-0-1-0-24</c>, <c>2001-db8-0-0-0-0-0-0-64</c>. Different blocks have different names.</summary>
public static class BlockName
{
    /// <summary>Eight groups of four, eight dashes, three digits.</summary>
    const int TextMax = 43;

    public static string Of(Cidr block)
    {
        var (parts, bits, format) = block.Family is IPFamily.IPv4 ? (4, 8, "D") : (8, 16, "x");
        var mask = (UInt128.One << bits) - 1;
        Span<char> text = stackalloc char[TextMax];
        var length = 0;
        for (var part = 1; part <= parts; part++)
        {
            var word = (uint)((block.Network >> (block.Width - (part * bits))) & mask);
            word.TryFormat(text[length..], out var digits, format, CultureInfo.InvariantCulture);
            length += digits;
            text[length++] = '-';
        }

        block.Length.TryFormat(text[length..], out var last, "D", CultureInfo.InvariantCulture);
        return new string(text[..(length + last)]);
    }
}
