using Federation.Domain.Addressing;
using Federation.Resources;

namespace Federation.Tests.Pools;

/// <summary>Objects as others than the agent under test write them.</summary>
static class HandMade
{
    /// <summary>The first block of a length in a pool, for a claim nobody knows.</summary>
    public static IPAllocation AllocationOf(IPPool pool, int length)
    {
        var block = Cidr.Parse($"{pool.Spec.Cidr!.Value.ToString().Split('/')[0]}/{length}");
        return new()
        {
            Metadata = new() { Name = IPAllocation.NameOf(pool.Name, block) },
            Spec = new() { Cidr = block, PoolRef = new() { Name = pool.Name }, ClaimRef = new() { Namespace = "default", Name = "unknown", Uid = "0b6aa5ad-0000-4000-8000-000000000001" } },
        };
    }
}
