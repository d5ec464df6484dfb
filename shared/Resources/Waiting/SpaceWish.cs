using Federation.Domain.Addressing;

namespace Federation.Resources;

/// <summary>What an object asks for, and of which pools. Who asks for the same is answered alike.</summary>
/// <param name="Pool">The pool asked by its name; null where a selector chooses.</param>
/// <param name="KeptFor">The claim for whose name a block is kept, which nobody else is offered; null for all others.</param>
public readonly record struct SpaceWish(string Kind, string? Pool, string? Selector, int? PrefixLength, IPFamily? Family, Cidr? Block, string? KeptFor = null)
{
    public static SpaceWish Of(IPClaim claim, bool isKept = false) => Of<IPClaim>(claim.Spec.PoolRef, claim.Spec.PoolSelector, claim.Spec.PrefixLength, claim.Spec.IpFamily, claim.Spec.Cidr) with
    {
        KeptFor = isKept ? ClaimReport.Owner(claim.Namespace, claim.Name) : null,
    };

    public static SpaceWish Of(IPPoolClaim claim) => Of<IPPoolClaim>(claim.Spec.ParentPoolRef, claim.Spec.ParentPoolSelector, claim.Spec.PrefixLength, claim.Spec.IpFamily, claim.Spec.Cidr);

    /// <summary>What a child pool asks for of its parent.</summary>
    public static SpaceWish Of(IPPool child) => Of<IPPool>(child.Spec.ParentPoolRef, null, child.Spec.PrefixLength, child.Spec.IpFamily, child.Spec.Cidr);

    static SpaceWish Of<T>(PoolReference? pool, LabelSelector? selector, int? length, IPFamily? family, Cidr? block) where T : Resource =>
        new(KindInfo.Of<T>().Name, pool?.Name, pool?.Name is null ? selector?.ToString() : null, length, family, block);
}
