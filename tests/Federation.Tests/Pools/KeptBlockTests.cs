using Federation.Edge;
using Federation.Resources;
using Federation.Tests.Plans;

namespace Federation.Tests.Pools;

/// <summary>A block kept for a claim of the same name.</summary>
public sealed class KeptBlockTests
{
    static readonly WorkKey Claim = new("default", "a");

    /// <summary>Seed 49 of the simulation: of two agents one gave the claim its old block, the other a new one, and each said so.</summary>
    [Fact]
    public Task It_is_the_claim_s_again_once_everybody_is_told() => HandDrivenEdge.RunAsync(static async edge =>
    {
        var agent = await edge.BoundAsync();
        agent.Parts.Claims.Open();
        var first = await FileAsync(edge, agent);
        await agent.Parts.Claims.ReconcileAsync(Claim, Limits.Cancel);
        await HandDrivenAgent.UntilAsync(() => agent.State.Book.AllocationOf(first.Uid) is not null, "the allocation is not seen");
        await edge.People.DeleteAsync<IPClaim>(Claim.Namespace, Claim.Name);
        await HandDrivenAgent.UntilAsync(() => agent.State.Claims.Get(Claim.Namespace, Claim.Name) is null, "the claim is still seen");
        await agent.Parts.Sweep.FreeAsync(first.Uid, Limits.Cancel);
        await HandDrivenAgent.UntilAsync(() => agent.State.Book.Retained.Any(), "the block is not kept");
        var block = agent.State.Book.Retained.Single().Spec.Cidr;
        var second = await FileAsync(edge, agent);
        agent.Wire.Take();

        await agent.Parts.Claims.ReconcileAsync(Claim, Limits.Cancel);

        Assert.Equal(["ipallocations PUT", "ipallocations status"], agent.Wire.Take());
        await HandDrivenAgent.UntilAsync(() => agent.State.Book.AllocationOf(second.Uid) is not null, "the claim's block is not seen");
        await agent.Parts.Claims.ReconcileAsync(Claim, Limits.Cancel);
        Assert.Equal(block, edge.Store.Current.Find<IPClaim>(Claim.Namespace, Claim.Name)!.Status!.AllocatedCIDR);
    });

    static async Task<IPClaim> FileAsync(HandDrivenEdge edge, HandDrivenAgent agent)
    {
        var spec = new IPClaimSpec { PoolRef = new() { Name = edge.Child!.Name }, PrefixLength = 28, ReclaimPolicy = ReclaimPolicy.Retain };
        var claim = await edge.People.CreateAsync(new IPClaim { Metadata = new() { Name = Claim.Name, Namespace = Claim.Namespace }, Spec = spec });
        await HandDrivenAgent.UntilAsync(() => agent.State.Claims.Get(Claim.Namespace, Claim.Name)?.Uid == claim.Uid, "the claim is not seen");
        return claim;
    }
}
