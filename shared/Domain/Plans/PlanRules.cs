using System.Diagnostics;
using Federation.Domain.Conditions;

namespace Federation.Domain.Plans;

/// <summary>
/// How plans are built and go on. A plan is written down before anything of it is done; each step answers a new plan,
/// and a step taken twice answers the same. What is frozen in a plan stays, whatever becomes of the claim's spec.
/// </summary>
public static class PlanRules
{
    /// <summary>The phase of a pool claim whose first block cannot be had.</summary>
    public const string ErrorPhase = "Error";

    /// <summary>A plan with nothing of it done.</summary>
    /// <param name="kind">What the plan is for.</param>
    /// <param name="planId">Never used before: the ids of the tasks follow from it.</param>
    /// <param name="parameters">Frozen with the plan.</param>
    public static Plan Build(PlanKind kind, string planId, PlanParameters parameters) => new()
    {
        Id = planId,
        Kind = kind,
        Phase = PlanPhase.Active,
        Parameters = parameters,
        Tasks = [.. TasksOf(kind).Select((type, index) => new PlanTask { Id = NameUuid.OfTask(planId, type, index), Type = type, Phase = PlanPhase.Pending })],
        FailedPhase = kind is PlanKind.AcquireLease ? ErrorPhase : null,
    };

    /// <summary>When a plan was made: its id is a version 7 UUID and begins with the moment (RFC 9562, 5.7). Null when it is not.</summary>
    public static DateTimeOffset? MadeAt(Plan plan) => Guid.TryParse(plan.Id, out var id) && id.Version == 7
        ? DateTimeOffset.FromUnixTimeMilliseconds(Convert.ToInt64(id.ToString("N")[..12], fromBase: 16))
        : null;

    /// <summary>What to do next; null when the plan is complete or has failed.</summary>
    public static PlanTask? Next(Plan plan) => IsTerminal(plan) ? null : plan.Tasks.FirstOrDefault(static task => task.Phase is not PlanPhase.Complete);

    public static bool IsTerminal(Plan plan) => plan.Phase is PlanPhase.Complete or PlanPhase.Failed;

    /// <summary>The plan with this task done. Tasks are done in order; one that was done before changes nothing.</summary>
    public static Plan Completed(Plan plan, PlanTask task)
    {
        var index = IndexOf(plan, task);
        if (plan.Tasks[index].Phase is PlanPhase.Complete) return plan;

        Invariant.Holds(Next(plan) == plan.Tasks[index]);
        return plan with
        {
            Phase = index == plan.Tasks.Count - 1 ? PlanPhase.Complete : PlanPhase.Active,
            Tasks = With(plan.Tasks, index, PlanPhase.Complete),
        };
    }

    /// <summary>The plan, given up for good at this task. A failed plan keeps its first failure.</summary>
    public static Plan Failed(Plan plan, int taskIndex, string reason, string message)
    {
        if (plan.Phase is PlanPhase.Failed) return plan;

        Invariant.Holds(plan.Phase is not PlanPhase.Complete);
        return plan with
        {
            Phase = PlanPhase.Failed,
            Tasks = taskIndex < plan.Tasks.Count ? With(plan.Tasks, taskIndex, PlanPhase.Failed) : plan.Tasks,
            Failure = new(taskIndex, reason, message),
        };
    }

    /// <summary>Where a task stands in its plan.</summary>
    public static int IndexOf(Plan plan, PlanTask task)
    {
        for (var index = 0; index < plan.Tasks.Count; index++)
        {
            if (plan.Tasks[index].Id == task.Id) return index;
        }

        throw new InvariantViolationException($"plan {plan.Id} has no task {task.Id}");
    }

    /// <summary>What the hub knows the lease of this plan by: the id of the task that asks for it. Null when the plan asks for none.</summary>
    public static string? RequestIdOf(Plan plan) => plan.Tasks.FirstOrDefault(static task => task.Type is TaskType.RequestLease)?.Id;

    /// <summary>
    /// What is wrong with a plan as it was read back: written by another version, or altered. Such a plan fails at once,
    /// for nobody can say what its tasks would do. Null when it is sound.
    /// </summary>
    public static PlanFailure? Defect(Plan plan)
    {
        if (plan.Kind is not (PlanKind.AcquireLease or PlanKind.GrowLease or PlanKind.ReleaseLease)) return Unsound(0, $"plan {plan.Id} is of an unknown kind");
        if (MissingParameter(plan) is { } missing) return Unsound(0, $"plan {plan.Id} has no {missing}");

        var expected = TasksOf(plan.Kind);
        for (var index = 0; index < Math.Max(expected.Length, plan.Tasks.Count); index++)
        {
            if (index >= expected.Length || index >= plan.Tasks.Count) return Unsound(index, $"plan {plan.Id} has {plan.Tasks.Count} tasks, not {expected.Length}");
            if (plan.Tasks[index].Type != expected[index]) return Unsound(index, $"task {index} of plan {plan.Id} is {plan.Tasks[index].Type}, not {expected[index]}");
            if (plan.Tasks[index].Id != NameUuid.OfTask(plan.Id, expected[index], index)) return Unsound(index, $"task {index} of plan {plan.Id} has a foreign id");
        }

        return null;
    }

    static TaskType[] TasksOf(PlanKind kind) => kind switch
    {
        PlanKind.AcquireLease or PlanKind.GrowLease =>
            [TaskType.RequestLease, TaskType.RecordOffer, TaskType.ConfirmLease, TaskType.CreateChildPool, TaskType.MarkReady],
        PlanKind.ReleaseLease => [TaskType.Drain, TaskType.DeleteChildPool, TaskType.AwaitGone, TaskType.ReleaseLease],
        _ => throw new UnreachableException(),
    };

    static string? MissingParameter(Plan plan) => (plan.Kind, plan.Parameters) switch
    {
        (PlanKind.ReleaseLease, { LeaseId: null }) => "lease id",
        (PlanKind.ReleaseLease, { LeaseEpoch: null }) => "lease epoch",
        (PlanKind.ReleaseLease, _) => null,
        (_, { Pool: null }) => "pool",
        _ => null,
    };

    static PlanFailure Unsound(int taskIndex, string message) => new(taskIndex, Reasons.Error, message);

    static PlanTask[] With(IReadOnlyList<PlanTask> tasks, int index, PlanPhase phase)
    {
        PlanTask[] renewed = [.. tasks];
        renewed[index] = renewed[index] with { Phase = phase };
        return renewed;
    }
}
