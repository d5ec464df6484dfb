using System.Text.Json.Nodes;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.E2E;

/// <summary>Objects that came past every rule, by an admin's hand or an older definition: set aside, and nothing handed out on top.</summary>
static class Intruders
{
    public static async Task QuarantinedAsync(CaseWorld world)
    {
        var site = world.Site;
        await world.PoolAsync("intruded", "172.25.0.0/24", 28, 32, static pool => pool.LeasedBy(28));
        await site.PoolClaimAsync("block", "intruded", 28);
        var child = await site.PoolBoundAsync("block");
        var root = child.Block()!.Value;
        var mine = await site.ClaimedAsync("mine", child.Name, 32);

        world.At("one that overlaps, one that lies outside, one whose name says another block");
        var covered = Cidr.Parse($"{root.ToString().Split('/')[0]}/30");
        await MakeAsync(world, IPAllocation.NameOf(child.Name, covered), child.Name, covered);
        await MakeAsync(world, IPAllocation.NameOf(child.Name, Cidr.Parse("172.25.1.0/32")), child.Name, Cidr.Parse("172.25.1.0/32"));
        var last = Cidr.Parse($"{LastOf(root)}/32");
        await MakeAsync(world, $"{child.Name}.wrong", child.Name, last);
        foreach (var name in new[] { IPAllocation.NameOf(child.Name, covered), IPAllocation.NameOf(child.Name, Cidr.Parse("172.25.1.0/32")), $"{child.Name}.wrong" }) await IsQuarantinedAsync(world, name);

        world.At("nothing is handed out on top");
        for (var i = 0; i < 11; i++) await site.ClaimAsync($"more-{i}", child.Name, 32);
        for (var i = 0; i < 11; i++)
        {
            var block = await site.BlockAsync($"more-{i}");
            Expect.Disjoint([mine, block, last]);
            Expect.That(!covered.Contains(block), $"{block} lies in {covered}, which somebody holds");
        }

        await site.ClaimAsync("one-too-many", child.Name, 32);
        await site.FailsAsync("one-too-many", Reasons.PoolExhausted);
        Expect.Equal(mine, await site.BlockAsync("mine"));

        world.At("one goes");
        await site.Api.DeleteAsync<IPAllocation>(null, $"{child.Name}.wrong", cancel: world.Cancel);
        Expect.Equal(last, await site.BlockAsync("one-too-many"));
    }

    public static async Task EditedStatusAsync(CaseWorld world)
    {
        var site = world.Site;
        await world.PoolAsync("edited", "172.25.2.0/24", 28, 32, static pool => pool.LeasedBy(28));
        var block = await site.ClaimedAsync("held", "edited", 32);

        world.At("another block in the status of a bound claim");
        await site.Api.MergePatchAsync<IPClaim>(site.Namespace, "held", new JsonObject { ["status"] = new JsonObject { ["allocatedCIDR"] = "172.25.2.200/32" } }, subresource: "status", cancel: world.Cancel);
        await site.ClaimIsAsync("held", claim => claim.Status?.AllocatedCIDR == block, $"put right to {block}");

        world.At("a claim that says it is bound and holds nothing");
        await site.ClaimAsync("liar", "nowhere", 32);
        await site.FailsAsync("liar", Reasons.PoolNotFound);
        await site.Api.MergePatchAsync<IPClaim>(site.Namespace, "liar", new JsonObject { ["status"] = Forged("172.25.2.201/32") }, subresource: "status", cancel: world.Cancel);
        await site.FailsAsync("liar", Reasons.PoolNotFound);
    }

    public static async Task ForeignFinalizerAsync(CaseWorld world)
    {
        var site = world.Site;
        await world.PoolAsync("held-back", "172.25.3.0/30", 30, 32, static pool => pool.LeasedBy(30));
        for (var i = 0; i < 4; i++) await site.ClaimedAsync($"all-{i}", "held-back", 32);
        var allocation = (await site.AllocationsOfAsync("all-0")).Single();
        await site.Api.MergePatchAsync<IPAllocation>(null, allocation.Name, new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray("example.com/audit") } }, cancel: world.Cancel);

        world.At("held by somebody else's finalizer");
        await site.Api.DeleteAsync<IPClaim>(site.Namespace, "all-0", cancel: world.Cancel);
        await site.GoneAsync<IPClaim>(site.Namespace, "all-0");
        await site.ClaimAsync("next", "held-back", 32);
        await site.FailsAsync("next", Reasons.PoolExhausted);

        world.At("let go");
        await site.Api.MergePatchAsync<IPAllocation>(null, allocation.Name, new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = null } }, cancel: world.Cancel);
        Expect.Equal(allocation.Spec.Cidr!.Value, await site.BlockAsync("next"));
    }

    static Task<IPAllocation> MakeAsync(CaseWorld world, string name, string pool, Cidr block) => world.Site.Api.CreateAsync(new IPAllocation
    {
        Metadata = new() { Name = name },
        Spec = new() { Cidr = block, PoolRef = new() { Name = pool }, ClaimRef = new() { Namespace = "elsewhere", Name = "nobody", Uid = $"made-up-{block.ToString().Replace('/', '-')}" } },
    }, world.Cancel);

    public static Task<IPAllocation> IsQuarantinedAsync(CaseWorld world, string name) => world.Site.AllocationIsAsync(name,
        static allocation => allocation?.Status?.Conditions?.Find(ConditionTypes.Allocated) is { Status: ConditionStatus.False, Reason: Reasons.Quarantined }, "in quarantine");

    static string LastOf(Cidr block)
    {
        while (block.Length < block.Width) block = block.UpperHalf;
        return block.ToString().Split('/')[0];
    }

    static JsonObject Forged(string block) => new()
    {
        ["phase"] = "Bound",
        ["allocatedCIDR"] = block,
        ["boundPoolRef"] = new JsonObject { ["name"] = "nowhere" },
        ["boundAllocationRef"] = new JsonObject { ["name"] = "nowhere.172-25-2-201-32" },
        ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Allocated", ["status"] = "True", ["reason"] = "AllocationSucceeded", ["message"] = "mine", ["lastTransitionTime"] = "2026-01-01T00:00:00Z" }),
    };
}
