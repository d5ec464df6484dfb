using System.Globalization;
using System.Numerics;

namespace Federation.Domain.Addressing;

/// <summary>A number of addresses, exact, 0 to 2^128: one more than 128 bits hold.</summary>
public readonly record struct AddressCount : IComparable<AddressCount>
{
    readonly UInt128 low;

    /// <summary>Set for 2^128 alone.</summary>
    readonly bool isAll;

    AddressCount(UInt128 low, bool isAll) => (this.low, this.isAll) = (low, isAll);

    public static readonly AddressCount Zero;

    public static AddressCount Of(UInt128 count) => new(count, isAll: false);

    /// <summary>2 to the power of <paramref name="bits"/>, 0 to 128.</summary>
    public static AddressCount PowerOfTwo(int bits)
    {
        Invariant.Holds(bits is >= 0 and <= 128);
        return bits == 128 ? new(0, isAll: true) : new(UInt128.One << bits, isAll: false);
    }

    public bool IsZero => low == 0 && !isAll;

    public static AddressCount operator +(AddressCount a, AddressCount b)
    {
        var sum = unchecked(a.low + b.low);
        var carries = (a.isAll ? 1 : 0) + (b.isAll ? 1 : 0) + (sum < a.low ? 1 : 0);
        Invariant.Holds(carries == 0 || (carries == 1 && sum == 0));
        return new(sum, carries == 1);
    }

    public static AddressCount operator -(AddressCount a, AddressCount b)
    {
        Invariant.Holds(a.CompareTo(b) >= 0);
        return new(unchecked(a.low - b.low), a.isAll && b.IsZero);
    }

    public int CompareTo(AddressCount other) => isAll == other.isAll ? low.CompareTo(other.low) : isAll ? 1 : -1;

    /// <summary>This count's share of <paramref name="total"/>, in percent with four decimals; 0 of nothing is 0.</summary>
    public double PercentOf(AddressCount total)
    {
        if (total.IsZero) return 0;
        if (CompareTo(total) == 0) return 100;
        var share = (BigInteger)1_000_000 * ToBig() / total.ToBig();
        return (double)share / 10_000;
    }

    public static bool TryParse(string? text, out AddressCount count)
    {
        count = default;
        if (text is null or { Length: 0 or > 39 } or ['0', _, ..] || !BigInteger.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var big)) return false;
        if (big > BigInteger.Pow(2, 128)) return false;
        count = FromBig(big);
        return true;
    }

    static AddressCount FromBig(BigInteger big) => big == BigInteger.Pow(2, 128) ? PowerOfTwo(128) : Of((UInt128)big);

    BigInteger ToBig() => isAll ? BigInteger.Pow(2, 128) : low;

    public override string ToString() =>
        isAll ? ToBig().ToString(CultureInfo.InvariantCulture) : low.ToString(CultureInfo.InvariantCulture);
}
