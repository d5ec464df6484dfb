using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Federation.Domain.Plans;

namespace Federation.Resources;

[Description("A scope for names. A server that stands alone makes one for every object that names it.")]
[Kind("namespaces", KindScope.Cluster, Group = "", Version = "v1", KindName = "Namespace", ShortName = "ns", Category = "", NameIsLabel = true)]
[Column("Status", ".status.phase")]
[Column("Age", ".metadata.creationTimestamp", Type = "date")]
[SelectableField("status.phase")]
public sealed record NamespaceObject : Resource<NamespaceSpec, NamespaceStatus>
{
    /// <summary>There from the start; where objects are that name no namespace.</summary>
    public const string DefaultName = "default";

    /// <summary>The label by which selectors find a namespace of a name.</summary>
    const string NameLabel = "kubernetes.io/metadata.name";

    /// <summary>A namespace that is there because an object is in it. The uid follows from name and revision, so it is never given twice.</summary>
    public static NamespaceObject Implied(string name, long revision, DateTimeOffset now) => new NamespaceObject
    {
        Metadata = new()
        {
            Name = name,
            Uid = NameUuid.Of($"namespaces/{name}/{revision}").ToString(),
            CreationTimestamp = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond)),
        },
    }.Active();

    /// <summary>This namespace with what the server says of it.</summary>
    public NamespaceObject Active() => this with
    {
        Metadata = Metadata with { Labels = (Metadata.Labels ?? ImmutableSortedDictionary<string, string>.Empty).SetItem(NameLabel, Name) },
        Status = new() { Phase = "Active" },
    };
}

public sealed record NamespaceSpec
{
    [Description("Who must agree before the namespace goes; carried, not read.")]
    [MaxLength(64)]
    public IReadOnlyList<string>? Finalizers { get; init; }
}

public sealed record NamespaceStatus
{
    [Description("Active.")]
    public string? Phase { get; init; }
}
