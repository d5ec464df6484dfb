using System.Globalization;
using System.Text.Json.Nodes;
using Federation.Domain.Conditions;
using Federation.Domain.Leases;
using Federation.Resources;

namespace Federation.E2E;

/// <summary>What objects say of themselves and of their children, from the fleet down to the claim; and what every fault leaves stored.</summary>
static class StatusStories
{
    static readonly IReadOnlyList<E2ECase> Stories =
    [
        new("REAS", "each reason of a claim is stored, and the same on hub and edge", ReasonsAsync),
        new("TREE", "leases, child pools and edges are summed up at every level", TreeAsync, NeedsEdges: true),
        new("WALK", "four commands lead from the fleet to the claim that fails", WalkAsync, Disturbs: true, NeedsEdges: true),
        new("QUIE", "what stands still is not written", QuietAsync, Disturbs: true, IsApart: true),
        new("FDNS", "a hub whose name has no address: HubUnreachable", world => ElsewhereAsync(world, new("http://hub.invalid:8081"), "its name has no address", 0), Disturbs: true, NeedsEdges: true, IsApart: true),
        new("FTLS", "a TLS handshake that fails: HubUnreachable", world => ElsewhereAsync(world, new($"https://127.0.0.1:{world.Topology.Line.Address.Port}"), "the TLS handshake failed", 1), Disturbs: true, NeedsEdges: true, IsApart: true),
        new("FABO", "what only asks to be tried again changes no condition", UnnoticedAsync, Disturbs: true, NeedsEdges: true),
    ];

    public static readonly IReadOnlyList<E2ECase> Cases =
    [
        .. Stories,
        .. TransportFault.All.Select(static (fault, row) => new E2ECase($"F{row:00}", $"{fault.Name}: {fault.Reason}", world => FaultAsync(world, fault, row), Disturbs: true, NeedsEdges: true, IsApart: true)),
    ];

    static async Task ReasonsAsync(CaseWorld world)
    {
        var site = world.Site;
        await world.PoolAsync("reasons", "10.120.0.0/28", 30, 31, pool => pool.LeasedBy(28));
        await site.ClaimedAsync("given", "reasons", 30);
        await site.ClaimAsync("absent", "no-such-pool", 30);
        await site.ClaimAsync("unmatched", new IPClaimSpec { PoolSelector = new() { MatchLabels = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("tier", "none") } });
        await site.ClaimAsync("large", "reasons", 29);
        await site.ClaimAsync("other", "reasons", 31, static spec => spec with { IpFamily = Domain.Addressing.IPFamily.IPv6, PrefixLength = null });
        await site.ClaimAsync("taken", "reasons", null, static spec => spec with { Cidr = Domain.Addressing.Cidr.Parse("10.120.0.0/30") });

        await site.FailsAsync("absent", Reasons.PoolNotFound);
        await site.FailsAsync("unmatched", Reasons.NoMatchingPool);
        await site.FailsAsync("large", Reasons.PrefixLengthOutOfBounds);
        await site.FailsAsync("other", Reasons.AddressFamilyMismatch);
        await site.FailsAsync("taken", Reasons.AddressUnavailable);
        for (var i = 0; i < 3; i++) await site.ClaimedAsync($"given-{i}", "reasons", 30);
        await site.ClaimAsync("full", "reasons", 30);
        await site.FailsAsync("full", Reasons.PoolExhausted);
    }

    static async Task TreeAsync(CaseWorld world)
    {
        var hub = world.SiteAt(world.Hub, "tree");
        await world.PoolAsync("tree", "10.121.0.0/24", 26, 32, pool => pool.LeasedBy(27));
        await hub.ConditionIsAsync<IPPool>(null, "tree", ConditionTypes.Ready, static found => found.Reason is Reasons.NoChildren, "that it has no leases");

        world.At("two leases");
        await world.Site.ClaimedAsync("east", "tree", 30);
        await world.OtherSite.ClaimedAsync("west", "tree", 30);
        await hub.ConditionIsAsync<IPPool>(null, "tree", ConditionTypes.Ready, static found => found is { Reason: Reasons.AllReady, Message: "All 2 leases are ready" }, "that both leases are ready");
        await hub.ConditionIsAsync<IPPool>(null, "tree", "IPLease-1", static found => found is { Status: ConditionStatus.True, Reason: Reasons.Ready }, "that the second is ready");
        await hub.ConditionIsAsync<Resources.Edge>(null, LeaseOrders.East, ConditionTypes.Ready, static found => found.Reason is Reasons.AllReady, "that its leases are ready");
        var root = await world.Site.ConditionIsAsync<IPPool>(null, "tree", ConditionTypes.Ready, static found => found is { Reason: Reasons.AllReady, Message: "All 1 child pools are ready" }, "that its child pool is ready");
        await world.Site.ConditionIsAsync<IPPool>(null, "tree", "IPPool-0", static found => found is { Status: ConditionStatus.True, Reason: Reasons.Ready } && found.Message.EndsWith("(4/32 addresses)", StringComparison.Ordinal), "what is used");
        Expect.Equal(1, root.ObservedGeneration);
    }

    static async Task WalkAsync(CaseWorld world)
    {
        await world.PoolAsync("walk", "10.122.0.0/26", 26, 32, pool => pool.LeasedBy(26));
        await world.Site.PoolClaimAsync("web", "walk", 26);
        var child = await world.Site.PoolBoundAsync("web");
        await world.Site.ClaimedAsync("first", child.Name, 28);
        var lease = await world.LeaseIsAsync("walk", static lease => lease.Status?.Phase is LeasePhase.Active, "Active");
        await world.OrderAsync<IPLease>(lease.Name, new JsonObject { ["revoked"] = true });
        await world.Site.PoolSaysAsync(child.Name, Reasons.LeaseRevoked);
        await world.Site.ClaimAsync("second", child.Name, 28);
        await world.Site.FailsAsync("second", Reasons.PoolExhausted);
        await world.SiteAt(world.Hub, "walk").ConditionIsAsync<FederationObject>(null, "hub", ConditionTypes.Ready, static found => found.Reason is Reasons.EdgesProgressing, "that an edge is not ready");
        var seen = await DrillDown.SeenAsync(new(world.Topology.HubUrl, world.Cancel), world.Kubectl, world.Site.Namespace);
        foreach (var (step, found) in seen.Zip(["not ready: east", "LeaseRevoked", "LeaseRevoked", "PoolExhausted"])) Expect.That(step.Contains(found, StringComparison.Ordinal), $"'{found}' is not in {step}");

        await world.Site.DeleteClaimAsync("second");
        await world.Site.DeleteClaimAsync("first");
        await world.Site.Api.DeleteAsync<IPPoolClaim>(world.Site.Namespace, "web", cancel: world.Cancel);
        await world.Site.GoneAsync<IPPoolClaim>(world.Site.Namespace, "web");
        await world.SiteAt(world.Hub, "walk").ConditionIsAsync<FederationObject>(null, "hub", ConditionTypes.Ready, static found => found.Reason is Reasons.EdgesReady, "that all edges are ready");
    }

    /// <summary>Two looks at everything, with more than a report of an edge between them, see the same versions.</summary>
    static async Task QuietAsync(CaseWorld world)
    {
        await world.PoolAsync("quiet", "10.123.0.0/24", 26, 32, pool => pool.LeasedBy(27));
        await world.Site.ClaimedAsync("still", "quiet", 30);
        await world.Site.ClaimAsync("never", "no-such-pool", 30);
        await world.Site.FailsAsync("never", Reasons.PoolNotFound);
        if (world.Topology.HasEdges) await world.Site.Patience.UntilAsync(() => world.Hub.GetAsync<IPPool>(null, "quiet", world.Cancel), static pool => pool?.Status?.Usage?.Allocated is "4", static _ => "what is used of the pool is not added up");
        var before = await world.Site.Patience.UntilAsync(() => CalmAsync(world), static seen => seen is not null, static _ => "something is still written");

        await Task.Delay(TimeSpan.FromSeconds(35), TimeProvider.System, world.Cancel);

        var after = await VersionsAsync(world);
        Expect.That(before!.SequenceEqual(after), $"written meanwhile: {string.Join(", ", after.Except(before!))}");
    }

    static async Task<IReadOnlyList<string>?> CalmAsync(CaseWorld world)
    {
        var before = await VersionsAsync(world);
        await Task.Delay(TimeSpan.FromSeconds(7), TimeProvider.System, world.Cancel);
        return before.SequenceEqual(await VersionsAsync(world)) ? before : null;
    }

    static bool IsOf(string pool, CaseWorld world, Resource found) => found switch
    {
        IPPool root => root.Name == pool || root.Spec.ParentPoolRef?.Name == pool,
        IPLease lease => lease.Spec.PoolRef?.Name == pool,
        IPPoolClaim claim => claim.Spec.ParentPoolRef?.Name == pool,
        FederationObject => true,
        _ => found.Namespace == world.Site.Namespace,
    };

    /// <summary>Versions of the fleet's object and of all that belongs to the case and has a status.</summary>
    static async Task<IReadOnlyList<string>> VersionsAsync(CaseWorld world)
    {
        List<Resource> all = [];
        foreach (var api in new[] { world.Hub, world.Site.Api, world.OtherSite.Api }.Distinct())
        {
            all.AddRange((await api.ListAsync<IPPool>(new(), world.Cancel)).Items);
            all.AddRange((await api.ListAsync<IPClaim>(new(), world.Cancel)).Items);
            all.AddRange((await api.ListAsync<IPPoolClaim>(new(), world.Cancel)).Items);
        }

        all.AddRange((await world.Hub.ListAsync<IPLease>(new(), world.Cancel)).Items);
        all.AddRange((await world.Hub.ListAsync<FederationObject>(new(), world.Cancel)).Items);
        return [.. all.Where(found => IsOf("quiet", world, found)).Select(static found => $"{found.Kind} {found.Uid} {found.Namespace}/{found.Name} {found.Metadata.ResourceVersion}").Order(StringComparer.Ordinal)];
    }

    /// <summary>The agent is started again with an address of the hub that does not lead there.</summary>
    static async Task ElsewhereAsync(CaseWorld world, Uri hub, string text, int row)
    {
        var (pool, site) = ($"elsewhere-{row}", world.Site);
        await world.PoolAsync(pool, string.Create(CultureInfo.InvariantCulture, $"10.{124 + row}.0.0/20"), 20, 32, shape => shape.LeasedBy(26));
        var block = await site.ClaimedAsync("before", pool, 31);

        world.Topology.KillEdge();
        await world.Topology.RestartEdgeAsync(hub, world.Cancel);
        var stored = await site.ConditionIsAsync<IPPool>(null, pool, ConditionTypes.HubConnected, static found => found is { Status: ConditionStatus.False, Reason: Reasons.HubUnreachable }, "that the hub cannot be reached");
        Expect.That(stored.Message.Contains(text, StringComparison.Ordinal), stored.Message);
        await site.PoolClaimAsync("block", pool, 28);
        await site.ConditionIsAsync<IPPoolClaim>(site.Namespace, "block", ConditionTypes.Allocated, static found => found is { Status: ConditionStatus.Unknown, Reason: Reasons.HubUnreachable }, "that the hub cannot be reached");
        await site.ClaimedAsync("local", pool, 32);
        Expect.Equal(block, await site.BlockAsync("before"));

        world.Topology.KillEdge();
        await world.Topology.RestartEdgeAsync(world.Cancel);
        await site.PoolBoundAsync("block");
    }

    static async Task UnnoticedAsync(CaseWorld world)
    {
        await world.PoolAsync("unnoticed", "10.126.0.0/20", 20, 32, pool => pool.LeasedBy(26));
        await world.Site.ClaimedAsync("first", "unnoticed", 31);
        for (var row = 0; row < TransportFault.Unnoticed.Count; row++) await Matrix(world, "unnoticed").RunUnnoticedAsync(TransportFault.Unnoticed[row], $"{row}");
    }

    static async Task FaultAsync(CaseWorld world, TransportFault fault, int row)
    {
        var pool = $"fault-{row}";
        await world.PoolAsync(pool, string.Create(CultureInfo.InvariantCulture, $"100.{64 + row}.0.0/20"), 20, 32, shape => shape.LeasedBy(26));
        await Matrix(world, pool).RunAsync(fault, "0");
    }

    static FaultMatrix Matrix(CaseWorld world, string pool) => new(world.Site, world.Topology.Line, world.Topology.Gateway, pool);
}
