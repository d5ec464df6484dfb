using Federation.Domain.Addressing;

namespace Federation.Tests.Domain.Addressing;

public sealed class AddressSpaceCostTests
{
    /// <summary>A block costs 58 bytes, twice that while an array grows; a trie that keeps every bit of the way would need fifty times as much.</summary>
    [Theory]
    [InlineData("2001:db8::/64", 128)]
    [InlineData("10.0.0.0/8", 32)]
    public void Scattered_blocks_cost_no_more_than_neighbours(string root, int length)
    {
        const int blocks = 8_000;

        var allocated = Allocation.Of(() =>
        {
            var space = new AddressSpace(Cidr.Parse(root));
            for (var i = 0; i < blocks; i++) Assert.True(space.TryFind(length, PlacementStrategy.Sparse, out var block) && space.Reserve(block));
        });

        Assert.InRange(allocated, 0, blocks * 128);
    }

    [Fact]
    public void Slots_given_back_are_used_again()
    {
        var space = new AddressSpace(Cidr.Parse("::/0"));
        var blocks = new Cidr[64];
        Turn(space, blocks, 128);

        var allocated = Allocation.Of(() =>
        {
            for (var turn = 0; turn < 50; turn++) Turn(space, blocks, 128);
        });

        Assert.Equal(0, allocated);
    }

    static void Turn(AddressSpace space, Cidr[] blocks, int length)
    {
        var ok = true;
        for (var i = 0; i < blocks.Length; i++)
        {
            ok &= space.TryFind(length, PlacementStrategy.FirstFit + (i % 4), out blocks[i]);
            ok &= space.Reserve(blocks[i]) && !space.IsFree(blocks[i]);
        }

        foreach (var block in blocks) ok &= space.Release(block);
        Assert.True(ok);
    }
}
