using Federation.Domain.Addressing;
using Federation.Resources;

namespace Federation.Simulation;

/// <summary>Outside of the product: remembers what was acknowledged, reads the disk, and says which guarantee is broken.</summary>
sealed class Observer(SimulatedDisk disk)
{
    static readonly Cidr Root = Cidr.Parse("10.0.0.0/27", null);

    readonly SortedDictionary<string, int> underWay = new(StringComparer.Ordinal);
    readonly SortedSet<string> contested = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, bool> acknowledged = new(StringComparer.Ordinal);

    /// <summary>From here on the claim may be there or not, until an answer to somebody who asked alone.</summary>
    public void Asked(string claim)
    {
        underWay[claim] = underWay.GetValueOrDefault(claim) + 1;
        if (underWay[claim] > 1) contested.Add(claim);
        acknowledged.Remove(claim);
    }

    /// <param name="isThere">Whether the claim was acknowledged as filed or as withdrawn; null when it was neither.</param>
    public void Answered(string claim, bool? isThere)
    {
        if (isThere is { } known && !contested.Contains(claim)) acknowledged[claim] = known;
        if (--underWay[claim] == 0) contested.Remove(claim);
    }

    /// <summary>Looks when the hub is down and nobody asks.</summary>
    public string? Wrong()
    {
        var claims = Of<IPClaim>().ToDictionary(static claim => claim.Name, StringComparer.Ordinal);
        var allocations = Of<IPAllocation>().OrderBy(static allocation => allocation.Name, StringComparer.Ordinal).ToList();
        foreach (var (name, isThere) in acknowledged)
        {
            if (claims.ContainsKey(name) != isThere) return $"claim {name} was acknowledged as {(isThere ? "filed" : "withdrawn")}, and the disk says otherwise";
        }

        return allocations.Select(allocation => Wrong(allocation, allocations, claims)).FirstOrDefault(static wrong => wrong is not null)
            ?? claims.Values.Select(claim => Wrong(claim, allocations)).FirstOrDefault(static wrong => wrong is not null);
    }

    static string? Wrong(IPAllocation one, List<IPAllocation> all, Dictionary<string, IPClaim> claims)
    {
        var block = one.Spec.Cidr!.Value;
        if (!Root.Contains(block)) return $"{block} lies outside its pool";
        if (all.Exists(other => other != one && (other.Spec.Cidr!.Value.Contains(block) || block.Contains(other.Spec.Cidr!.Value)))) return $"{block} overlaps another allocation";
        var holder = claims.GetValueOrDefault(one.Spec.ClaimRef!.Name!);
        return holder?.Uid == one.Spec.ClaimRef.Uid ? null : $"{block} is leaked: its claim is gone";
    }

    static string? Wrong(IPClaim claim, List<IPAllocation> all) =>
        claim.Status is not { Phase: ClaimPhase.Bound } status || all.Exists(allocation => allocation.Name == status.BoundAllocationRef?.Name && allocation.Spec.ClaimRef!.Uid == claim.Uid)
            ? null
            : $"claim {claim.Name} is bound to nothing";

    IEnumerable<T> Of<T>()
        where T : Resource =>
        disk.Rows.Where(static row => row.Kind == KindInfo.Of<T>().ToString()).Select(static row => ResourceJson.Read<T>(row.Json));
}
