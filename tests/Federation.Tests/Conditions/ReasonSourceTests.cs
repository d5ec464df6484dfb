using System.Reflection;
using System.Text.RegularExpressions;
using Federation.Domain.Conditions;
using Federation.E2E;
using Federation.Tests.House;
using Federation.Tests.Hub;
using Federation.Tests.Inventory;
using Federation.Tests.Leases;

namespace Federation.Tests.Conditions;

/// <summary>For each reason the test, or the case of the suite, that makes a hub or an edge say it. None is there for show.</summary>
[Trait("Category", "Status")]
public sealed partial class ReasonSourceTests
{
    static readonly string Matrix = nameof(TransportMatrixTests.Each_fault_is_stored_as_its_reason);

    static readonly Dictionary<string, (Type In, string Test)> Producers = new(StringComparer.Ordinal)
    {
        [Reasons.AllocationSucceeded] = (typeof(ClaimAnswerTests), nameof(ClaimAnswerTests.Each_wish_has_its_answer)),
        [Reasons.PoolExhausted] = (typeof(TransportMatrixTests), Matrix),
        [Reasons.NoMatchingPool] = (typeof(ClaimAnswerTests), nameof(ClaimAnswerTests.Each_wish_has_its_answer)),
        [Reasons.PoolNotFound] = (typeof(ClaimAnswerTests), nameof(ClaimAnswerTests.Each_wish_has_its_answer)),
        [Reasons.PrefixLengthOutOfBounds] = (typeof(ClaimAnswerTests), nameof(ClaimAnswerTests.Each_wish_has_its_answer)),
        [Reasons.AddressFamilyMismatch] = (typeof(ClaimAnswerTests), nameof(ClaimAnswerTests.Each_wish_has_its_answer)),
        [Reasons.AddressUnavailable] = (typeof(ClaimAnswerTests), nameof(ClaimAnswerTests.Each_wish_has_its_answer)),
        [Reasons.QuotaExceeded] = (typeof(TransportMatrixTests), Matrix),
        [Reasons.Pending] = (typeof(HubHierarchyTests), nameof(HubHierarchyTests.A_pool_an_edge_and_a_fleet_without_leases_say_so)),
        [Reasons.WaitingForLease] = (typeof(FaultMatrix), nameof(FaultMatrix.RunUnnoticedAsync)),
        [Reasons.Bound] = (typeof(EdgeHierarchyTests), nameof(EdgeHierarchyTests.A_pool_claim_says_from_the_first_look_what_it_always_says)),
        [Reasons.ClaimPending] = (typeof(EdgeHierarchyTests), nameof(EdgeHierarchyTests.A_pool_claim_says_from_the_first_look_what_it_always_says)),
        [Reasons.Error] = (typeof(HubHierarchyTests), nameof(HubHierarchyTests.A_pool_claim_that_cannot_be_satisfied_says_so_twice)),
        [Reasons.CIDRAssigned] = (typeof(HubHierarchyTests), nameof(HubHierarchyTests.A_child_pool_counts_its_claims)),
        [Reasons.WaitingParent] = (typeof(EdgeHierarchyTests), nameof(EdgeHierarchyTests.A_child_pool_nobody_lent_waits_and_says_so)),
        [Reasons.Draining] = (typeof(HubHierarchyTests), nameof(HubHierarchyTests.A_revoked_lease_brings_its_own_reason_up_and_a_drained_one_is_only_going)),
        [Reasons.PoolInUse] = (typeof(HubHierarchyTests), nameof(HubHierarchyTests.A_pool_claim_that_is_to_go_says_what_it_waits_for_and_stays_allocated)),
        [Reasons.AllReady] = (typeof(HubHierarchyTests), nameof(HubHierarchyTests.The_set_of_leases_is_seen_to_grow_and_to_shrink)),
        [Reasons.Ready] = (typeof(EdgeHierarchyTests), nameof(EdgeHierarchyTests.A_mirrored_root_speaks_of_its_child_pools_by_numbers_they_carry)),
        [Reasons.PartiallyReady] = (typeof(HubHierarchyTests), nameof(HubHierarchyTests.A_silent_edge_is_seen_from_the_fleet_down_to_the_lease)),
        [Reasons.NotReady] = (typeof(HubHierarchyTests), nameof(HubHierarchyTests.A_silent_edge_is_seen_from_the_fleet_down_to_the_lease)),
        [Reasons.NoChildren] = (typeof(HubHierarchyTests), nameof(HubHierarchyTests.A_pool_an_edge_and_a_fleet_without_leases_say_so)),
        [Reasons.LeasesCreated] = (typeof(HubHierarchyTests), nameof(HubHierarchyTests.The_set_of_leases_is_seen_to_grow_and_to_shrink)),
        [Reasons.LeasesScaling] = (typeof(HubHierarchyTests), nameof(HubHierarchyTests.The_set_of_leases_is_seen_to_grow_and_to_shrink)),
        [Reasons.EdgesReady] = (typeof(HubHierarchyTests), nameof(HubHierarchyTests.A_silent_edge_is_seen_from_the_fleet_down_to_the_lease)),
        [Reasons.EdgesProgressing] = (typeof(HubHierarchyTests), nameof(HubHierarchyTests.A_silent_edge_is_seen_from_the_fleet_down_to_the_lease)),
        [Reasons.Connected] = (typeof(HubHierarchyTests), nameof(HubHierarchyTests.A_silent_edge_is_seen_from_the_fleet_down_to_the_lease)),
        [Reasons.HubUnreachable] = (typeof(TransportMatrixTests), Matrix),
        [Reasons.GatewayError] = (typeof(TransportMatrixTests), Matrix),
        [Reasons.HubBadRequest] = (typeof(TransportMatrixTests), Matrix),
        [Reasons.HubAuthFailed] = (typeof(TransportMatrixTests), Matrix),
        [Reasons.HubInternalError] = (typeof(TransportMatrixTests), Matrix),
        [Reasons.HubNotImplemented] = (typeof(TransportMatrixTests), Matrix),
        [Reasons.HubThrottled] = (typeof(TransportMatrixTests), Matrix),
        [Reasons.HubConflict] = (typeof(TransportMatrixTests), nameof(TransportMatrixTests.A_request_known_under_another_wish_is_asked_anew_and_the_plan_keeps_why)),
        [Reasons.EdgeFenced] = (typeof(TransportMatrixTests), Matrix),
        [Reasons.EdgeHeartbeatMissed] = (typeof(HubHierarchyTests), nameof(HubHierarchyTests.A_silent_edge_is_seen_from_the_fleet_down_to_the_lease)),
        [Reasons.LeaseNotFound] = (typeof(EdgeHierarchyTests), nameof(EdgeHierarchyTests.What_ends_a_lease_is_the_reason_of_its_pool_and_what_is_allocated_stays)),
        [Reasons.LeaseNotActive] = (typeof(EdgeHierarchyTests), nameof(EdgeHierarchyTests.What_ends_a_lease_is_the_reason_of_its_pool_and_what_is_allocated_stays)),
        [Reasons.StaleEpoch] = (typeof(EdgeHierarchyTests), nameof(EdgeHierarchyTests.What_ends_a_lease_is_the_reason_of_its_pool_and_what_is_allocated_stays)),
        [Reasons.LeaseExpired] = (typeof(EdgeHierarchyTests), nameof(EdgeHierarchyTests.What_ends_a_lease_is_the_reason_of_its_pool_and_what_is_allocated_stays)),
        [Reasons.LeaseRevoked] = (typeof(EdgeHierarchyTests), nameof(EdgeHierarchyTests.What_ends_a_lease_is_the_reason_of_its_pool_and_what_is_allocated_stays)),
        [Reasons.LeaseConflict] = (typeof(RestoreTests), nameof(RestoreTests.A_block_that_two_edges_hold_stays_with_neither_and_is_never_free)),
        [Reasons.LeaseAbsent] = (typeof(AbsentLeaseTests), nameof(AbsentLeaseTests.Without_both_flags_nothing_is_freed)),
        [Reasons.LocalCIDRConflict] = (typeof(LocalCidrTests), nameof(LocalCidrTests.An_edge_that_holds_a_block_of_it_is_told_which)),
        [Reasons.HubRecovering] = (typeof(RestoreTests), nameof(RestoreTests.A_claim_at_the_hub_waits_and_says_why_until_an_admin_accepts_the_pool)),
        [Reasons.Recovered] = (typeof(RestoreTests), nameof(RestoreTests.A_claim_at_the_hub_waits_and_says_why_until_an_admin_accepts_the_pool)),
        [Reasons.NothingFound] = (typeof(LookupTests), nameof(LookupTests.An_address_at_an_edge_is_known_once_the_edge_was_asked_and_said_so)),
        [Reasons.OverlapFound] = (typeof(InventoryAuditTests), nameof(InventoryAuditTests.Each_kind_of_inconsistency_is_found_and_nothing_else)),
        [Reasons.OutsideBlock] = (typeof(LookupTests), nameof(LookupTests.What_does_not_go_together_is_said_of_the_edge_and_counted)),
        [Reasons.UnknownClaim] = (typeof(InventoryAuditTests), nameof(InventoryAuditTests.Each_kind_of_inconsistency_is_found_and_nothing_else)),
        [Reasons.CapacityMismatch] = (typeof(LookupTests), nameof(LookupTests.A_pool_whose_report_is_not_the_sum_of_what_it_holds_is_said_to_be_so_at_the_second_look)),
        [Reasons.Quarantined] = (typeof(Intruders), nameof(Intruders.IsQuarantinedAsync)),
        [Reasons.Paused] = (typeof(EdgeHierarchyTests), nameof(EdgeHierarchyTests.A_pool_claim_says_from_the_first_look_what_it_always_says)),
        [Reasons.Resumed] = (typeof(EdgeHierarchyTests), nameof(EdgeHierarchyTests.A_pool_claim_says_from_the_first_look_what_it_always_says)),
    };

    [Fact]
    public void Every_reason_has_a_test_that_makes_it_said() =>
        Assert.Equal(Vocabulary.Reasons.Select(static reason => reason.Name).Order(StringComparer.Ordinal), Producers.Keys.Order(StringComparer.Ordinal));

    /// <summary>The test exists, and it, or the matrix it goes through, speaks of the reason.</summary>
    [Fact]
    public void The_test_named_for_a_reason_expects_it() => Assert.All(Producers, static producer =>
    {
        var (place, test) = producer.Value;
        Assert.NotNull(place.GetMethod(test, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance));
        var source = Repository.Read(Repository.Files($"{place.Name}.cs").Single());
        var text = test == Matrix ? Repository.Read("e2e/Cases/TransportFaults.cs") : source[StartOf(source, test)..EndOf(source, test)];
        Assert.True(Mentions(text, producer.Key), $"{place.Name}.{test} does not expect {producer.Key}");
    });

    /// <summary>Somebody in hub, edge or what they share says it: a constant nobody uses is a promise nobody keeps.</summary>
    [Fact]
    public void Every_reason_is_said_by_the_product()
    {
        var product = string.Concat(Repository.Files("*.cs").Where(static file => file.StartsWith("hub/", StringComparison.Ordinal) || file.StartsWith("edge/", StringComparison.Ordinal) || file.StartsWith("shared/", StringComparison.Ordinal)).Select(Repository.Read));

        Assert.All(Vocabulary.Reasons, reason => Assert.Contains($"Reasons.{reason.Name}", product, StringComparison.Ordinal));
    }

    /// <summary>By its constant, or by its text.</summary>
    static bool Mentions(string text, string reason) => text.Contains($"Reasons.{reason}", StringComparison.Ordinal) || text.Contains($"\"{reason}\"", StringComparison.Ordinal);

    /// <summary>With the attributes above it: they may hold what is expected.</summary>
    static int StartOf(string source, string test) => source.LastIndexOf("\n\n", BeginOf(source, test), StringComparison.Ordinal);

    static int EndOf(string source, string test)
    {
        var end = MethodEnd().Match(source, BeginOf(source, test));
        return end.Success ? end.Index : source.Length;
    }

    /// <summary>Where it is declared: it may be called further up.</summary>
    static int BeginOf(string source, string test) => Regex.Match(source, $@"(?m)^    (public |static |async )+[\w<>?,. ]+ {test}\(").Index;

    [GeneratedRegex("\n    }\n")]
    private static partial Regex MethodEnd();
}
