using Federation.Domain.Conditions;
using Federation.Hub;
using Federation.Kubernetes;
using Federation.Resources;
using Federation.Tests.Conditions;
using Federation.Tests.Hub;
using PoolPhase = Federation.Resources.PoolPhase;

namespace Federation.Tests.Pools;

/// <summary>What an edge's own API refuses, whoever asks.</summary>
public sealed class EmbeddedRulesTests
{
    [Fact]
    public async Task Nothing_is_allocated_from_a_pool_that_is_on_its_way_back()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("prod", "10.64.0.0/16", ""","leasing":{"defaultPrefixLength":28}""");
        await using var edge = await TestEdge.StartAsync(hub.Get<HubOptions>().GrpcUrl);
        var site = edge.Site();
        await site.PoolClaimAsync("block", "prod", 28);
        var child = await site.PoolBoundAsync("block");
        await site.ClaimAsync("web", child.Name, 32);
        await site.BoundAsync("web");
        var late = HandMade.AllocationOf(child, child.Spec.Cidr!.Value.Length); // as an agent would that believes to lead still

        await edge.Api.DeleteAsync<IPPoolClaim>("default", "block");
        await edge.UntilAsync<IPPoolClaim>("default", "block", ConditionTypes.Ready, static ready => ready.Reason is Reasons.PoolInUse);
        Assert.Equal(PoolPhase.Draining, edge.Store.Current.Find<IPPool>(null, child.Name)!.Status!.Phase);

        var refused = await Assert.ThrowsAsync<KubernetesApiException>(() => edge.Api.CreateAsync(late));
        Assert.Equal(409, refused.Code);
        Assert.Contains($"pool {child.Name} is gone, or being emptied", refused.Message, StringComparison.Ordinal);
        var absent = await Assert.ThrowsAsync<KubernetesApiException>(() => edge.Api.CreateAsync(late with { Spec = late.Spec with { PoolRef = new() { Name = "nowhere" } } }));
        Assert.Equal(409, absent.Code);
    }
}
