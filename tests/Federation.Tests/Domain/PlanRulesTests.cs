using Federation.Domain;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Domain.Plans;

namespace Federation.Tests.Domain;

public sealed class PlanRulesTests
{
    const string PlanId = "6f1c1a2e-0000-4000-8000-000000000001";

    static readonly PlanParameters Parameters = new() { Pool = "prod", PrefixLength = 24, LeaseId = "east-0", LeaseEpoch = 7, ChildPool = "block-x" };

    [Theory]
    [InlineData(PlanKind.AcquireLease, "RequestLease RecordOffer ConfirmLease CreateChildPool MarkReady", "Error")]
    [InlineData(PlanKind.GrowLease, "RequestLease RecordOffer ConfirmLease CreateChildPool MarkReady", null)]
    [InlineData(PlanKind.ReleaseLease, "Drain DeleteChildPool AwaitGone ReleaseLease", null)]
    public void A_plan_is_built_with_its_tasks_in_order_and_nothing_of_it_done(PlanKind kind, string tasks, string? failedPhase)
    {
        var plan = PlanRules.Build(kind, PlanId, Parameters);

        Assert.Equal(tasks, string.Join(' ', plan.Tasks.Select(static task => task.Type)));
        Assert.All(plan.Tasks, static task => Assert.Equal(PlanPhase.Pending, task.Phase));
        Assert.Equal((PlanId, kind, PlanPhase.Active, failedPhase, Parameters), (plan.Id, plan.Kind, plan.Phase, plan.FailedPhase, plan.Parameters));
        Assert.Null(plan.Failure);
        Assert.Null(PlanRules.Defect(plan));
    }

    [Fact]
    public void Task_ids_follow_from_plan_type_and_index_alone()
    {
        var plan = PlanRules.Build(PlanKind.AcquireLease, PlanId, Parameters);
        var again = PlanRules.Build(PlanKind.AcquireLease, PlanId, Parameters with { PrefixLength = 20 });
        var other = PlanRules.Build(PlanKind.AcquireLease, "6f1c1a2e-0000-4000-8000-000000000002", Parameters);

        Assert.Equal(Ids(plan), Ids(again));
        Assert.Empty(Ids(plan).Intersect(Ids(other)));
        Assert.Equal(5, Ids(plan).Distinct().Count());
        Assert.All(Ids(plan), static id => Assert.Equal('5', Guid.Parse(id).ToString()[14]));
    }

    [Fact]
    public void The_hub_knows_the_lease_by_the_id_of_the_task_that_asks_for_it()
    {
        var plan = PlanRules.Build(PlanKind.GrowLease, PlanId, Parameters);

        Assert.Equal(NameUuid.OfTask(PlanId, TaskType.RequestLease, 0), PlanRules.RequestIdOf(plan));
        Assert.Equal(PlanRules.RequestIdOf(plan), PlanRules.RequestIdOf(PlanRules.Completed(plan, plan.Tasks[0])));
        Assert.Null(PlanRules.RequestIdOf(PlanRules.Build(PlanKind.ReleaseLease, PlanId, Parameters)));
    }

    [Theory]
    [InlineData(PlanKind.AcquireLease)]
    [InlineData(PlanKind.GrowLease)]
    [InlineData(PlanKind.ReleaseLease)]
    public void A_plan_is_worked_off_task_by_task(PlanKind kind)
    {
        var plan = PlanRules.Build(kind, PlanId, Parameters);
        var done = new List<string>();

        while (PlanRules.Next(plan) is { } task)
        {
            Assert.Equal(PlanPhase.Active, plan.Phase);
            done.Add(task.Id);
            plan = PlanRules.Completed(plan, task);
        }

        Assert.Equal(Ids(plan), done);
        Assert.Equal(PlanPhase.Complete, plan.Phase);
        Assert.True(PlanRules.IsTerminal(plan));
        Assert.All(plan.Tasks, static task => Assert.Equal(PlanPhase.Complete, task.Phase));
    }

    [Fact]
    public void A_task_done_twice_is_done_once()
    {
        var plan = PlanRules.Build(PlanKind.AcquireLease, PlanId, Parameters);
        var task = plan.Tasks[0];

        var once = PlanRules.Completed(plan, task);

        Assert.Same(once, PlanRules.Completed(once, task));
        Assert.Equal(TaskType.RecordOffer, PlanRules.Next(once)?.Type);
        Assert.Equal(PlanPhase.Pending, plan.Tasks[0].Phase);
    }

    [Fact]
    public void A_task_out_of_order_or_of_another_plan_is_a_defect_of_the_caller()
    {
        var plan = PlanRules.Build(PlanKind.AcquireLease, PlanId, Parameters);
        var other = PlanRules.Build(PlanKind.AcquireLease, "6f1c1a2e-0000-4000-8000-000000000002", Parameters);
        var failed = PlanRules.Failed(plan, 0, Reasons.PoolNotFound, "pool prod not found");

        Assert.Throws<InvariantViolationException>(() => PlanRules.Completed(plan, plan.Tasks[1]));
        Assert.Throws<InvariantViolationException>(() => PlanRules.Completed(plan, other.Tasks[0]));
        Assert.Throws<InvariantViolationException>(() => PlanRules.Completed(failed, failed.Tasks[0]));
        Assert.Throws<InvariantViolationException>(() => PlanRules.Failed(Finished(plan), 0, Reasons.Error, "late"));
    }

    [Fact]
    public void A_failed_plan_says_where_and_why_and_goes_no_further()
    {
        var plan = PlanRules.Build(PlanKind.AcquireLease, PlanId, Parameters);
        plan = PlanRules.Completed(plan, plan.Tasks[0]);

        var failed = PlanRules.Failed(plan, 1, Reasons.PoolNotFound, "pool prod not found");
        var again = PlanRules.Failed(failed, 2, Reasons.Error, "another");

        Assert.Equal(PlanPhase.Failed, failed.Phase);
        Assert.Equal(new PlanFailure(1, Reasons.PoolNotFound, "pool prod not found"), failed.Failure);
        Assert.Equal([PlanPhase.Complete, PlanPhase.Failed, PlanPhase.Pending, PlanPhase.Pending, PlanPhase.Pending], failed.Tasks.Select(static task => task.Phase));
        Assert.Null(PlanRules.Next(failed));
        Assert.Same(failed, again);
        Assert.Null(PlanRules.Defect(failed));
    }

    [Fact]
    public void A_plan_nobody_can_follow_has_a_defect()
    {
        var plan = PlanRules.Build(PlanKind.AcquireLease, PlanId, Parameters);
        var release = PlanRules.Build(PlanKind.ReleaseLease, PlanId, Parameters);
        var strange = plan.Tasks.ToList();
        strange[2] = strange[2] with { Type = TaskType.Unspecified };
        var foreign = plan.Tasks.ToList();
        foreign[3] = foreign[3] with { Id = PlanId };

        Assert.Equal((2, "task 2 of plan P is Unspecified, not ConfirmLease"), Defect(plan with { Tasks = strange }));
        Assert.Equal((3, "task 3 of plan P has a foreign id"), Defect(plan with { Tasks = foreign }));
        Assert.Equal((4, "plan P has 4 tasks, not 5"), Defect(plan with { Tasks = [.. plan.Tasks.Take(4)] }));
        Assert.Equal((5, "plan P has 6 tasks, not 5"), Defect(plan with { Tasks = [.. plan.Tasks, plan.Tasks[0]] }));
        Assert.Equal((0, "plan P has 0 tasks, not 5"), Defect(plan with { Tasks = [] }));
        Assert.Equal((0, "plan P is of an unknown kind"), Defect(plan with { Kind = PlanKind.Unspecified }));
        Assert.Equal((0, "plan P is of an unknown kind"), Defect(plan with { Kind = (PlanKind)99 }));
        Assert.Equal((0, "plan P has no pool"), Defect(plan with { Parameters = new() { PrefixLength = 24 } }));
        Assert.Equal((0, "plan P has no lease id"), Defect(release with { Parameters = new() { LeaseEpoch = 7 } }));
        Assert.Equal((0, "plan P has no lease epoch"), Defect(release with { Parameters = new() { LeaseId = "east-0" } }));
    }

    [Fact]
    public void Parameters_stay_as_they_were_when_the_plan_was_built()
    {
        var wish = Parameters with { Cidr = Cidr.Parse("10.0.0.0/24") };
        var plan = PlanRules.Build(PlanKind.AcquireLease, PlanId, wish);

        var finished = Finished(plan);

        Assert.Equal(wish, finished.Parameters);
    }

    static Plan Finished(Plan plan)
    {
        while (PlanRules.Next(plan) is { } task) plan = PlanRules.Completed(plan, task);
        return plan;
    }

    static (int, string) Defect(Plan plan)
    {
        var defect = PlanRules.Defect(plan);
        Assert.Equal(Reasons.Error, defect?.Reason);
        return (defect!.TaskIndex, defect.Message.Replace(PlanId, "P", StringComparison.Ordinal));
    }

    static IEnumerable<string> Ids(Plan plan) => plan.Tasks.Select(static task => task.Id);
}
