namespace Federation.E2E;

/// <summary>The cases of the core suite. Their address spaces do not overlap, so all fit one hub.</summary>
static class CaseCatalog
{
    public const string Core = "core";

    public static readonly IReadOnlyList<E2ECase> All =
    [
        new("EX", "a full pool refuses, and serves again when space is freed", Exhaustion.RefusesAndServesAgainAsync),
        new("SE", "a selector finds its pool by labels", Selectors.ByLabelsAsync),
        new("SX", "a selector finds its pool by expressions", Selectors.ByExpressionsAsync),
        new("OV", "ten claims get ten distinct blocks", ManyClaims.TenAtOnceAsync),
        new("BULK", "1,000 claims of 8 writers at once get distinct blocks", ManyClaims.ThousandFromEightWritersAsync),
        new("HI", "child pools serve claims and cannot be deleted while in use", ChildPools.HierarchyAsync),
        new("CP", "a child pool declared by its size lies in its root", ChildPools.BySizeAsync),
        new("PC", "a pool claim ends in a child pool, and gives it back", ChildPools.ClaimedAndReleasedAsync),
        new("IC", "a deleted claim's block is counted free and used again", Claims.FreedAndReusedAsync),
        new("VA", "what is invalid is refused, and what is immutable stays", Validation.RefusedAndImmutableAsync),
        new("VC", "a claim's wish cannot be changed", Validation.ClaimsAreImmutableAsync),
        new("HO", "every address of a small pool is handed out, both families", HostAddresses.AllOfThemAsync),
        new("FM", "a claim for the other family is refused", Claims.FamilyMismatchAsync),
        new("PB", "a block beyond the pool's bounds is refused, and nothing granted", Claims.BoundsAsync),
        new("RC", "a particular block is granted when it is free, and only then", Claims.ParticularBlockAsync),
        new("WF", "waiting claims bind by themselves when space is freed, oldest first", Waiting.FreedSpaceAsync),
        new("WP", "a claim made before its pool binds when the pool appears", Waiting.ClaimBeforePoolAsync),
        new("WS", "a claim by selector binds when a matching pool appears", Waiting.SelectorBeforePoolAsync),
        new("PD", "a claim deleted while it waits takes nothing", Waiting.DeletedWhileWaitingAsync),
        new("RN", "the same name can be claimed again at once", Claims.SameNameAgainAsync),
        new("DS", "a dual-stack pair gets a block of each family", DualStack.PairAsync),
        new("SIX", "/64s come out of an IPv6 /32", DualStack.SixtyFoursAsync),
        new("RO", "overlapping root pools are refused, naming the other", Roots.OverlapAsync),
        new("RD", "a pool with contents cannot be deleted, and stays whole", Roots.InUseAsync),
        new("TWO", "two sites exhaust one root and never share a block", TwoSites.ExhaustOneRootAsync),
        new("KILL", "a hub killed and started again knows all it acknowledged", Restarts.KilledHubAsync, Disturbs: true),
    ];
}
