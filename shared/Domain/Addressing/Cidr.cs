namespace Federation.Domain.Addressing;

/// <summary>
/// An aligned block of IPv4 or IPv6 addresses (RFC 4632, RFC 4291). Always canonical: no host bits, so equal blocks
/// are equal values. The default value is no block.
/// </summary>
/// <param name="Network">The lowest address; IPv4 in the low 32 bits.</param>
/// <param name="Length">Prefix length, 0 to <paramref name="Width"/>.</param>
/// <param name="Width">32 for IPv4, 128 for IPv6.</param>
public readonly record struct Cidr(UInt128 Network, byte Length, byte Width) : IComparable<Cidr>, ISpanFormattable, ISpanParsable<Cidr>
{
    /// <summary>No canonical text is longer: eight groups of four, seven colons, "/128".</summary>
    public const int TextMax = 43;

    const string None = "none";

    public bool IsDefault => Width == 0;

    public IPFamily Family => Width == 32 ? IPFamily.IPv4 : IPFamily.IPv6;

    public UInt128 Last => Network | HostMask(Length, Width);

    public AddressCount Count => AddressCount.PowerOfTwo(Width - Length);

    /// <summary>The block one bit shorter that holds this one and its <see cref="Buddy"/>. Not defined for /0.</summary>
    public Cidr Parent => Of(Network, Length - 1, Width);

    /// <summary>The other half of <see cref="Parent"/>. Not defined for /0.</summary>
    public Cidr Buddy => this with { Network = Network ^ (UInt128.One << (Width - Length)) };

    public Cidr LowerHalf => this with { Length = (byte)(Length + 1) };

    public Cidr UpperHalf => LowerHalf.Buddy;

    public bool Contains(Cidr other) =>
        Width == other.Width && Length <= other.Length && Network <= other.Network && other.Last <= Last;

    public bool Overlaps(Cidr other) => Contains(other) || other.Contains(this);

    /// <summary>The block of this length that holds <paramref name="address"/>.</summary>
    public static Cidr Of(UInt128 address, int length, int width)
    {
        Invariant.Holds(width is 32 or 128 && length >= 0 && length <= width);
        return new(address & ~HostMask(length, width), (byte)length, (byte)width);
    }

    /// <summary>Ones where the host part is. A shift by the full 128 bits would wrap around to none.</summary>
    static UInt128 HostMask(int length, int width) => width - length == 128 ? UInt128.MaxValue : (UInt128.One << (width - length)) - 1;

    public static Cidr Parse(string text) => Parse(text.AsSpan(), provider: null);

    public static Cidr Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan(), provider);

    public static Cidr Parse(ReadOnlySpan<char> s, IFormatProvider? provider) =>
        TryParse(s, out var block) ? block : throw new FormatException(CidrText.Explain(s));

    public static bool TryParse(string? s, IFormatProvider? provider, out Cidr result) => TryParse(s.AsSpan(), out result);

    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out Cidr result) => TryParse(s, out result);

    /// <summary>
    /// Strict: no host bits, and no spelling that would print differently (10.1/8, 010.0.0.0/8, 2001:DB8::/32; RFC 5952).
    /// <see cref="CidrText.Explain"/> says what is wrong with text that is refused.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Cidr block)
    {
        if (!CidrText.TryRead(text, out block) || block.Network != Of(block.Network, block.Length, block.Width).Network)
        {
            block = default;
            return false;
        }

        Span<char> canonical = stackalloc char[TextMax];
        if (block.TryFormat(canonical, out var written, default, null) && text.SequenceEqual(canonical[..written])) return true;
        block = default;
        return false;
    }

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        if (!IsDefault) return CidrText.TryWrite(this, destination, out charsWritten);
        charsWritten = None.Length;
        return None.TryCopyTo(destination);
    }

    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    public override string ToString()
    {
        if (IsDefault) return None;
        Span<char> text = stackalloc char[TextMax];
        Invariant.Holds(TryFormat(text, out var written, default, null));
        return new(text[..written]);
    }

    /// <summary>By family, then network, then length: a block comes before the blocks inside it.</summary>
    public int CompareTo(Cidr other)
    {
        var byFamily = Width.CompareTo(other.Width);
        if (byFamily != 0) return byFamily;
        var byNetwork = Network.CompareTo(other.Network);
        return byNetwork != 0 ? byNetwork : Length.CompareTo(other.Length);
    }
}
