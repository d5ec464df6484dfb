namespace Federation.Domain.Addressing;

/// <summary>Address family of a block. The numbers are the protocols' own.</summary>
public enum IPFamily { Unspecified = 0, IPv4 = 4, IPv6 = 6 }
