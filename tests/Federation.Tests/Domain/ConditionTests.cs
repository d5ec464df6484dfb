using System.Reflection;
using Federation.Domain.Conditions;

namespace Federation.Tests.Domain;

public sealed class ConditionTests
{
    static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_condition_found_for_the_first_time_holds_from_then_in_whole_seconds()
    {
        var conditions = List(new Finding("Ready", ConditionStatus.True, "Ready", "fine"), generation: 3, Start.AddMilliseconds(1999));

        Assert.Equal(new Condition { Type = "Ready", Status = ConditionStatus.True, Reason = "Ready", Message = "fine", ObservedGeneration = 3, LastTransitionTime = Start.AddSeconds(1) }, Assert.Single(conditions));
    }

    [Theory]
    [InlineData(ConditionStatus.True, "Ready", "fine", false)]
    [InlineData(ConditionStatus.True, "Ready", "still fine", false)]
    [InlineData(ConditionStatus.True, "AllReady", "fine", false)]
    [InlineData(ConditionStatus.False, "Ready", "fine", true)]
    [InlineData(ConditionStatus.Unknown, "Pending", "who knows", true)]
    public void The_transition_time_moves_only_when_the_status_flips(ConditionStatus status, string reason, string message, bool moves)
    {
        var before = List(new Finding("Ready", ConditionStatus.True, "Ready", "fine"), generation: 1, Start);

        var after = before.With([new Finding("Ready", status, reason, message)], generation: 2, Start.AddHours(1));

        var condition = Assert.Single(after);
        Assert.Equal(moves ? Start.AddHours(1) : Start, condition.LastTransitionTime);
        Assert.Equal((status, reason, message, 2), (condition.Status, condition.Reason, condition.Message, condition.ObservedGeneration));
        Assert.Equal(Start, Assert.Single(before).LastTransitionTime);
    }

    [Fact]
    public void A_status_that_flips_and_flips_back_holds_from_the_second_flip()
    {
        var conditions = List(new Finding("Ready", ConditionStatus.True, "Ready", ""), generation: 1, Start);

        conditions = conditions.With([new Finding("Ready", ConditionStatus.False, "Error", "")], 1, Start.AddHours(1));
        conditions = conditions.With([new Finding("Ready", ConditionStatus.True, "Ready", "")], 1, Start.AddHours(2));

        Assert.Equal(Start.AddHours(2), conditions.Find("Ready")?.LastTransitionTime);
    }

    [Fact]
    public void Conditions_nobody_reports_on_stay_and_keep_their_places()
    {
        var conditions = Array.Empty<Condition>().With(
            [new("Allocated", ConditionStatus.True, "AllocationSucceeded", ""), new("Foreign", ConditionStatus.True, "Other", ""), new("Ready", ConditionStatus.True, "Bound", "")], 1, Start);

        var renewed = conditions.With([new("Ready", ConditionStatus.False, "Error", ""), new("HubConnected", ConditionStatus.True, "Connected", "")], 2, Start.AddHours(1));

        Assert.Equal(["Allocated", "Foreign", "Ready", "HubConnected"], renewed.Select(static condition => condition.Type));
        Assert.Equal(conditions[1], renewed[1]);
        Assert.True(renewed.Holds("Foreign"));
        Assert.False(renewed.Holds("Ready"));
        Assert.False(renewed.Holds("Missing"));
        Assert.Null(renewed.Find("ready"));
    }

    [Theory]
    [InlineData("IPLease-0", 0)]
    [InlineData("IPLease-17", 17)]
    [InlineData("Lease-with-dashes-3", 3)]
    [InlineData("IPLease-2147483647", 2147483647)]
    [InlineData("Ready", null)]
    [InlineData("Lease", null)]
    [InlineData("Lease-", null)]
    [InlineData("Lease-x", null)]
    [InlineData("", null)]
    [InlineData("-", null)]
    [InlineData("-1", null)]
    [InlineData("--1", null)]
    [InlineData("Lease--1", null)]
    [InlineData("Lease-01", null)]
    [InlineData("Lease-00", null)]
    [InlineData("Lease-+1", null)]
    [InlineData("Lease- 1", null)]
    [InlineData("Lease-1 ", null)]
    [InlineData("Lease-1.0", null)]
    [InlineData("Lease-2147483648", null)]
    [InlineData("Lease-99999999999999999999", null)]
    public void Only_an_indexed_child_type_has_an_index(string type, int? index) => Assert.Equal(index, ConditionTypes.ChildIndex(type));

    [Fact]
    public void Every_index_comes_back_from_its_type()
    {
        for (var index = 0; index <= 10_000; index++)
        {
            Assert.Equal(index, ConditionTypes.ChildIndex(ConditionTypes.Child(ConditionTypes.Lease, index)));
            Assert.Equal(index, ConditionTypes.ChildIndex(ConditionTypes.Child(ConditionTypes.Pool, index)));
        }
    }

    [Fact]
    public void Every_reason_is_its_own_name_in_PascalCase()
    {
        var constants = typeof(Reasons).GetFields(BindingFlags.Public | BindingFlags.Static);

        Assert.True(constants.Length > 30);
        Assert.All(constants, static constant =>
        {
            Assert.True(constant.IsLiteral);
            Assert.Equal(constant.Name, constant.GetRawConstantValue());
            Assert.Matches("^([A-Z][a-z]+|CIDR)+$", constant.Name);
        });
        Assert.Equal(constants.Length, constants.Select(static constant => constant.GetRawConstantValue()).Distinct().Count());
    }

    static IReadOnlyList<Condition> List(Finding finding, long generation, DateTimeOffset now) => Array.Empty<Condition>().With([finding], generation, now);
}
