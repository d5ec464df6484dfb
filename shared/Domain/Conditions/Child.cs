using System.Globalization;

namespace Federation.Domain.Conditions;

/// <summary>How far a child is, in the order in which a parent with too many speaks of them.</summary>
public enum ChildStage
{
    Unspecified = 0,

    /// <summary>It ought to be ready, and is not.</summary>
    Failing,

    /// <summary>It is being emptied, and will go.</summary>
    Going,

    /// <summary>It is being made.</summary>
    Coming,

    /// <summary>Its own condition Ready is True.</summary>
    Ready,
}

/// <summary>One direct child, as its parent speaks of it.</summary>
/// <param name="Index">Its number among its siblings, from 0; the child's own for as long as it lives.</param>
/// <param name="Name">Its name, for people.</param>
/// <param name="Stage">How far it is.</param>
/// <param name="Status">Of its own condition Ready.</param>
/// <param name="Reason">Of its own condition Ready: copied up while it is going or failing.</param>
/// <param name="Text">What is said of one that is going or failing, after its name: "is revoked".</param>
/// <param name="Details">How much of it is used: "40/256 addresses".</param>
public sealed record Child(int Index, string Name, ChildStage Stage, ConditionStatus Status, string Reason, string Text, string Details)
{
    /// <summary>The child's condition on its parent: an indexed one.</summary>
    public Finding Finding(ChildWords words) => Stage switch
    {
        ChildStage.Ready => new(Type(words), ConditionStatus.True, Reasons.Ready, $"{words.One} {Name} is ready ({Details})"),
        ChildStage.Coming => new(Type(words), ConditionStatus.False, Reasons.PartiallyReady, $"{words.One} {Name} is progressing ({Details})"),
        _ => new(Type(words), Status, Reason, $"{words.One} {Name} {Text} ({Details})"),
    };

    string Type(ChildWords words) => ConditionTypes.Child(words.Type, Index);
}

/// <summary>How an object speaks of its children.</summary>
/// <param name="Type">The stem of their condition types.</param>
/// <param name="One">One of them, at the beginning of a sentence.</param>
/// <param name="Many">Several of them.</param>
/// <param name="Parent">The object itself.</param>
public sealed record ChildWords(string Type, string One, string Many, string Parent)
{
    public static readonly ChildWords LeasesOfPool = new(ConditionTypes.Lease, "Lease", "leases", "pool");

    public static readonly ChildWords LeasesOfEdge = LeasesOfPool with { Parent = "edge" };

    public static readonly ChildWords PoolsOfPool = new(ConditionTypes.Pool, "Pool", "child pools", "pool");
}

/// <summary>How many children there are, by stage: exact, however many conditions speak of them.</summary>
public readonly record struct ChildTally(int Failing, int Going, int Coming, int Ready)
{
    public int Total => Failing + Going + Coming + Ready;

    /// <summary>The sum of the children as condition Ready of their parent.</summary>
    public Finding Finding(ChildWords words) => this switch
    {
        { Total: 0 } => No(Reasons.NoChildren, $"No {words.Many} found for this {words.Parent}"),
        { Failing: 0, Going: 0, Coming: 0 } => new(ConditionTypes.Ready, ConditionStatus.True, Reasons.AllReady, $"All {Number(Total)} {words.Many} are ready"),
        { Failing: 0, Going: 0, Ready: 0 } => No(Reasons.LeasesCreated, Share(words)),
        { Failing: 0 } => No(Reasons.LeasesScaling, Share(words)),
        { Ready: 0 } => No(Reasons.NotReady, $"No {words.Many} are ready"),
        _ => No(Reasons.PartiallyReady, Share(words)),
    };

    string Share(ChildWords words) => $"{Number(Ready)}/{Number(Total)} {words.Many} are ready";

    static string Number(int count) => count.ToString(CultureInfo.InvariantCulture);

    static Finding No(string reason, string message) => new(ConditionTypes.Ready, ConditionStatus.False, reason, message);
}
