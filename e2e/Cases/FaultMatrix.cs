using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.E2E;

/// <summary>
/// Drives one fault after the other between an edge and its hub, and reads back what is stored of it on the edge's objects:
/// on the pool claim that asks, on the claim that waits, on the mirrored pool. What was allocated stays so, and what has
/// room goes on.
/// </summary>
sealed class FaultMatrix(Site site, NetworkLine line, FaultGateway gateway, string pool)
{
    /// <summary>Longer than a call waits for its answer and an agent between two reports.</summary>

    /// <summary>Goes through one fault and out of it again. The pool is a root with blocks of /26.</summary>
    /// <param name="key">Makes the names of its objects.</param>
    public async Task RunAsync(TransportFault fault, string key)
    {
        await site.ClaimedAsync($"before-{key}", pool, 31);
        var before = await AllocatedAsync($"before-{key}");

        Begin(fault);
        try
        {
            await site.PoolClaimAsync($"block-{key}", pool, 28);
            await site.ClaimAsync($"beyond-{key}", pool, 25);
            await StoredAsync(fault, key);
            if (fault.Reason is not Reasons.EdgeFenced) await site.ClaimedAsync($"local-{key}", pool, 32);
        }
        finally
        {
            Mend();
        }

        await site.ConditionIsAsync<IPPool>(null, pool, ConditionTypes.HubConnected, static found => found.Status is ConditionStatus.True, "that the hub answers");
        await site.PoolBoundAsync($"block-{key}");
        await site.ConditionIsAsync<IPPoolClaim>(site.Namespace, $"block-{key}", ConditionTypes.HubConnected, static found => found.Status is ConditionStatus.True, "that the hub answers");
        await site.BoundAsync($"beyond-{key}");
        Expect.Equal(before, await AllocatedAsync($"before-{key}"));
    }

    /// <summary>A fault that asks to be tried again, and no more, changes no condition however often it is met.</summary>
    public async Task RunUnnoticedAsync(GatewayFault fault, string key)
    {
        var watches = gateway.Passed("Watch");
        gateway.Play(fault, "RequestLease");
        line.DivertTo(gateway.Address);
        try
        {
            await site.Patience.UntilAsync(() => Task.FromResult(gateway.Passed("Watch")), count => count > watches, static _ => "the agent does not come through the gateway");
            await site.ConditionIsAsync<IPPool>(null, pool, ConditionTypes.HubConnected, static found => found.Status is ConditionStatus.True, "that the hub answers");
            var name = $"block-{key}";
            await site.PoolClaimAsync(name, pool, 28);
            var waits = await site.ConditionIsAsync<IPPoolClaim>(site.Namespace, name, ConditionTypes.Allocated, static found => found.Reason is Reasons.WaitingForLease, "that it waits for a lease");
            var hears = await site.ConditionIsAsync<IPPoolClaim>(site.Namespace, name, ConditionTypes.HubConnected, static found => found.Status is ConditionStatus.True, "that the hub answers");

            var played = gateway.Played("RequestLease");
            await site.Patience.UntilAsync(() => Task.FromResult(gateway.Played("RequestLease") - played), static calls => calls >= 4, static calls => $"only {calls} calls came");

            Expect.Equal(waits, await site.ConditionIsAsync<IPPoolClaim>(site.Namespace, name, ConditionTypes.Allocated, static _ => true, "anything"));
            Expect.Equal(hears, await site.ConditionIsAsync<IPPoolClaim>(site.Namespace, name, ConditionTypes.HubConnected, static _ => true, "anything"));
        }
        finally
        {
            Mend();
        }

        await site.PoolBoundAsync($"block-{key}");
    }

    /// <summary>What is stored while the fault lasts.</summary>
    public async Task StoredAsync(TransportFault fault, string key)
    {
        var (status, connected) = fault.IsVerdict ? (ConditionStatus.False, ConditionStatus.True) : (ConditionStatus.Unknown, ConditionStatus.False);
        bool Says(Condition found) => found.Status == status && found.Reason == fault.Reason;
        var waiting = await site.ConditionIsAsync<IPPoolClaim>(site.Namespace, $"block-{key}", ConditionTypes.Allocated, Says, $"{status} {fault.Reason}");
        Expect.That(waiting.Message.Contains(fault.Text, StringComparison.Ordinal) || fault.IsVerdict, $"the message of {fault.Name} is \"{waiting.Message}\", without \"{fault.Text}\"");
        await site.ConditionIsAsync<IPPoolClaim>(site.Namespace, $"block-{key}", ConditionTypes.HubConnected, found => found.Status == connected && (fault.IsVerdict || found.Reason == fault.Reason), $"{connected} {fault.Reason}");
        await site.ConditionIsAsync<IPClaim>(site.Namespace, $"beyond-{key}", ConditionTypes.Allocated, Says, $"{status} {fault.Reason}");
        if (fault.Method is null) await site.ConditionIsAsync<IPPool>(null, pool, ConditionTypes.HubConnected, found => found.Status is ConditionStatus.False && found.Reason == fault.Reason, $"False {fault.Reason}");
    }

    void Begin(TransportFault fault)
    {
        if (fault.Answer is { } answer)
        {
            gateway.Play(answer, fault.Method);
            line.DivertTo(gateway.Address);
        }

        if (fault.Line is LineFault.Refused) line.Refuse();
        if (fault.Line is LineFault.Broken) line.Break();
        if (fault.Line is LineFault.Cut) line.Cut();
    }

    void Mend() => line.Mend();

    Task<Condition> AllocatedAsync(string claim) =>
        site.ConditionIsAsync<IPClaim>(site.Namespace, claim, ConditionTypes.Allocated, static found => found.Status is ConditionStatus.True, "that it is allocated");
}
