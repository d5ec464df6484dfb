using Federation.Domain.Plans;
using Federation.Edge;
using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.Tests.Plans;

/// <summary>Two agents that both believe to lead look at the same version of a claim: one plan is written down, and one lease is lent.</summary>
public sealed class StaleWriteTests
{
    const int Rounds = 1000;

    /// <summary>Claims on their way at once: a round is a claim.</summary>
    const int AtOnce = 25;

    [Fact]
    public Task Of_two_plans_for_one_version_one_is_written_down_and_one_lease_is_lent() => HandDrivenEdge.RunAsync(static async edge =>
    {
        HandDrivenAgent[] agents = [await edge.AgentAsync(), await edge.AgentAsync()];
        for (var round = 0; round < Rounds; round += AtOnce)
        {
            WorkKey[] keys = [.. Enumerable.Range(round, AtOnce).Select(static number => new WorkKey("default", $"block-{number}"))];
            foreach (var key in keys) await edge.FileAsync(prefixLength: 28, key.Name);
            await SeenAsync(edge, agents, keys);
            await Task.WhenAll(keys.Select(key => agents[0].LookAsync(key))); // its finalizer
            await SeenAsync(edge, agents, keys);
            foreach (var agent in agents) agent.Wire.Take();

            var attempts = await Task.WhenAll(keys.SelectMany(key => agents.Select(agent => IsWrittenAsync(agent, key))));
            Assert.Equal((AtOnce, AtOnce), (attempts.Count(static written => written), attempts.Count(static written => !written)));
            var plans = keys.ToDictionary(static key => key, key => edge.Claim(key.Name).Status!.Plan!.Id);

            await SeenAsync(edge, agents, keys);
            await Task.WhenAll(keys.SelectMany(key => agents.Select(agent => FinishAsync(edge, agent, key))));
            foreach (var key in keys) Assert.Equal((ClaimPhase.Bound, PlanRules.RequestIdOf(PlanRules.Build(PlanKind.AcquireLease, plans[key], new()))), (edge.Claim(key.Name).Status!.Phase, edge.Claim(key.Name).Status!.Lease!.RequestID));
        }

        List<string?> lent = [.. edge.Hub.Store.Current.All<IPLease>().Select(static lease => lease.Name).Order(StringComparer.Ordinal)];
        Assert.Equal(Rounds, lent.Count);
        Assert.Equal(lent, edge.Store.Current.All<IPPoolClaim>().Select(static claim => claim.Status!.Lease!.Id).Order(StringComparer.Ordinal));
    }, leasing: """{"defaultPrefixLength":28}""");

    /// <summary>Whether this agent's write was the one.</summary>
    static async Task<bool> IsWrittenAsync(HandDrivenAgent agent, WorkKey key)
    {
        try
        {
            await agent.Parts.PoolClaims.ReconcileAsync(key, CancellationToken.None);
            return true;
        }
        catch (KubernetesApiException e) when (e.IsConflict)
        {
            return false;
        }
    }

    static async Task FinishAsync(HandDrivenEdge edge, HandDrivenAgent agent, WorkKey key)
    {
        while (edge.Claim(key.Name).Status is not { Phase: ClaimPhase.Bound, Plan: null })
        {
            if (!await IsWrittenAsync(agent, key)) await agent.SeesAsync(edge.Claim(key.Name));
        }
    }

    static async Task SeenAsync(HandDrivenEdge edge, HandDrivenAgent[] agents, WorkKey[] keys)
    {
        foreach (var agent in agents)
        {
            foreach (var key in keys) await agent.SeesAsync(edge.Claim(key.Name));
        }
    }
}
