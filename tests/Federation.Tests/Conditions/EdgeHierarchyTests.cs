using System.Text.Json.Nodes;
using Federation.Domain.Conditions;
using Federation.Domain.Leases;
using Federation.E2E;
using Federation.Hub;
using Federation.Resources;
using Federation.Tests.Hub;

namespace Federation.Tests.Conditions;

/// <summary>What an edge says of its child pools on their mirrored root, and of its claims on their pools; and that it keeps still.</summary>
[Trait("Category", "Status")]
public sealed class EdgeHierarchyTests : IAsyncLifetime
{
    const string Root = "prod";

    TestHub hub = null!;
    TestEdge edge = null!;
    Site site = null!;

    public async Task InitializeAsync()
    {
        hub = await TestHub.StartAsync();
        await hub.PoolAsync(Root, "10.64.0.0/16", ""","leasing":{"defaultPrefixLength":28},"allocation":{"reuseDelaySeconds":0}""");
        edge = await TestEdge.StartAsync(hub.Get<HubOptions>().GrpcUrl);
        site = edge.Site(Limits.Cancel);
    }

    public async Task DisposeAsync()
    {
        await edge.DisposeAsync();
        await hub.DisposeAsync();
    }

    [Fact]
    public async Task A_mirrored_root_speaks_of_its_child_pools_by_numbers_they_carry()
    {
        await SaysAsync(Root, ConditionTypes.Ready, Reasons.NoChildren, "No child pools found for this pool");
        var pools = new List<IPPool>();
        for (var i = 0; i < 3; i++)
        {
            await site.PoolClaimAsync($"block-{i}", Root, 28);
            pools.Add(await site.PoolBoundAsync($"block-{i}"));
        }

        await SaysAsync(Root, ConditionTypes.Ready, Reasons.AllReady, "All 3 child pools are ready");
        await SaysAsync(Root, "IPPool-1", Reasons.Ready, $"Pool {pools[1].Name} is ready (0/16 addresses)");
        Assert.Equal(["0", "1", "2"], pools.Select(static pool => pool.Metadata.Annotation(ChildIndex.Annotation)));
        Assert.Equal(["HubConnected", "Ready", "IPPool-0", "IPPool-1", "IPPool-2"], Conditions(Root).Select(static condition => condition.Type));

        var kept = Conditions(Root).Find("IPPool-2");
        await edge.Api.DeleteAsync<IPPoolClaim>("default", "block-1", cancel: Limits.Cancel);
        await SaysAsync(Root, ConditionTypes.Ready, Reasons.AllReady, "All 2 child pools are ready");
        Assert.Equal(["HubConnected", "Ready", "IPPool-0", "IPPool-2"], Conditions(Root).Select(static condition => condition.Type));
        Assert.Equal(kept, Conditions(Root).Find("IPPool-2"));

        await site.PoolClaimAsync("block-3", Root, 28);
        Assert.Equal("1", (await site.PoolBoundAsync("block-3")).Metadata.Annotation(ChildIndex.Annotation));
    }

    [Fact]
    public async Task A_child_pool_counts_its_claims_and_a_pool_claim_waits_for_them_to_go()
    {
        await site.PoolClaimAsync("web", Root, 31);
        var child = await site.PoolBoundAsync("web");
        await SaysAsync(child.Name, ConditionTypes.Ready, Reasons.CIDRAssigned, $"CIDR {child.Spec.Cidr} assigned from {Root}");
        foreach (var name in (string[])["a", "b", "c"]) await site.ClaimAsync(name, child.Name, 32);
        await SaysAsync(child.Name, ConditionTypes.Ready, Reasons.CIDRAssigned, $"CIDR {child.Spec.Cidr} assigned from {Root}; 2/3 claims are allocated");

        await edge.Api.DeleteAsync<IPPoolClaim>("default", "web", cancel: Limits.Cancel);

        await edge.UntilAsync<IPPoolClaim>("default", "web", ConditionTypes.Ready, static found => found is { Status: ConditionStatus.False, Reason: Reasons.PoolInUse });
        await SaysAsync(child.Name, ConditionTypes.Ready, Reasons.Draining);
        await SaysAsync(Root, "IPPool-0", Reasons.Draining);
        await SaysAsync(Root, ConditionTypes.Ready, Reasons.LeasesScaling);
        await edge.UntilAsync<IPPoolClaim>("default", "web", ConditionTypes.Allocated, static found => found.Status is ConditionStatus.True);
    }

    [Fact]
    public async Task A_pool_claim_says_from_the_first_look_what_it_always_says()
    {
        await site.PoolClaimAsync("web", Root, 28);
        await site.PoolBoundAsync("web");

        var seen = Versions<IPPoolClaim>("web").Where(static claim => claim.Status?.Conditions is not null).ToList();

        Assert.Equal(Reasons.ClaimPending, seen[0].Status!.Conditions!.Find(ConditionTypes.Ready)!.Reason);
        Assert.Equal(Reasons.Bound, seen[^1].Status!.Conditions!.Find(ConditionTypes.Ready)!.Reason);
        Assert.All(seen, static claim => Assert.Equal([ConditionTypes.Allocated, ConditionTypes.HubConnected, ConditionTypes.Ready], claim.Status!.Conditions!.Select(static condition => condition.Type).Order(StringComparer.Ordinal)));

        await edge.Api.MergePatchAsync<IPPoolClaim>("default", "web", JsonNode.Parse("""{"metadata":{"annotations":{"ipam.federation.io/paused":"true"} } }""")!.AsObject(), cancel: Limits.Cancel);
        await edge.UntilAsync<IPPoolClaim>("default", "web", ConditionTypes.Paused, static found => found is { Status: ConditionStatus.True, Reason: Reasons.Paused });
        await edge.Api.MergePatchAsync<IPPoolClaim>("default", "web", JsonNode.Parse("""{"metadata":{"annotations":{"ipam.federation.io/paused":null} } }""")!.AsObject(), cancel: Limits.Cancel);
        await edge.UntilAsync<IPPoolClaim>("default", "web", ConditionTypes.Paused, static found => found is { Status: ConditionStatus.False, Reason: Reasons.Resumed });
    }

    [Theory]
    [InlineData(Reasons.LeaseNotFound)]
    [InlineData(Reasons.LeaseNotActive)]
    [InlineData(Reasons.StaleEpoch)]
    [InlineData(Reasons.LeaseRevoked)]
    [InlineData(Reasons.LeaseExpired)]
    public async Task What_ends_a_lease_is_the_reason_of_its_pool_and_what_is_allocated_stays(string reason)
    {
        await site.PoolClaimAsync("web", Root, 28);
        var child = await site.PoolBoundAsync("web");
        var block = await site.ClaimedAsync("a", child.Name, 30);
        var before = edge.Store.Current.Find<IPClaim>("default", "a")!.Status!.Conditions!;

        await hub.Store.WriteAsync("test", transaction =>
        {
            var lease = transaction.All<IPLease>().Single();
            if (reason is Reasons.LeaseNotFound) transaction.Remove(lease);
            else if (reason is Reasons.LeaseNotActive) transaction.PutLease(lease.ToLease() with { Phase = LeasePhase.Failed }, "the test says so");
            else if (reason is Reasons.StaleEpoch) transaction.PutLease(lease.ToLease() with { Epoch = 9999 }, "the test says so");
            else if (reason is Reasons.LeaseRevoked) transaction.PutLease(lease.ToLease() with { Phase = LeasePhase.Revoked, Epoch = 9999 }, "the test says so");
            return 0;
        }, Limits.Cancel);
        if (reason is Reasons.LeaseExpired) edge.Clock.Ahead = TimeSpan.FromHours(169);
        else if (reason is not Reasons.LeaseRevoked) await edge.RestartAsync(hub.Get<HubOptions>().GrpcUrl);

        await SaysAsync(child.Name, ConditionTypes.Ready, reason, $"nothing new is allocated from {child.Spec.Cidr}; what is allocated stays");
        await SaysAsync(Root, "IPPool-0", reason);
        await SaysAsync(Root, ConditionTypes.Ready, Reasons.NotReady, "No child pools are ready");
        Assert.Equal(before, edge.Store.Current.Find<IPClaim>("default", "a")!.Status!.Conditions!);
        Assert.Equal(block, edge.Store.Current.Find<IPClaim>("default", "a")!.Status!.AllocatedCIDR);
    }

    [Fact]
    public async Task A_child_pool_nobody_lent_waits_and_says_so()
    {
        await edge.Api.CreateAsync(new IPPool { Metadata = new() { Name = "mine" }, Spec = new() { ParentPoolRef = new() { Name = Root }, PrefixLength = 28 } }, cancel: Limits.Cancel);

        await SaysAsync("mine", ConditionTypes.Ready, Reasons.WaitingParent);
        await SaysAsync(Root, "IPPool-0", Reasons.PartiallyReady);
        await SaysAsync(Root, ConditionTypes.Ready, Reasons.LeasesCreated);
    }

    [Fact]
    public async Task A_changed_wish_of_a_bound_claim_is_observed_once_and_its_block_follows_it()
    {
        var block = await site.ClaimedAsync("a", Root, 30);
        var before = edge.Store.Current.Find<IPClaim>("default", "a")!;

        await edge.Api.MergePatchAsync<IPClaim>("default", "a", JsonNode.Parse("""{"spec":{"reclaimPolicy":"Retain"} }""")!.AsObject(), cancel: Limits.Cancel);
        var allocated = await edge.UntilAsync<IPClaim>("default", "a", ConditionTypes.Allocated, static found => found.ObservedGeneration == 2);

        var after = edge.Store.Current.Find<IPClaim>("default", "a")!;
        Assert.Equal(before.Status!.Conditions!.Find(ConditionTypes.Allocated)! with { ObservedGeneration = 2 }, allocated);
        Assert.Equal((block, 2, ReclaimPolicy.Retain), (after.Status!.AllocatedCIDR, after.Status.ObservedGeneration, edge.Store.Current.Find<IPAllocation>(null, after.Status.BoundAllocationRef!.Name!)!.Spec.ReclaimPolicy));
    }

    [Fact]
    public async Task Conditions_of_other_writers_survive_at_the_edge_too()
    {
        await site.PoolClaimAsync("web", Root, 28);
        var child = await site.PoolBoundAsync("web");
        await SaysAsync(Root, ConditionTypes.Ready, Reasons.AllReady);
        foreach (var name in (string[])[Root, child.Name]) await ForeignAsync(() => edge.Api.GetAsync<IPPool>(null, name, Limits.Cancel), static (pool, foreign) => pool with { Status = pool.Status! with { Conditions = [foreign, .. pool.Status.Conditions!] } });
        await ForeignAsync(() => edge.Api.GetAsync<IPPoolClaim>("default", "web", Limits.Cancel), static (claim, foreign) => claim with { Status = claim.Status! with { Conditions = [foreign, .. claim.Status.Conditions!] } });

        await site.ClaimedAsync("a", child.Name, 30);
        await edge.Api.DeleteAsync<IPPoolClaim>("default", "web", cancel: Limits.Cancel);
        await edge.UntilAsync<IPPoolClaim>("default", "web", ConditionTypes.Ready, static found => found.Reason is Reasons.PoolInUse);
        await SaysAsync(child.Name, ConditionTypes.Ready, Reasons.Draining);
        await SaysAsync(Root, ConditionTypes.Ready, Reasons.LeasesScaling);

        Assert.All([Conditions(Root), Conditions(child.Name), edge.Store.Current.Find<IPPoolClaim>("default", "web")!.Status!.Conditions!],
            static conditions => Assert.Equal("Checked", conditions.Find("Audited")?.Reason));
    }

    async Task ForeignAsync<T>(Func<Task<T?>> read, Func<T, Condition, T> with) where T : Resource
    {
        var foreign = new Condition { Type = "Audited", Status = ConditionStatus.True, Reason = "Checked", Message = "by somebody", ObservedGeneration = 1, LastTransitionTime = VirtualTime.Start };
        await site.Patience.UntilAsync(async () =>
        {
            try
            {
                await edge.Api.ReplaceStatusAsync(with((await read())!, foreign), Limits.Cancel);
                return true;
            }
            catch (Federation.Kubernetes.KubernetesApiException e) when (e.IsConflict)
            {
                return false;
            }
        }, static done => done, static _ => "the status keeps changing");
    }

    Task<Condition> SaysAsync(string pool, string type, string reason, string? message = null) =>
        edge.UntilAsync<IPPool>(null, pool, type, found => found.Reason == reason && (message is null || found.Message == message));

    IReadOnlyList<Condition> Conditions(string pool) => edge.Store.Current.Find<IPPool>(null, pool)!.Status!.Conditions!;

    IEnumerable<T> Versions<T>(string name) where T : Resource
    {
        for (var revision = 1L; revision <= edge.Store.Changes.Last; revision++)
        {
            if (edge.Store.Changes.TryRead(revision, out var change) && change.After?.Resource is T version && version.Name == name) yield return version;
        }
    }
}
