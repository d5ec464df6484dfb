using System.ComponentModel;
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
    [Description("A fresh id; the ids of the tasks follow from it.")]
    public required string Id { get; init; }

    [Description("AcquireLease, GrowLease or ReleaseLease.")]
    public required PlanKind Kind { get; init; }

    [Description("How far it is.")]
    public required PlanPhase Phase { get; init; }

    [Description("What the plan was asked to achieve; frozen with it.")]
    public required PlanParameters Parameters { get; init; }

    [Description("The steps, in order.")]
    public required IReadOnlyList<PlanTask> Tasks { get; init; }

    /// <summary>The phase the pool claim gets when the plan fails for good; null means none: it is tried again later.</summary>
    [Description("The phase the claim gets when the plan fails for good; none when it is tried again.")]
    public string? FailedPhase { get; init; }

    /// <summary>Why and where the plan failed; only on a failed plan.</summary>
    [Description("Why and where the plan failed.")]
    public PlanFailure? Failure { get; init; }
}

/// <summary>What a plan was asked to achieve.</summary>
public sealed record PlanParameters
{
    [Description("The root pool.")]
    public string? Pool { get; init; }

    [Description("Size of the block.")]
    public int? PrefixLength { get; init; }

    [Description("A particular block.")]
    public Cidr? Cidr { get; init; }

    [Description("The lease to give back.")]
    public string? LeaseId { get; init; }

    [Description("Its epoch.")]
    public long? LeaseEpoch { get; init; }

    [Description("The child pool.")]
    public string? ChildPool { get; init; }
}

public sealed record PlanTask
{
    /// <summary>UUIDv5 of plan id, type and index: a retry keeps it, a new plan changes it.</summary>
    [Description("A fresh id; the ids of the tasks follow from it.")]
    public required string Id { get; init; }

    [Description("What the step does.")]
    public required TaskType Type { get; init; }

    [Description("How far it is.")]
    public required PlanPhase Phase { get; init; }
}

/// <summary>Where a plan was given up, and why.</summary>
public sealed record PlanFailure(
    [property: Description("Which step, from 0.")] int TaskIndex,
    [property: Description("Why, in one word.")] string Reason,
    [property: Description("Why, for people.")] string Message);
