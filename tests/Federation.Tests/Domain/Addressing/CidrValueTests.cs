using System.Text;
using Federation.Domain;
using Federation.Domain.Addressing;

namespace Federation.Tests.Domain.Addressing;

public sealed class CidrValueTests
{
    static Cidr Block(string text) => Cidr.Parse(text);

    [Theory]
    [InlineData("0.0.0.0/0")]
    [InlineData("::/0")]
    public void All_of_a_family_has_neither_buddy_nor_parent(string text)
    {
        var block = Block(text);

        Assert.Throws<InvariantViolationException>(() => block.Buddy);
        Assert.Throws<InvariantViolationException>(() => block.Parent);
    }

    [Theory]
    [InlineData("10.0.0.1/32")]
    [InlineData("::1/128")]
    public void A_single_address_has_no_halves(string text)
    {
        var block = Block(text);

        Assert.Throws<InvariantViolationException>(() => block.LowerHalf);
        Assert.Throws<InvariantViolationException>(() => block.UpperHalf);
    }

    [Fact]
    public void The_default_is_no_block_of_no_family()
    {
        Cidr none = default;

        Assert.True(none.IsDefault);
        Assert.Equal(IPFamily.Unspecified, none.Family);
        Assert.True(none.Count.IsZero);
        Assert.False(none.Contains(none));
        Assert.False(none.Overlaps(Block("0.0.0.0/0")));
        Assert.False(Block("0.0.0.0/0").Contains(none));
        Assert.False(Block("0.0.0.0/0").IsDefault);
    }

    [Fact]
    public void The_block_of_an_address_drops_its_host_bits_and_refuses_an_address_of_another_family()
    {
        Assert.Equal(Block("10.0.0.0/8"), Cidr.Of(Block("10.1.2.3/32").Network, 8, 32));
        Assert.Equal(Block("::/0"), Cidr.Of(UInt128.MaxValue, 0, 128));
        Assert.Throws<InvariantViolationException>(() => Cidr.Of(UInt128.One << 32, 8, 32));
    }

    [Theory]
    [InlineData("10.0.0.0/24")]
    [InlineData("2001:db8:0:1::/64")]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128")]
    public void Bytes_are_written_as_characters_are_where_they_fit(string text)
    {
        var bytes = new byte[text.Length];

        Assert.True(Block(text).TryFormat(bytes, out var written, default, null));
        Assert.Equal((text, text.Length), (Encoding.UTF8.GetString(bytes), written));
        Assert.False(Block(text).TryFormat(bytes.AsSpan(1), out _, default, null));
    }

    [Fact]
    public void Writing_bytes_allocates_nothing()
    {
        var (block, bytes) = (Block("2001:db8::1:0:0:1/128"), new byte[Cidr.TextMax]);
        Assert.True(block.TryFormat(bytes, out _, default, null));

        Assert.Equal(0, Allocation.Of(() => block.TryFormat(bytes, out _, default, null)));
    }
}
