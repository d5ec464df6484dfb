using Federation.Domain.Addressing;

namespace Federation.Domain.Plans;

/// <summary>What a plan is for. Numbers and names are stored: they keep their meaning.</summary>
public enum PlanKind { Unspecified = 0, AcquireLease, GrowLease, ReleaseLease }

/// <summary>One step of a plan.</summary>
public enum TaskType
{
    Unspecified = 0,
    RequestLease,
    RecordOffer,
    ConfirmLease,
    CreateChildPool,
    MarkReady,
    Drain,
    DeleteChildPool,
    AwaitGone,
    ReleaseLease,
}

/// <summary>How far a plan or a task is.</summary>
public enum PlanPhase { Unspecified = 0, Pending, Active, Complete, Failed }

/// <summary>
/// What an edge is doing about a pool claim, written down before any of it is done. Its parameters are frozen when it
/// is built: a later change of the spec does not alter a plan in flight.
/// </summary>
public sealed record Plan
{
    /// <summary>A fresh UUID; every task's id is derived from it.</summary>
    public required string Id { get; init; }

    public required PlanKind Kind { get; init; }

    public required PlanPhase Phase { get; init; }

    public required PlanParameters Parameters { get; init; }

    public required IReadOnlyList<PlanTask> Tasks { get; init; }

    /// <summary>The phase the pool claim gets when the plan fails for good; empty means none: it is tried again later.</summary>
    public string FailedPhase { get; init; } = "";

    /// <summary>Why and where the plan failed; only on a failed plan.</summary>
    public PlanFailure? Failure { get; init; }
}

/// <summary>What a plan was asked to achieve.</summary>
public sealed record PlanParameters
{
    public string? Pool { get; init; }

    public int? PrefixLength { get; init; }

    public Cidr? Cidr { get; init; }

    public string? LeaseId { get; init; }

    public long? LeaseEpoch { get; init; }

    public string? ChildPool { get; init; }
}

public sealed record PlanTask
{
    /// <summary>UUIDv5 of plan id, type and index: a retry keeps it, a new plan changes it.</summary>
    public required string Id { get; init; }

    public required TaskType Type { get; init; }

    public required PlanPhase Phase { get; init; }
}

public sealed record PlanFailure(int TaskIndex, string Reason, string Message);
