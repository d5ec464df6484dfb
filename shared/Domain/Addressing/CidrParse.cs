namespace Federation.Domain.Addressing;

/// <summary>What a text is, read as a CIDR. Closed.</summary>
public abstract record CidrParse
{
    CidrParse() { }

    /// <summary>Canonical text of this block.</summary>
    public sealed record Ok(Cidr Block) : CidrParse;

    /// <summary>Text that is not taken. <see cref="Message"/> goes on from the text itself: "10.0.0.5/24 " and then it.</summary>
    public abstract record Refused : CidrParse
    {
        private protected Refused() { }

        public abstract string Message { get; }
    }

    /// <summary>No CIDR, or one that others read in several ways (010.0.0.0/8, 10/8); or longer than anyone writes.</summary>
    public sealed record NotACidr : Refused
    {
        public override string Message => "must be an IPv4 or IPv6 CIDR, as 10.0.0.0/16 or 2001:db8::/48";
    }

    /// <summary>An address inside a block, rather than the block.</summary>
    public sealed record HostBitsSet(Cidr Canonical) : Refused
    {
        public override string Message => $"has host bits set; the canonical form is {Canonical}";
    }

    /// <summary>A block in another spelling: upper case, zeros not left out, an IPv4 tail, /024.</summary>
    public sealed record NotCanonical(Cidr Canonical) : Refused
    {
        public override string Message => $"is not in canonical form; write {Canonical}";
    }

    /// <summary>Reads a text, and says what is wrong with one that <see cref="Cidr.TryParse(ReadOnlySpan{char}, out Cidr)"/> refuses.</summary>
    public static CidrParse Of(ReadOnlySpan<char> text)
    {
        if (!CidrText.TryRead(text, out var address, out var length, out var width)) return new NotACidr();

        var canonical = Cidr.Of(address, length, width);
        if (canonical.Network != address) return new HostBitsSet(canonical);
        return CidrText.IsCanonical(text, canonical) ? new Ok(canonical) : new NotCanonical(canonical);
    }
}
