using Federation.Domain.Leases;
using FsCheck;
using FsCheck.Fluent;

namespace Federation.Tests.Domain;

public sealed class LeaseLedgerTests
{
    [Theory]
    [InlineData("east")]
    [InlineData("a")]
    [InlineData("edge-with-a-name-of-sixty-three-characters-which-is-the-longest-")]
    [InlineData("edge-that-is-cut-right-behind-a-dash-of-its-name-xx-abcdefgh")]
    public void A_lease_id_is_a_DNS_label_that_tells_edge_and_request_apart(string edge)
    {
        var id = LeaseId.Of(edge, "request");

        Assert.Matches("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", id);
        Assert.DoesNotContain("--", id);
        Assert.InRange(id.Length, 12, 63);
        Assert.StartsWith(edge[..Math.Min(edge.Length, 40)], id);
        Assert.Equal(id, LeaseId.Of(edge, "request"));
        Assert.NotEqual(id, LeaseId.Of(edge, "another"));
        Assert.NotEqual(id, LeaseId.Of(edge + "x", "request"));
        Assert.NotEqual(id, LeaseId.Of(edge, "request", attempt: 1));
    }

    [Fact]
    public void Changes_taken_back_in_reverse_leave_no_trace()
    {
        Prop.ForAll(Gen.Choose(0, 1 << 20).ArrayOf(40).ToArbitrary(), static steps =>
        {
            var scene = new LeaseScene();
            var changes = new List<(Lease? Before, Lease? After)>();
            var states = new List<string> { Describe(scene) };
            foreach (var step in steps)
            {
                if (Decide(scene, step) is not { } change) continue;
                scene.Follow(change.Before, change.After);
                changes.Add(change);
                states.Add(Describe(scene));
            }

            for (var at = changes.Count - 1; at >= 0; at--)
            {
                Assert.Equal(states[at + 1], Describe(scene));
                scene.Follow(changes[at].After, changes[at].Before);
            }

            Assert.Equal(states[0], Describe(scene));
        }).QuickCheckThrowOnFailure();
    }

    /// <summary>Some change that the rules allow; null when they refuse it.</summary>
    static (Lease? Before, Lease? After)? Decide(LeaseScene scene, int step)
    {
        var known = scene.Ledger.All.ToList();
        var lease = known.Count == 0 ? null : known[step % known.Count];
        var decision = (step / 64 % 6, lease) switch
        {
            ( <= 1, _) or (_, null) => scene.Ask(LeaseScene.Wish($"request-{step % 64}", edge: $"edge-{step % 3}")),
            (2, { } any) => scene.Ledger.Confirm(any.Id, any.Edge, any.Epoch, LeaseScene.Terms, LeaseScene.Start),
            (3, { } any) => scene.Ledger.Release(any.Id, any.Edge, any.Epoch, LeaseScene.Terms.ReuseDelay, LeaseScene.Start),
            (4, { } any) => scene.Ledger.Revoke(any.Id, any.Epoch + 1),
            (_, { Phase: LeasePhase.Released } gone) => new LeaseDecision.Changed(gone, gone),
            (_, { } any) => scene.Ledger.Drain(any.Id),
        };
        if (decision is LeaseDecision.Changed { Before: { Phase: LeasePhase.Released } released }) return (released, null);
        return decision is LeaseDecision.Changed(var before, var after) ? (before, after) : null;
    }

    /// <summary>Everything the ledger can be asked.</summary>
    static string Describe(LeaseScene scene) => string.Join('\n', [
        .. scene.Ledger.All.Select(static lease => lease.ToString()),
        .. Enumerable.Range(0, 3).Select(edge => $"{scene.Ledger.Held($"edge-{edge}")} {scene.Ledger.Held($"edge-{edge}", "prod")}"),
        .. scene.Pool.Space.Held().Select(static held => held.ToString()),
        scene.Ask(LeaseScene.Wish("next")).ToString(),
    ]);
}
