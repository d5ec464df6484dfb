using System.Text.Json.Nodes;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>
/// Keeps <c>metadata.managedFields</c>: who set which field. What clients make and change is tracked; what the server itself
/// writes is attributed only when somebody applies, so that it costs nothing before. After Kubernetes' field manager.
/// </summary>
static class FieldTracking
{
    /// <summary>The manager of the server's own writes, as far as anybody asks.</summary>
    public const string Server = "federation";

    /// <summary>The manager of all that was there before the first apply to an object that was not tracked.</summary>
    const string BeforeFirstApply = "before-first-apply";

    const string StatusPart = "f:status";
    const string StatusDoor = "status";

    /// <summary>What nobody can own: what names the object, and what the server alone writes.</summary>
    static readonly FieldSet Unowned = Paths("f:apiVersion", "f:kind", "f:metadata", "f:metadata/f:name", "f:metadata/f:namespace", "f:metadata/f:creationTimestamp", "f:metadata/f:selfLink",
        "f:metadata/f:uid", "f:metadata/f:generation", "f:metadata/f:managedFields", "f:metadata/f:resourceVersion", "f:metadata/f:deletionTimestamp", "f:metadata/f:deletionGracePeriodSeconds");

    /// <summary>The fields a client sets by making an object. Costs the writer nothing: asked for before the transaction.</summary>
    public static FieldsText OfNew(KindInfo kind, Resource wanted)
    {
        var json = ResourceJson.Write(wanted);
        return ObjectOutline.Find(kind, json, () =>
        {
            var fields = FieldTree.Compare(new JsonObject(), JsonNode.Parse(json), FieldShape.Of(kind.Type)).Added;
            return FieldsText.Of(Own(fields, kind, isStatus: false).ToJson());
        });
    }

    /// <summary>A new object with its first owner.</summary>
    public static Resource Made(Resource born, FieldsText fields, FieldOwner owner, DateTimeOffset now) =>
        born with { Metadata = born.Metadata with { ManagedFields = [OwnedFields.Entry(owner, fields, Second(now))] } };

    /// <summary>The next version of an object, after a write that was no apply, with its owners.</summary>
    /// <remarks>The status is its controllers', and not tracked before somebody applies to it: reconcilers write it all the time.</remarks>
    /// <param name="given">What the client sent as managedFields: one empty entry lets all be forgotten, a sound list replaces what is known.</param>
    public static Resource Updated(KindInfo kind, Resource before, Resource after, IReadOnlyList<ManagedFieldsEntry>? given, FieldOwner owner, DateTimeOffset now)
    {
        var isStatus = owner.Subresource.Length > 0;
        if (isStatus && before.Metadata.ManagedFields?.Any(static entry => entry.Subresource is StatusDoor) is not true) return after;
        if (!isStatus && given is [{ } only] && only.IsEmpty()) return after with { Metadata = after.Metadata with { ManagedFields = null } };
        var (known, entries) = Known(before, isStatus ? null : given);
        if (known.IsEmpty) return after with { Metadata = after.Metadata with { ManagedFields = null } };

        var changes = FieldTree.Compare(Tree(before), Tree(after), FieldShape.Of(kind.Type));
        var (written, removed) = (Own(changes.Written, kind, isStatus), Own(changes.Removed, kind, isStatus));
        if (written.IsEmpty && removed.IsEmpty) return after with { Metadata = after.Metadata with { ManagedFields = entries } };

        var taken = known.Taken(owner, written, removed);
        if (!written.IsEmpty) taken = taken.With(owner, taken.Of(owner).Union(written), Second(now), hasWritten: true);
        return after with { Metadata = after.Metadata with { ManagedFields = taken.ToEntries() } };
    }

    /// <summary>What an apply makes of an object: its fields merged, what its manager no longer wants and nobody else has removed, and who owns what then.</summary>
    /// <exception cref="ApiException">409 when others own what would change, unless <paramref name="force"/>.</exception>
    public static (JsonObject Merged, IReadOnlyList<ManagedFieldsEntry>? Owners) Applied(KindInfo kind, Resource? before, JsonObject config, FieldOwner owner, bool force, DateTimeOffset now)
    {
        var (shape, isStatus) = (FieldShape.Of(kind.Type), owner.Subresource.Length > 0);
        var there = before is null ? [] : Tree(before);
        var known = before is null ? OwnedFields.None : Attributed(kind, before, there, isStatus);
        var wanted = Own(FieldTree.Fields(config, shape), kind, isStatus);
        var next = known.With(owner, wanted, Second(now));
        var given = known.Of(owner).WithNamedParents(shape).Except(next.All.WithNamedParents(shape));
        var merged = (JsonObject?)FieldTree.Without(FieldTree.Merge(there, config, shape), given, shape) ?? [];

        var changes = FieldTree.Compare(there, merged, shape);
        var written = Own(changes.Written, kind, isStatus);
        if (!force) Refuse(next, owner, LastApplied.Excuses(before, owner.Manager, written, shape));
        var taken = next.Taken(owner, written, Own(changes.Removed, kind, isStatus));
        LastApplied.Renew(before, owner.Manager, config, merged);
        return (merged, taken.With(owner, wanted, Second(now), hasWritten: !written.IsEmpty || !changes.Removed.IsEmpty).ToEntries());
    }

    static void Refuse(OwnedFields owners, FieldOwner self, FieldSet written)
    {
        var conflicts = owners.Others(self).Select(other => (other.Owner, Paths: other.Fields.Intersect(written).Members().Select(FieldPath.ToText).ToList())).Where(static conflict => conflict.Paths.Count > 0).ToList();
        if (conflicts.Count > 0) throw ApiErrors.ApplyConflict(conflicts.SelectMany(static conflict => conflict.Paths.Select(path => (conflict.Owner.ToString(), path))).ToList());
    }

    /// <summary>Who owns what before an apply: where nobody was tracked, or the server wrote, that is made up for.</summary>
    static OwnedFields Attributed(KindInfo kind, Resource before, JsonObject there, bool isStatus)
    {
        var known = OwnedFields.Read(before.Metadata.ManagedFields);
        var all = FieldTree.Compare(new JsonObject(), there, FieldShape.Of(kind.Type)).Added;
        if (known.IsEmpty && !isStatus) known = known.With(new(BeforeFirstApply, ManagedFieldsOperation.Update, kind.ApiVersion, ""), Own(all, kind, isStatus: false), before.Metadata.CreationTimestamp);
        var unclaimed = Own(all, kind, isStatus: true).Except(known.All);
        return !isStatus || unclaimed.IsEmpty ? known : known.With(new(Server, ManagedFieldsOperation.Update, kind.ApiVersion, StatusDoor), unclaimed, before.Metadata.CreationTimestamp);
    }

    /// <summary>What is known of an object, or what a client says in its place.</summary>
    static (OwnedFields Owners, IReadOnlyList<ManagedFieldsEntry>? Entries) Known(Resource before, IReadOnlyList<ManagedFieldsEntry>? given)
    {
        var own = before.Metadata.ManagedFields;
        if (given is { Count: > 0 } && !ResourceJson.Same(given, own) && OwnedFields.Read(given) is { IsEmpty: false } said) return (said, said.ToEntries());
        return (OwnedFields.Read(own), own);
    }

    /// <summary>Of a set only what can be owned through this door of the object.</summary>
    static FieldSet Own(FieldSet fields, KindInfo kind, bool isStatus) =>
        (isStatus ? fields.Only(StatusPart) : kind.HasStatus ? fields.Without(StatusPart) : fields).Except(Unowned);

    static JsonObject Tree(Resource resource) =>
        JsonNode.Parse(ResourceJson.Write(resource with { Metadata = resource.Metadata with { ManagedFields = null } }))!.AsObject();

    static DateTimeOffset Second(DateTimeOffset moment) => moment.AddTicks(-(moment.Ticks % TimeSpan.TicksPerSecond));

    static FieldSet Paths(params ReadOnlySpan<string> paths)
    {
        var set = new FieldSet();
        foreach (var path in paths) set.Insert(path.Split('/'));
        return set;
    }
}
