using Federation.Domain.Addressing;
using Federation.Domain.Leases;
using Federation.Resources;
using Federation.Tests.Pools;
using PoolPhase = Federation.Resources.PoolPhase;

namespace Federation.Tests.Plans;

/// <summary>The way back of a block, as one recorder sees it after each answer on the wire: no step comes before the one it depends on.</summary>
public sealed class ReleaseOrderTests
{
    /// <summary>What is to have become true, in this order.</summary>
    static readonly string[] Order = ["draining", "last allocation gone", "child pool gone", "release acknowledged", "block free at the hub", "finalizer off"];

    [Fact]
    public Task Each_step_back_waits_for_the_one_before() => HandDrivenEdge.RunAsync(async edge =>
    {
        var agent = await edge.BoundAsync();
        var (child, lease) = (edge.Child!, edge.Claim().Status!.Lease!);
        var used = await edge.People.CreateAsync(HandMade.AllocationOf(child, length: 32));
        await agent.SeesAsync(used);

        List<string> seen = [];
        var isAcknowledged = false;
        agent.Wire.Answered = line =>
        {
            isAcknowledged |= line == "ReleaseLease";
            Note(seen, edge, child.Name, used.Name, lease.Cidr!.Value, lease.Id!, isAcknowledged);
        };
        await edge.People.DeleteAsync<IPPoolClaim>("default", "block");
        await HandDrivenAgent.UntilAsync(() => agent.State.PoolClaims.Get("default", "block")!.Metadata.IsDeleting(), "the deletion is not seen");
        for (var look = 0; look < 10; look++) await agent.LookAsync();
        Assert.Equal(["draining"], seen);
        Assert.Equal(LeasePhase.Active, edge.Hub.Store.Current.Find<IPLease>(null, lease.Id!)!.Status!.Phase);

        await edge.People.DeleteAsync<IPAllocation>(null, used.Name);
        await HandDrivenAgent.UntilAsync(() => agent.State.Allocations.Get(null, used.Name) is null, "the allocation's end is not seen");
        while (edge.Store.Current.Find<IPPoolClaim>("default", "block") is not null)
        {
            await agent.LookAsync();
            if (isAcknowledged) await HandDrivenAgent.UntilAsync(() => IsFree(edge, lease.Cidr!.Value), "the block is not free at the hub");
        }

        Assert.Equal(Order, seen);
    });

    static void Note(List<string> seen, HandDrivenEdge edge, string child, string used, Cidr block, string lease, bool isAcknowledged)
    {
        var stored = edge.Store.Current;
        (string Step, bool IsSo)[] now =
        [
            (Order[0], stored.Find<IPPool>(null, child) is not { Status.Phase: not PoolPhase.Draining }),
            (Order[1], stored.Find<IPAllocation>(null, used) is null),
            (Order[2], stored.Find<IPPool>(null, child) is null),
            (Order[3], isAcknowledged),
            (Order[4], IsFree(edge, block)),
            (Order[5], stored.Find<IPPoolClaim>("default", "block") is null),
        ];
        foreach (var (step, isSo) in now.Where(entry => entry.IsSo && !seen.Contains(entry.Step))) seen.Add(step);
        Assert.True(isAcknowledged || edge.Hub.Store.Current.Find<IPLease>(null, lease) is { Status.Phase: LeasePhase.Active }, "the hub took the lease back unasked");
    }

    static bool IsFree(HandDrivenEdge edge, Cidr block) => !edge.Hub.Store.Current.All<IPLease>().Any(lease => lease.Spec.Cidr!.Value.Overlaps(block));
}
