using Federation.ApiServer;
using Federation.Domain.Plans;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>What the hub writes on objects it makes itself.</summary>
static class HubObjects
{
    /// <summary>The child pool of a pool claim waits with this for its last allocation.</summary>
    public const string ChildPoolFinalizer = "ipam.federation.io/child-pool";

    /// <summary>On a child pool made for a pool claim: <c>namespace/name</c> of the claim.</summary>
    public const string ClaimAnnotation = "ipam.federation.io/pool-claim";

    /// <summary>On a child pool made for a pool claim: the claim's uid.</summary>
    public const string ClaimUidAnnotation = "ipam.federation.io/pool-claim-uid";

    /// <summary>Metadata of a new object. The uid follows from name and revision, so it is never given twice.</summary>
    public static ObjectMeta Meta(Transaction transaction, string name, string? ns = null) => new()
    {
        Name = name,
        Namespace = ns,
        Uid = NameUuid.Of($"{name}/{transaction.NextRevision}").ToString(),
        Generation = 1,
        CreationTimestamp = transaction.Now.AddTicks(-(transaction.Now.Ticks % TimeSpan.TicksPerSecond)),
    };
}
