using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Federation.Domain.Addressing;

/// <summary>
/// An aligned block of IPv4 or IPv6 addresses (RFC 4632, RFC 4291). Always canonical: no host bits, so equal blocks
/// are equal values. The default value is no block.
/// </summary>
public readonly record struct Cidr : IComparable<Cidr>, ISpanParsable<Cidr>, ISpanFormattable, IUtf8SpanFormattable
{
    /// <summary>No canonical text is longer: eight groups of four, seven colons, "/128".</summary>
    public const int TextMax = 43;

    const string None = "none";

    Cidr(UInt128 network, int length, int width) => (Network, Length, Width) = (network, (byte)length, (byte)width);

    /// <summary>The lowest address; IPv4 in the low 32 bits.</summary>
    public UInt128 Network { get; }

    /// <summary>Prefix length, 0 to <see cref="Width"/>.</summary>
    public byte Length { get; }

    /// <summary>Bits of an address: 32 for IPv4, 128 for IPv6, 0 for no block.</summary>
    public byte Width { get; }

    public bool IsDefault => Width == 0;

    public IPFamily Family => Width switch
    {
        32 => IPFamily.IPv4,
        128 => IPFamily.IPv6,
        _ => IPFamily.Unspecified,
    };

    /// <summary>The number of host bits, 0 to 128: the block has 2^Order addresses.</summary>
    public int Order => Width - Length;

    /// <summary>The highest address.</summary>
    public UInt128 Last => Network | Ones(Order);

    public AddressCount Count => IsDefault ? AddressCount.Zero : AddressCount.PowerOfTwo(Order);

    /// <summary>The block one bit shorter that holds this one and its <see cref="Buddy"/>. A /0 has none.</summary>
    public Cidr Parent => Of(Network, Length - 1, Width);

    /// <summary>The other half of <see cref="Parent"/>. A /0 has none.</summary>
    public Cidr Buddy
    {
        get
        {
            Invariant.Holds(Length > 0);
            return new(Network ^ (UInt128.One << Order), Length, Width);
        }
    }

    /// <summary>The first half. A single address has none.</summary>
    public Cidr LowerHalf => Of(Network, Length + 1, Width);

    /// <summary>The second half. A single address has none.</summary>
    public Cidr UpperHalf => LowerHalf.Buddy;

    /// <summary>Whether all of <paramref name="other"/> lies in this block; a block contains itself.</summary>
    public bool Contains(Cidr other) =>
        Width == other.Width && !IsDefault && Length <= other.Length && ((Network ^ other.Network) & ~Ones(Order)) == 0;

    /// <summary>Whether the two share an address. Aligned blocks do exactly when one contains the other.</summary>
    public bool Overlaps(Cidr other) => Contains(other) || other.Contains(this);

    /// <summary>The block of this length that holds <paramref name="address"/>.</summary>
    public static Cidr Of(UInt128 address, int length, int width)
    {
        Invariant.Holds(width is 32 or 128 && length >= 0 && length <= width && (address & ~Ones(width)) == 0);
        return new(address & ~Ones(width - length), length, width);
    }

    /// <summary>The lowest <paramref name="count"/> bits set, 0 to 128. A shift by the full 128 would wrap around to none.</summary>
    internal static UInt128 Ones(int count) => count == 128 ? UInt128.MaxValue : (UInt128.One << count) - 1;

    /// <exception cref="FormatException">The text is no canonical CIDR; the message says why.</exception>
    public static Cidr Parse(string text) => Parse(text.AsSpan(), provider: null);

    /// <inheritdoc cref="Parse(string)"/>
    public static Cidr Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan(), provider);

    /// <inheritdoc cref="Parse(string)"/>
    public static Cidr Parse(ReadOnlySpan<char> s, IFormatProvider? provider) =>
        TryParse(s, out var block) ? block : throw new FormatException(CidrText.Explain(s));

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out Cidr)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Cidr result) => TryParse(s.AsSpan(), out result);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out Cidr)"/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out Cidr result) => TryParse(s, out result);

    /// <summary>
    /// Strict: no host bits, and no spelling that would print differently (10.1/8, 010.0.0.0/8, 2001:DB8::/32; RFC 5952).
    /// Allocates nothing. <see cref="CidrParse.Of"/> says what is wrong with text that is refused.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Cidr block)
    {
        block = default;
        if (text.Length > TextMax || !CidrText.TryRead(text, out var address, out var length, out var width)) return false;

        var read = Of(address, length, width);
        if (!CidrText.IsCanonical(text, read)) return false;
        block = read;
        return true;
    }

    /// <summary>Canonical text (RFC 5952 for IPv6); "none" for no block. There is one format: format and provider change nothing.</summary>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        if (!IsDefault) return CidrText.TryWrite(this, destination, out charsWritten);
        charsWritten = None.Length;
        return None.TryCopyTo(destination);
    }

    /// <inheritdoc cref="TryFormat(Span{char}, out int, ReadOnlySpan{char}, IFormatProvider?)"/>
    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        Span<char> text = stackalloc char[TextMax];
        Invariant.Holds(TryFormat(text, out var length, format, provider));
        return Ascii.FromUtf16(text[..length], utf8Destination, out bytesWritten) is OperationStatus.Done;
    }

    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    public override string ToString()
    {
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
