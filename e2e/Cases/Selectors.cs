using System.Collections.Immutable;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.E2E;

static class Selectors
{
    public static async Task ByLabelsAsync(CaseWorld world)
    {
        var site = world.Site;
        world.At("SE-1");
        await world.PoolAsync("select-a", "172.16.0.0/20", 24, 28, pool => pool.Labelled(("environment", "consumer"), ("region", "us-west")));
        await world.PoolAsync("select-b", "172.16.16.0/20", 24, 28, pool => pool.Labelled(("environment", "consumer"), ("region", "us-east")));
        await world.PoolAsync("select-infra", "172.16.32.0/20", 24, 28, pool => pool.Labelled(("environment", "infra"), ("region", "us-west")));

        world.At("SE-2");
        await site.ClaimAsync("by-labels", By(("environment", "consumer"), ("region", "us-east")));
        var claim = await site.BoundAsync("by-labels");
        Expect.Inside(Cidr.Parse("172.16.16.0/20"), claim.Status!.AllocatedCIDR!.Value);
        Expect.Equal("select-b", claim.Status.BoundPoolRef?.Name);

        world.At("SE-3");
        await site.ClaimAsync("by-nothing", By(("environment", "nowhere")));
        await site.FailsAsync("by-nothing", Reasons.NoMatchingPool);

        world.At("SE-4");
        var both = site.ClaimAsync("by-both", By(("environment", "consumer")) with { PoolRef = new() { Name = "select-a" } });
        Expect.Mentions("mutually exclusive", await Expect.RefusedAsync(both, "a claim with poolRef and poolSelector", 400, 422));
    }

    public static async Task ByExpressionsAsync(CaseWorld world)
    {
        var site = world.Site;
        await world.PoolAsync("tier-gold", "172.17.0.0/20", 24, 28, pool => pool.Labelled(("tier", "gold")));
        await world.PoolAsync("tier-silver", "172.17.16.0/20", 24, 28, pool => pool.Labelled(("tier", "silver"), ("spare", "true")));

        world.At("In and DoesNotExist");
        await site.ClaimAsync("gold", By(Where("tier", LabelSelectorOperator.In, "gold", "silver"), Where("spare", LabelSelectorOperator.DoesNotExist)));
        Expect.Equal("tier-gold", (await site.BoundAsync("gold")).Status!.BoundPoolRef?.Name);

        world.At("NotIn and Exists");
        await site.ClaimAsync("silver", By(Where("tier", LabelSelectorOperator.Exists), Where("tier", LabelSelectorOperator.NotIn, "gold")));
        Expect.Equal("tier-silver", (await site.BoundAsync("silver")).Status!.BoundPoolRef?.Name);

        world.At("no match");
        await site.ClaimAsync("bronze", By(Where("tier", LabelSelectorOperator.In, "bronze")));
        await site.FailsAsync("bronze", Reasons.NoMatchingPool);
    }

    public static IPClaimSpec By(params (string Key, string Value)[] labels) => new()
    {
        PoolSelector = new() { MatchLabels = labels.ToImmutableSortedDictionary(static label => label.Key, static label => label.Value, StringComparer.Ordinal) },
        PrefixLength = 24,
    };

    static IPClaimSpec By(params LabelSelectorRequirement[] requirements) => new() { PoolSelector = new() { MatchExpressions = requirements }, PrefixLength = 24 };

    static LabelSelectorRequirement Where(string key, LabelSelectorOperator comparison, params string[] values) =>
        new() { Key = key, Operator = comparison, Values = values is [] ? null : values };
}
