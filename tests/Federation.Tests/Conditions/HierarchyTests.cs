using Federation.Domain.Conditions;

namespace Federation.Tests.Conditions;

/// <summary>What an object says of its children: pure, and the same however the children became what they are.</summary>
[Trait("Category", "Status")]
public sealed class HierarchyTests
{
    static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void An_object_without_children_says_so_in_one_condition()
    {
        var finding = Assert.Single(new ChildSet().Findings(ChildWords.LeasesOfPool));

        Assert.Equal(new("Ready", ConditionStatus.False, "NoChildren", "No leases found for this pool"), finding);
        Assert.Equal("No leases found for this edge", new ChildSet().Findings(ChildWords.LeasesOfEdge).Single().Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(100)]
    public void All_some_and_none_of_the_children_are_ready(int count)
    {
        var all = Findings(Enumerable.Range(0, count).Select(Ready));
        Assert.Equal(count + 1, all.Count);
        Assert.Equal(("True", "AllReady", $"All {count} leases are ready"), Said(all[0]));
        Assert.All(all.Skip(1), static finding => Assert.Equal((ConditionStatus.True, "Ready"), (finding.Status, finding.Reason)));

        var none = Findings(Enumerable.Range(0, count).Select(Silent));
        Assert.Equal(("False", "NotReady", "No leases are ready"), Said(none[0]));

        if (count == 1) return;
        var some = Findings(Enumerable.Range(0, count).Select(static index => index == 1 ? Silent(index) : Ready(index)));
        Assert.Equal(("False", "PartiallyReady", $"{count - 1}/{count} leases are ready"), Said(some[0]));
    }

    [Fact]
    public void While_the_set_changes_and_nothing_fails_that_is_the_reason()
    {
        Assert.Equal(("False", "LeasesCreated", "0/2 leases are ready"), Said(Findings([Coming(0), Coming(1)])[0]));
        Assert.Equal(("False", "LeasesScaling", "2/4 leases are ready"), Said(Findings([Ready(0), Ready(1), Coming(2), Coming(3)])[0]));
        Assert.Equal(("False", "LeasesScaling", "2/4 leases are ready"), Said(Findings([Ready(0), Ready(1), Going(2), Going(3)])[0]));
        Assert.Equal(("True", "AllReady", "All 2 leases are ready"), Said(Findings([Ready(0), Ready(1)])[0]));
        Assert.Equal(("False", "PartiallyReady", "1/3 leases are ready"), Said(Findings([Ready(0), Coming(1), Silent(2)])[0]));
    }

    [Fact]
    public void A_child_is_named_and_brings_its_own_reason()
    {
        var findings = Findings([Ready(0), Coming(1), Going(2), Silent(10)]);

        Assert.Equal(
        [
            ("IPLease-0", "True", "Ready", "Lease us-east-0 is ready (40/256 addresses)"),
            ("IPLease-1", "False", "PartiallyReady", "Lease us-east-1 is progressing (0/256 addresses)"),
            ("IPLease-2", "False", "Draining", "Lease us-east-2 is being emptied (40/256 addresses)"),
            ("IPLease-10", "Unknown", "EdgeHeartbeatMissed", "Lease us-east-10 belongs to a silent edge (40/256 addresses)"),
        ], findings.Skip(1).Select(static finding => (finding.Type, finding.Status.ToString(), finding.Reason, finding.Message)));
    }

    [Fact]
    public void A_child_that_goes_leaves_the_others_their_type_and_text()
    {
        var before = Conditions(Enumerable.Range(0, 12).Select(Ready));
        var after = before.WithChildren(ChildWords.LeasesOfPool, ChildSet.Of(Enumerable.Range(0, 12).Where(static index => index != 3).Select(Ready)), 1, Start.AddHours(1));

        Assert.Equal(before.Where(static condition => condition.Type is not ("IPLease-3" or "Ready")), after.Where(static condition => condition.Type is not "Ready"));
        Assert.Equal(["Ready", .. Enumerable.Range(0, 12).Where(static index => index != 3).Select(static index => $"IPLease-{index}")], after.Select(static condition => condition.Type));
        Assert.Equal("All 11 leases are ready", after.Find("Ready")?.Message);
    }

    [Fact]
    public void Only_the_child_that_flips_moves_its_transition_time()
    {
        var before = Conditions(Enumerable.Range(0, 5).Select(Ready));
        var after = before.WithChildren(ChildWords.LeasesOfPool, ChildSet.Of(Enumerable.Range(0, 5).Select(static index => index == 2 ? Silent(index) : Ready(index) with { Details = "41/256 addresses" })), 1, Start.AddHours(1));

        Assert.Equal(["Ready", "IPLease-2"], after.Where(static condition => condition.LastTransitionTime != Start).Select(static condition => condition.Type));
        Assert.Contains("41/256", after.Find("IPLease-0")!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Conditions_of_others_survive_also_indexed_ones()
    {
        IReadOnlyList<Condition> before = [.. Conditions([Ready(0), Ready(1)]), Foreign("Audited"), Foreign("IPPool-7"), Foreign("IPLease-x"), Foreign("Other-0")];

        var after = before.WithChildren(ChildWords.LeasesOfPool, ChildSet.Of([Ready(1)]), 1, Start.AddHours(1));

        Assert.Equal(["Ready", "Audited", "IPPool-7", "IPLease-x", "Other-0", "IPLease-1"], after.Select(static condition => condition.Type));
        Assert.Equal(before.Where(static condition => condition.Reason == "Foreign"), after.Where(static condition => condition.Reason == "Foreign"));
    }

    [Fact]
    public void Of_too_many_the_failing_ones_are_listed_first_and_the_counts_stay_exact()
    {
        var findings = Findings(Enumerable.Range(0, 1000).Select(static index => index is 5 or 700 or 999 ? Silent(index) : index == 800 ? Going(index) : Ready(index)));

        Assert.Equal(1 + ChildSet.ListedMax, findings.Count);
        Assert.Equal(("False", "PartiallyReady", "996/1000 leases are ready; 256 are listed"), Said(findings[0]));
        Assert.Equal(["IPLease-5", "IPLease-700", "IPLease-800", "IPLease-999"], findings.Skip(1).Where(static finding => finding.Reason != Reasons.Ready).Select(static finding => finding.Type));
        Assert.Equal(Enumerable.Range(0, 252 + 1).Where(static index => index != 5), findings.Skip(1).Where(static finding => finding.Reason == Reasons.Ready).Select(static finding => ConditionTypes.ChildIndex(finding.Type)!.Value));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whatever_happens_to_children_the_set_says_what_a_new_one_would(int seed)
    {
        var random = new Random(seed);
        var (set, model) = (new ChildSet(), new SortedDictionary<int, Child>());
        var conditions = Conditions([]);
        for (var step = 0; step < 400; step++)
        {
            var index = random.Next(20) * random.Next(30);
            var before = model.GetValueOrDefault(index);
            var after = random.Next(4) == 0 ? null : ((Func<int, Child>[])[Ready, Coming, Going, Silent])[random.Next(4)](index);
            set.Apply(before, after);
            if (random.Next(5) == 0)
            {
                set.Apply(after, before); // taken back, as with a transaction
                after = before;
            }

            model.Remove(index);
            if (after is not null) model.Add(index, after);
            conditions = conditions.WithChildren(ChildWords.LeasesOfPool, set, 1, Start.AddMinutes(step));

            var fresh = ChildSet.Of(model.Values);
            Assert.Equal(fresh.Findings(ChildWords.LeasesOfPool), set.Findings(ChildWords.LeasesOfPool));
            Assert.Equal(model.Count, set.Tally.Total);
            Assert.Equal(model.Values.Count(static child => child.Stage is ChildStage.Ready), set.Tally.Ready);
            Assert.Equal(set.Findings(ChildWords.LeasesOfPool), conditions.Select(static condition => new Finding(condition.Type, condition.Status, condition.Reason, condition.Message)));
            Assert.Equal(conditions, conditions.WithChildren(ChildWords.LeasesOfPool, set, 1, Start.AddYears(1)));
        }
    }

    [Fact]
    public void The_order_of_what_was_there_before_does_not_matter()
    {
        var random = new Random(7);
        var before = Conditions(Enumerable.Range(0, 30).Select(Ready)).ToArray();
        var set = ChildSet.Of(Enumerable.Range(0, 30).Select(static index => index % 7 == 0 ? Silent(index) : Ready(index)));
        var wanted = before.WithChildren(ChildWords.LeasesOfPool, set, 1, Start.AddHours(1));

        for (var round = 0; round < 20; round++)
        {
            random.Shuffle(before);
            Assert.Equal(wanted, before.WithChildren(ChildWords.LeasesOfPool, set, 1, Start.AddHours(1)));
        }
    }

    [Fact]
    public void A_fleet_names_the_edges_that_are_not_ready()
    {
        Assert.Equal(new("Ready", ConditionStatus.True, "EdgesReady", "3/3 edges are ready"), FleetFinding.Of(3, []));
        Assert.Equal(new("Ready", ConditionStatus.False, "EdgesProgressing", "2/3 edges are ready; not ready: west"), FleetFinding.Of(3, ["west"]));
        var many = FleetFinding.Of(100, [.. Enumerable.Range(10, 20).Select(static number => $"edge-{number}")]);
        Assert.StartsWith("80/100 edges are ready; not ready: edge-10, edge-11,", many.Message, StringComparison.Ordinal);
        Assert.EndsWith("edge-25 and 4 more", many.Message, StringComparison.Ordinal);
    }

    static List<Finding> Findings(IEnumerable<Child> children) => [.. ChildSet.Of(children).Findings(ChildWords.LeasesOfPool)];

    static IReadOnlyList<Condition> Conditions(IEnumerable<Child> children) => Array.Empty<Condition>().WithChildren(ChildWords.LeasesOfPool, ChildSet.Of(children), 1, Start);

    static (string, string, string) Said(Finding finding) => (finding.Status.ToString(), finding.Reason, finding.Message);

    static Condition Foreign(string type) => new() { Type = type, Status = ConditionStatus.True, Reason = "Foreign", Message = "", LastTransitionTime = Start };

    static Child Ready(int index) => new(index, $"us-east-{index}", ChildStage.Ready, ConditionStatus.True, Reasons.Ready, "is ready", "40/256 addresses");

    static Child Coming(int index) => new(index, $"us-east-{index}", ChildStage.Coming, ConditionStatus.False, Reasons.Pending, "waits", "0/256 addresses");

    static Child Going(int index) => new(index, $"us-east-{index}", ChildStage.Going, ConditionStatus.False, Reasons.Draining, "is being emptied", "40/256 addresses");

    static Child Silent(int index) => new(index, $"us-east-{index}", ChildStage.Failing, ConditionStatus.Unknown, Reasons.EdgeHeartbeatMissed, "belongs to a silent edge", "40/256 addresses");
}
