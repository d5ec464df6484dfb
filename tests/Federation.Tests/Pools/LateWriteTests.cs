using System.Net;
using Federation.Domain.Addressing;
using Federation.Edge;
using Federation.Kubernetes;
using Federation.Resources;
using Federation.Tests.Plans;

namespace Federation.Tests.Pools;

/// <summary>A block whose allocation may yet be stored is nobody else's, whatever became of the claim it was taken for.</summary>
public sealed class LateWriteTests
{
    static readonly WorkKey Claim = new("default", "a");

    /// <summary>Seed 1713 of the simulation: the claim went while its allocation was on its way, and the block was given to another.</summary>
    [Fact]
    public Task While_the_write_is_under_way_the_block_stays_taken() => HandDrivenEdge.RunAsync(static async edge =>
    {
        var agent = await edge.BoundAsync();
        var sent = new TaskCompletionSource<HttpStatusCode?>();
        agent.Wire.Asking = line => line is "ipallocations POST" ? sent.Task : Task.FromResult<HttpStatusCode?>(null);
        var (uid, block, look) = await BeginAsync(edge, agent);

        await WithdrawAsync(edge, agent);
        await agent.Parts.Sweep.FreeAsync(uid, Limits.Cancel);
        Assert.Equal(HoldKind.Allocation, agent.State.Book.Space(edge.Child!.Name)!.HolderOf(block)?.Kind);
        agent.Wire.Asking = null;
        sent.SetResult(null);
        await look;

        await UntilFreeAsync(edge, agent, uid, block);
    });

    [Fact]
    public Task When_nobody_knows_whether_it_was_stored_the_block_stays_taken_until_it_cannot_be_any_more() => HandDrivenEdge.RunAsync(static async edge =>
    {
        var agent = await edge.BoundAsync();
        agent.Wire.Asking = CutTheLine;
        var (uid, block, look) = await BeginAsync(edge, agent);
        await Assert.ThrowsAsync<HttpRequestException>(() => look);

        await WithdrawAsync(edge, agent);
        edge.Time.Advance(TimeSpan.FromSeconds(119));
        await agent.Parts.Sweep.FreeAsync(uid, Limits.Cancel);
        Assert.Equal(HoldKind.Allocation, agent.State.Book.Space(edge.Child!.Name)!.HolderOf(block)?.Kind);
        Assert.Contains(uid, agent.Parts.Sweep.Suspects());

        edge.Time.Advance(TimeSpan.FromSeconds(1));
        await agent.Parts.Sweep.FreeAsync(uid, Limits.Cancel);
        Assert.Null(agent.State.Book.Space(edge.Child!.Name)!.HolderOf(block));
    });

    /// <summary>Seed 1158 of the simulation: a claim waited for ever, as each write that was refused put off the end of one that nobody had heard of.</summary>
    [Fact]
    public Task What_is_refused_after_it_puts_that_off_no_further() => HandDrivenEdge.RunAsync(static async edge =>
    {
        var agent = await edge.BoundAsync();
        agent.Wire.Asking = CutTheLine;
        var (uid, block, look) = await BeginAsync(edge, agent);
        await Assert.ThrowsAsync<HttpRequestException>(() => look);
        agent.Wire.Asking = static line => Task.FromResult<HttpStatusCode?>(line is "ipallocations POST" ? HttpStatusCode.UnprocessableEntity : null);

        for (var minute = 0; minute < 2; minute++)
        {
            await Assert.ThrowsAsync<KubernetesApiException>(() => agent.Parts.Claims.ReconcileAsync(Claim, Limits.Cancel));
            Assert.Equal(HoldKind.Allocation, agent.State.Book.Space(edge.Child!.Name)!.HolderOf(block)?.Kind);
            edge.Time.Advance(TimeSpan.FromMinutes(1));
        }

        await Assert.ThrowsAsync<KubernetesApiException>(() => agent.Parts.Claims.ReconcileAsync(Claim, Limits.Cancel));
        await WithdrawAsync(edge, agent);
        await agent.Parts.Sweep.FreeAsync(uid, Limits.Cancel);
        Assert.Null(agent.State.Book.Space(edge.Child!.Name)!.HolderOf(block));
    });

    static Task<HttpStatusCode?> CutTheLine(string line) => line is "ipallocations POST" ? throw new HttpRequestException("the line was cut") : Task.FromResult<HttpStatusCode?>(null);

    /// <summary>A claim on the bound block, whose answer has begun.</summary>
    static async Task<(string Uid, Cidr Block, Task Look)> BeginAsync(HandDrivenEdge edge, HandDrivenAgent agent)
    {
        agent.Parts.Claims.Open();
        var claim = await edge.People.CreateAsync(new IPClaim { Metadata = new() { Name = Claim.Name, Namespace = Claim.Namespace }, Spec = new() { PoolRef = new() { Name = edge.Child!.Name }, PrefixLength = 28 } });
        await HandDrivenAgent.UntilAsync(() => agent.State.Claims.Get(Claim.Namespace, Claim.Name) is not null, "the claim is not seen");
        var look = agent.Parts.Claims.ReconcileAsync(Claim, Limits.Cancel);
        var held = Assert.Single(agent.State.Book.Space(edge.Child!.Name)!.Held(), static held => held.Holder.Kind is HoldKind.Allocation);
        return (claim.Uid, held.Block, look);
    }

    static async Task WithdrawAsync(HandDrivenEdge edge, HandDrivenAgent agent)
    {
        await edge.People.DeleteAsync<IPClaim>(Claim.Namespace, Claim.Name);
        await HandDrivenAgent.UntilAsync(() => agent.State.Claims.Get(Claim.Namespace, Claim.Name) is null, "the claim is still seen");
    }

    static async Task UntilFreeAsync(HandDrivenEdge edge, HandDrivenAgent agent, string uid, Cidr block)
    {
        await HandDrivenAgent.UntilAsync(() => agent.State.Book.AllocationOf(uid) is not null, "the allocation is not seen");
        await agent.Parts.Sweep.FreeAsync(uid, Limits.Cancel);
        await HandDrivenAgent.UntilAsync(() => agent.State.Book.Space(edge.Child!.Name)!.HolderOf(block) is null, "the block is still taken");
        Assert.DoesNotContain(edge.Store.Current.All<IPAllocation>(), allocation => allocation.Spec.ClaimRef?.Uid == uid);
    }
}
