using Federation.Domain.Addressing;
using Federation.Domain.Claims;

namespace Federation.Tests.Domain;

/// <summary>Pools as claims see them, said briefly.</summary>
static class ClaimScene
{
    public static PoolOffer Pool(string root, string name = "prod", int? min = null, int? max = null, int? preset = null, PlacementStrategy? strategy = null, string[]? blocks = null)
    {
        var block = Cidr.Parse(root);
        return new()
        {
            Name = name,
            Root = block,
            Rules = PoolRules.Of(block, min, max, preset, strategy),
            Blocks = [.. (blocks ?? [root]).Select((text, index) => new BlockOffer($"{name}-{index}", new PoolSpace(Cidr.Parse(text))))],
        };
    }

    public static PoolOffer Without(this PoolOffer pool, string block, HoldKind kind = HoldKind.Allocation, string owner = "team-a/web")
    {
        var cidr = Cidr.Parse(block);
        Assert.True(pool.Blocks.Single(offer => offer.Space.Root.Contains(cidr)).Space.TryHold(cidr, new(kind, owner)));
        return pool;
    }

    public static PoolOffer With(this PoolOffer pool, Supply supply) => pool with { SupplyOf = _ => supply };

    public static ClaimWish ByName(PoolOffer? pool, int? length = null, string? block = null, IPFamily? family = null, string name = "prod") =>
        Wish(new ClaimTarget.Named(pool?.Name ?? name, pool), length, block, family);

    public static ClaimWish BySelector(PoolOffer[] pools, int? length = null, string? block = null, IPFamily? family = null) =>
        Wish(new ClaimTarget.Selected("env=prod", pools), length, block, family);

    /// <summary>The verdict as its condition reads.</summary>
    public static string Answer(ClaimWish wish)
    {
        var finding = ClaimEvaluation.Evaluate(wish).Finding;
        Assert.Equal("Allocated", finding.Type);
        return $"{finding.Status} {finding.Reason}: {finding.Message}";
    }

    static ClaimWish Wish(ClaimTarget target, int? length, string? block, IPFamily? family) => new()
    {
        Target = target,
        PrefixLength = length,
        Block = block is null ? null : Cidr.Parse(block),
        Family = family,
    };
}
