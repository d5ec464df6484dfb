using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Domain.Inventory;

namespace Federation.Tests.Inventory;

/// <summary>What an edge reports against what it was lent, and against itself.</summary>
public sealed class InventoryAuditTests
{
    static readonly Dictionary<string, Cidr> Held = new(StringComparer.Ordinal) { ["a"] = Cidr.Parse("10.0.0.0/24"), ["b"] = Cidr.Parse("10.0.1.0/24"), ["c"] = Cidr.Parse("2001:db8::/64") };

    [Theory]
    [InlineData("a 10.0.0.0/28, a 10.0.0.16/28, b 10.0.1.0/32, c 2001:db8::/96", "")]
    [InlineData("a 10.0.0.0/23", "")]
    [InlineData("a 10.0.0.0/28, a 10.0.0.0/28", "OverlapFound")]
    [InlineData("a 10.0.0.0/27, a 10.0.0.16/28, a 10.0.0.24/29", "OverlapFound")]
    [InlineData("a 10.0.2.0/28", "OutsideBlock")]
    [InlineData("a 10.0.0.0/22", "OutsideBlock")]
    [InlineData("a 10.0.1.0/28", "")]
    [InlineData("z 10.0.9.0/28", "OutsideBlock")]
    [InlineData("a 10.0.0.0/28 orphan", "UnknownClaim")]
    [InlineData("z 10.0.9.0/28 orphan, z 10.0.9.0/29", "OverlapFound,OutsideBlock,UnknownClaim")]
    public void Each_kind_of_inconsistency_is_found_and_nothing_else(string entries, string reasons)
    {
        var found = InventoryAudit.Of(Of("east", entries), Held);

        Assert.Equal(reasons, string.Join(',', found.Select(static inconsistency => inconsistency.Reason)));
        Assert.All(found, static inconsistency => Assert.True(inconsistency.Count > 0 && inconsistency.Message.Length > 0));
    }

    [Theory]
    [InlineData("16", true)]
    [InlineData("15", false)]
    [InlineData("17", false)]
    [InlineData(null, true)]
    public void What_an_edge_counts_is_what_its_entries_add_up_to(string? counted, bool right)
    {
        var inventory = Of("east", "a 10.0.0.0/29, a 10.0.0.8/29, b 10.0.1.0/24", new InventoryCount("a", AddressCount.TryParse(counted, out var count) ? count : null));

        var found = InventoryAudit.Of(inventory, Held);

        if (right) Assert.Empty(found);
        else Assert.Equal((Reasons.CapacityMismatch, $"edge east says that {counted} addresses of lease a are allocated; its inventory has 16"), (found.Single().Reason, found.Single().Message));
    }

    [Fact]
    public void Allocations_of_two_edges_are_compared_in_the_blocks_both_hold()
    {
        var (east, west) = (Of("east", "a 10.0.0.0/28, a 10.0.0.64/28"), Of("west", "x 10.0.0.8/29, x 10.0.0.64/26"));

        Assert.Equal(2, InventoryAudit.Between(east, west, [Cidr.Parse("10.0.0.0/24")])!.Count);
        Assert.Equal(1, InventoryAudit.Between(east, west, [Cidr.Parse("10.0.0.0/26")])!.Count);
        Assert.Null(InventoryAudit.Between(east, west, [Cidr.Parse("10.0.0.16/28")]));
    }

    [Theory]
    [InlineData("10.0.0.5/32", "10.0.0.0/29")]
    [InlineData("10.0.0.9/32", "10.0.0.0/28")]
    [InlineData("10.0.0.77/32", "10.0.0.77/32")]
    [InlineData("10.0.0.78/32", null)]
    [InlineData("2001:db8::5/128", "2001:db8::/96")]
    [InlineData("2001:db9::5/128", null)]
    public void An_address_is_found_in_the_smallest_allocation_around_it(string address, string? block)
    {
        var inventory = Of("east", "a 10.0.0.0/28, a 10.0.0.0/29, a 10.0.0.77/32, c 2001:db8::/96");

        Assert.Equal(block, inventory.Find(Cidr.Parse(address))?.Block.ToString());
    }

    static EdgeInventory Of(string edge, string entries, params InventoryCount[] counts) => new(edge, [.. entries.Split(", ").Select(static text =>
        text.Split(' ') is [var lease, var block, ..] words ? new InventoryEntry(Cidr.Parse(block), lease, "apps", "web", "uid", words.Length > 2) : throw new FormatException(text))], counts);
}
