using System.Globalization;
using Federation.Domain.Addressing;

namespace Federation.Resources;

/// <summary>A block as one DNS label: <c>10-0-1-0-24</c>, <c>2001-db8-0-0-0-0-0-0-64</c>. Different blocks have different names.</summary>
public static class BlockName
{
    public static string Of(Cidr block)
    {
        var (parts, bits, format) = block.Family is IPFamily.IPv4 ? (4, 8, "D") : (8, 16, "x");
        var mask = (UInt128.One << bits) - 1;
        var words = Enumerable.Range(1, parts)
            .Select(part => ((uint)((block.Network >> (block.Width - (part * bits))) & mask)).ToString(format, CultureInfo.InvariantCulture));
        return $"{string.Join('-', words)}-{block.Length}";
    }
}
