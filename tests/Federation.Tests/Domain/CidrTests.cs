using Federation.Domain;
using Federation.Domain.Addressing;

namespace Federation.Tests.Domain;

public sealed class CidrTests
{
    [Fact]
    public void Blocks_sort_by_family_then_address_and_a_block_comes_before_what_lies_in_it()
    {
        string[] sorted = ["0.0.0.0/0", "0.0.0.0/32", "9.0.0.0/8", "10.0.0.0/8", "10.0.0.0/16", "10.0.0.0/32", "10.0.1.0/24", "::/0", "::/128", "2001:db8::/32"];

        var shuffled = sorted.Reverse().Select(Cidr.Parse).Order().Select(static block => block.ToString());

        Assert.Equal(sorted, shuffled);
    }

    [Theory]
    [InlineData("10.0.0.0/9", "10.128.0.0/9", "10.0.0.0/8")]
    [InlineData("10.0.0.3/32", "10.0.0.2/32", "10.0.0.2/31")]
    [InlineData("128.0.0.0/1", "0.0.0.0/1", "0.0.0.0/0")]
    [InlineData("::/1", "8000::/1", "::/0")]
    [InlineData("2001:db8::/64", "2001:db8:0:1::/64", "2001:db8::/63")]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/128", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127")]
    public void A_block_and_its_buddy_are_the_halves_of_their_parent(string text, string buddy, string parent)
    {
        var block = Cidr.Parse(text);

        Assert.Equal(buddy, block.Buddy.ToString());
        Assert.Equal(parent, block.Parent.ToString());
        Assert.Equal(block, block.Buddy.Buddy);
        Assert.Equal(block.Parent, block.Buddy.Parent);
        Assert.Contains(block, new[] { block.Parent.LowerHalf, block.Parent.UpperHalf });
        Assert.Equal(block.Parent.Count, block.Count + block.Buddy.Count);
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8", true, true)]
    [InlineData("10.0.0.0/8", "10.255.255.255/32", true, true)]
    [InlineData("10.0.0.0/20", "10.0.0.0/16", false, true)]
    [InlineData("10.0.0.0/24", "10.0.1.0/24", false, false)]
    [InlineData("0.0.0.0/0", "255.255.255.255/32", true, true)]
    [InlineData("::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", true, true)]
    [InlineData("::/0", "0.0.0.0/0", false, false)]
    [InlineData("::/96", "0.0.0.0/0", false, false)]
    [InlineData("8000::/1", "::/1", false, false)]
    public void A_block_contains_what_lies_in_it_wholly(string outer, string inner, bool contains, bool overlaps)
    {
        var (a, b) = (Cidr.Parse(outer), Cidr.Parse(inner));

        Assert.Equal(contains, a.Contains(b));
        Assert.Equal(overlaps, a.Overlaps(b));
        Assert.Equal(overlaps, b.Overlaps(a));
        Assert.False(default(Cidr).Contains(a));
    }

    [Theory]
    [InlineData("0.0.0.0/0", "4294967296", "4294967295")]
    [InlineData("10.0.0.0/31", "2", "167772161")]
    [InlineData("10.0.0.0/32", "1", "167772160")]
    [InlineData("::/0", "340282366920938463463374607431768211456", "340282366920938463463374607431768211455")]
    [InlineData("::/127", "2", "1")]
    [InlineData("::1/128", "1", "1")]
    public void A_block_counts_all_its_addresses(string text, string count, string last)
    {
        var block = Cidr.Parse(text);

        Assert.Equal(count, block.Count.ToString());
        Assert.Equal(UInt128.Parse(last, null), block.Last);
    }

    [Theory]
    [InlineData(33, 32)]
    [InlineData(129, 128)]
    [InlineData(-1, 32)]
    [InlineData(8, 64)]
    public void A_block_of_no_such_length_or_width_cannot_be_made(int length, int width) =>
        Assert.Throws<InvariantViolationException>(() => Cidr.Of(0, length, width));
}
